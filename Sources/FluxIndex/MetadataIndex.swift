import FluxFormat

/// What a connection to an index may do.
package enum IndexAccess: Sendable {
    /// Creates the file where it is missing, applies frames and makes checkpoints. One at a time for an
    /// index.
    case readWrite
    /// Only reads.
    case readOnly
}

/// The metadata of all executions of a store, derived from its log.
///
/// Used by one thread at a time, which it blocks while SQLite works. Nothing in it is missed when the file is
/// deleted: ``apply(_:through:)`` over the whole log makes it anew, with the same answers.
package final class MetadataIndex {
    let database: SQLiteDatabase
    let store: StoreID
    let access: IndexAccess
    var texts = TextCache()
    var facets = FacetCache()

    /// Opens the index of a store, or one in memory when `path` is `nil`.
    ///
    /// Throws ``IndexError/foreign(path:reason:)`` for a sound database that is not this store's index in
    /// this schema, and ``IndexError/corrupt(path:reason:)`` for what is no sound database; neither is
    /// changed. The caller renames it away, with its `-wal` and `-shm`, and opens a new one. A page that is
    /// damaged further in may show itself only in a later call. A reader of a file that is missing or still
    /// empty gets ``IndexError/cannotOpen(path:reason:)``.
    package static func open(
        path: String?, storeID: (high: UInt64, low: UInt64), access: IndexAccess
    ) throws(IndexError) -> MetadataIndex {
        let store = StoreID(high: storeID.high, low: storeID.low)
        let (database, state) = try look(at: path, access: access)
        if case .empty = state, access == .readOnly {
            throw .cannotOpen(path: database.path, reason: "it is not built yet")
        }
        try state.checkIsOurs(store: store, path: database.path)
        try database.configure(access: access, isInMemory: path == nil)
        if case .empty = state { try database.createSchema(store: store) }
        return MetadataIndex(database: database, store: store, access: access)
    }

    /// Of which store the index at `path` is, and how much of its log is applied; `nil` where none of this schema lies.
    package static func owner(
        at path: String
    ) throws(IndexError) -> (storeID: (high: UInt64, low: UInt64), applied: AppliedPosition)? {
        let (database, state) = try look(at: path, access: .readOnly)
        guard case .filled(_, Schema.version, _, let bytes?) = state, bytes.count == 16 else { return nil }
        let store = StoreID(loading: bytes.rawSpan, at: 0)
        let index = MetadataIndex(database: database, store: store, access: .readOnly)
        return ((store.high, store.low), try index.applied)
    }

    /// Opens a database and reads what stands in it. What cannot be read, as a folder, cannot be opened.
    private static func look(
        at path: String?, access: IndexAccess
    ) throws(IndexError) -> (SQLiteDatabase, SchemaState) {
        do throws(IndexError) {
            let database = try SQLiteDatabase(path: path, access: access)
            return (database, try SchemaState(of: database))
        } catch .failed(let path, let reason) {
            throw .cannotOpen(path: path, reason: reason)
        }
    }

    /// All of this index in memory, as its last transaction left it. More can be applied there. O(bytes of it).
    package func copyInMemory() throws(IndexError) -> MetadataIndex {
        let copy = try SQLiteDatabase(path: nil, access: .readWrite)
        try copy.copy(database)
        try copy.configure(access: .readWrite, isInMemory: true)
        return MetadataIndex(database: copy, store: store, access: .readWrite)
    }

    private init(database: SQLiteDatabase, store: StoreID, access: IndexAccess) {
        self.database = database
        self.store = store
        self.access = access
    }

    /// How much of the log is applied, as the last transaction of whichever connection left it.
    package var applied: AppliedPosition {
        get throws(IndexError) {
            let statement = try database.statement(
                "SELECT (SELECT v FROM meta WHERE k = ?1), (SELECT v FROM meta WHERE k = ?2)")
            let values: [SQLiteValue] = [.text(MetaKey.appliedPosition), .text(MetaKey.appliedSequence)]
            let applied = try statement.firstRow(values) { row throws(IndexError) in
                AppliedPosition(
                    position: Position(rawValue: try row.bits()), nextFrameSequence: try row.bits())
            }
            return applied ?? .zero
        }
    }

    /// Copies committed transactions from the write-ahead log into the file, as far as readers allow.
    ///
    /// Returns whether all of it was copied, so that the next transaction starts the write-ahead log over.
    /// Nothing else does this: without it the write-ahead log grows without end.
    @discardableResult
    package func checkpoint() throws(IndexError) -> Bool {
        precondition(access == .readWrite, "a checkpoint by a reader")
        return try database.checkpoint(truncating: false)
    }

    /// Makes a last checkpoint and empties the write-ahead log where no reader is in the way.
    ///
    /// The connection closes when the value goes; without this call that is like a crash, which loses
    /// nothing.
    package func close() throws(IndexError) {
        if access == .readWrite { _ = try database.checkpoint(truncating: true) }
    }

    /// Bytes of the database, without its write-ahead log.
    package func byteCount() throws(IndexError) -> UInt64 {
        let pages = try database.integer("PRAGMA page_count") ?? 0
        let pageByteCount = try database.integer("PRAGMA page_size") ?? 0
        return UInt64(clamping: pages) &* UInt64(clamping: pageByteCount)
    }
}
