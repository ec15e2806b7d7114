package import FluxFiles
package import FluxFormat

/// What was found, and put right, when a log was opened for writing.
package struct LogRecovery: Sendable, Equatable {
    /// The directory of what was cut off.
    package static let quarantineName = "quarantine"
    /// Ends the name of a copy that looks complete.
    package static let suspectSuffix = ".suspect"

    /// Where the log was cut.
    package let end: Position
    /// The bytes that stood behind, which no one was promised.
    package let tornByteCount: Int
    /// The copy of those bytes; a file of the same name and `.txt` tells of them.
    package let quarantinePath: String
    /// Whether they look complete: what a torn write leaves is zeros or short.
    package let isSuspect: Bool
    /// What did not verify.
    package let reason: String

    /// The loss in lines for a person.
    var report: String {
        """
        cut at: \(end)
        bytes: \(tornByteCount)
        kind: \(isSuspect ? "suspect: a frame looks complete and does not verify" : "torn: an unfinished write")
        reason: \(reason)
        """
    }
}

/// A log as who will write it finds it. Nothing of it is changed yet.
package struct UnopenedLog<Files: FileSystem>: Sendable {
    package let directory: LogDirectory<Files>
    /// What was found in a last segment that has no trailer at its end.
    package let tail: LogTail?
    /// Behind the last whole batch.
    package let end: Position
    /// The sequence of the first frame that was not found.
    package let nextFrameSequence: UInt64

    /// Makes sure that the disk has what is read, and walks the last segment. Damage is thrown.
    ///
    /// `evidence` is what is known of the log's end outside of it, as from an index.
    package init(
        _ directory: LogDirectory<Files>, evidence: LogEvidence = .none
    ) throws(LogError) {
        self.directory = directory
        if let damage = directory.damage.first { throw damage }
        if let later = directory.segments.first(where: { $0.header.writerFeatures != 0 }) {
            throw .unsupported(path: later.path, .unsupportedFeatures(later.header.writerFeatures))
        }
        let evidence = evidence.combined(with: directory.head?.evidence ?? .none)
        if let last = directory.last, last.trailer == nil {
            try Self.settle(last, in: directory)
            let tail = try LogTail(walking: last, evidence: evidence)
            if case .damaged(let error, let promised) = tail.rest { throw error.promised(promised.end) }
            if tail.end > SegmentHeader.byteCount {
                // The header was read before the cache was dropped. Without frames behind it, it is written anew.
                _ = try SegmentFile(
                    opening: last.name, in: directory.segmentDirectory, files: directory.files, access: .read)
            }
            self.tail = tail
            end = Position(segment: last.name.segment, offset: tail.end)
            nextFrameSequence = tail.nextFrameSequence
            return
        }
        let chain = directory.last.map(SegmentChain.init(behind:)) ?? .start
        tail = nil
        end = chain.previousEnd
        nextFrameSequence = chain.nextFrameSequence
        guard !evidence.isBeyond(end) else {
            throw .broken(
                path: directory.segmentDirectory,
                reason: "the log was stored durably up to \(evidence.end), and ends at \(end): files are missing")
        }
    }

    /// Lists a log, and opens it as it was found.
    package init(_ path: String, files: Files, evidence: LogEvidence = .none) throws(LogError) {
        try self.init(LogDirectory(path, files: files, access: .readWrite), evidence: evidence)
    }

    /// The store's id; `nil` in a log without segments, which gets one when it is opened.
    package var storeID: StoreID? { directory.last?.header.storeID ?? directory.head?.storeID }

    /// What the next segment goes on from, where none is gone on in.
    var chain: SegmentChain {
        guard let last = directory.last else { return .start }
        guard let trailer = tail.map(\.trailer) ?? last.trailer else { return SegmentChain(at: last) }
        return SegmentChain(trailer, end: end)
    }

    /// The number of the first segment; `nil` in a log without any.
    package var firstSegment: UInt32? { directory.segments.first?.name.segment }

    /// The sequence of the first frame of a log of which the front was dropped; 0 of any other.
    package var firstFrameSequence: UInt64 { directory.firstFrameSequence }

    /// What was written and not synced may be lost by the next crash, though it is read before: so it is synced. What a
    /// failed sync left in the cache must not be believed: so it is read from the disk.
    private static func settle(
        _ segment: SegmentFile<Files.File>, in directory: LogDirectory<Files>
    ) throws(LogError) {
        do throws(IOError) {
            try segment.file.sync()
            try directory.files.syncDirectory(directory.segmentDirectory)
        } catch {
            throw .io(error)
        }
        segment.file.dropCache()
    }
}

extension LogWriter {
    /// A log opened for writing.
    package struct Opened {
        package let writer: LogWriter
        package let recovery: LogRecovery?
    }

    /// Opens the log of a store for writing, and makes one where there is none.
    ///
    /// A torn tail is copied to `quarantine/`, cut off and sealed away. Damage is thrown and nothing is changed. The
    /// caller holds the store's lock.
    package static func open(
        _ path: String, files: Files, options: LogOptions, now: @escaping @Sendable () -> UInt64
    ) throws(LogError) -> Opened {
        try open(UnopenedLog(path, files: files), options: options, now: now)
    }

    /// Opens a log as it was found. `newStoreID` is for a log without segments; a random one where it is `nil`.
    ///
    /// Without room on the disk nothing is cut, and what is to be put right is done before the first write.
    package static func open(
        _ found: UnopenedLog<Files>, newStoreID: StoreID? = nil, options: LogOptions,
        now: @escaping @Sendable () -> UInt64
    ) throws(LogError) -> Opened {
        let writer = LogWriter(found, newStoreID: newStoreID, options: options, now: now)
        do throws(LogError) {
            try writer.finishRepair()
        } catch {
            guard case .noSpace = error else { throw error }
            options.observer?.note(.openedWithoutRoom)
        }
        return Opened(writer: writer, recovery: writer.recovery)
    }
}

extension SegmentChain {
    /// Goes on behind a sealed segment.
    init(behind segment: SegmentFile<some StoredFile>) {
        guard let trailer = segment.trailer else { preconditionFailure("goes on behind a segment that is not sealed") }
        self.init(trailer, end: segment.end)
    }

    /// Goes on behind a trailer.
    init(_ trailer: SegmentTrailer, end: Position) {
        self.init(
            nextSegment: end.segment + 1, previousEnd: end, lastFrameHash: trailer.lastFrameHash,
            nextFrameSequence: trailer.firstFrameSequence + UInt64(trailer.frameCount))
    }

    /// Makes a segment without frames anew.
    init(at segment: SegmentFile<some StoredFile>) {
        self.init(
            nextSegment: segment.name.segment, previousEnd: segment.header.previousEnd,
            lastFrameHash: segment.header.previousLastFrameHash,
            nextFrameSequence: segment.header.firstFrameSequence)
    }
}

extension LogError {
    /// The same damage with the place up to which the log was stored durably.
    func promised(_ end: Position) -> LogError {
        switch self {
        case .damaged(let path, let offset, let error):
            .lost(path: path, offset: offset, promisedEnd: end, error)
        default: self
        }
    }
}
