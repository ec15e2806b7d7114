/// What went wrong with an index.
package enum IndexError: Error, Equatable, Sendable {
    /// The file cannot be opened, or not in the way that was asked for.
    case cannotOpen(path: String, reason: String)
    /// The file is no sound database: it is to be renamed away and built again.
    case corrupt(path: String, reason: String)
    /// The file is a sound database, but not this store's index: it is to be renamed away and built again.
    case foreign(path: String, reason: ForeignReason)
    /// There is no room on the disk. What was applied before stays.
    case full(path: String)
    /// Another connection holds the lock for longer than the time that is waited.
    case busy(path: String)
    /// Anything else, as an error of the disk.
    case failed(path: String, reason: String)
    /// The page token does not belong to the list that it is used with.
    case foreignToken(ForeignToken)

    /// A histogram of so many buckets was asked for.
    case tooManyBuckets(UInt64)

    /// What a page token was made for.
    package enum ForeignToken: String, Equatable, Sendable {
        case otherStore = "made by another store"
        case otherQuery = "made for another query"
        case otherOrder = "made for the other order"
    }

    /// Whose a database is.
    package enum ForeignReason: Equatable, Sendable {
        /// The index of another store.
        case otherStore
        /// A schema that a later version wrote.
        case newerSchema(Int)
        /// A schema that an earlier version wrote.
        case olderSchema(Int)
        /// Not an index at all.
        case otherProgram
    }

    /// Whether the file should be renamed away, with its `-wal` and `-shm`, and built again from the log.
    package var asksForRebuild: Bool {
        switch self {
        case .corrupt, .foreign: true
        case .cannotOpen, .full, .busy, .failed, .foreignToken, .tooManyBuckets: false
        }
    }
}

extension IndexError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "\(path): cannot open the index: \(reason)"
        case .corrupt(let path, let reason): "\(path): the index is damaged: \(reason)"
        case .foreign(let path, let reason): "\(path): \(reason)"
        case .full(let path): "\(path): no space left for the index"
        case .busy(let path): "\(path): the index is in use by another process"
        case .failed(let path, let reason): "\(path): the index failed: \(reason)"
        case .tooManyBuckets(let count):
            "a histogram of \(count) buckets is over \(IndexLimit.bucketCountMax)"
        case .foreignToken(let other): "the page token was \(other.rawValue)"
        }
    }
}

extension IndexError.ForeignReason: CustomStringConvertible {
    /// A part of a line for a person.
    package var description: String {
        switch self {
        case .otherStore: "is the index of another store"
        case .newerSchema(let version): "has index schema \(version), which a later version wrote"
        case .olderSchema(let version): "has index schema \(version), which an earlier version wrote"
        case .otherProgram: "is a database of another program"
        }
    }
}
