import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// An embedded store of recorded executions: an append-only log, and an index over what is known of them in clear.
///
/// ```swift
/// let store = try EventStore.open(at: "captures")
/// try await store.append(execution)
/// let page = try store.executions(matching: ExecutionQuery(app: "shop"), limit: 50)
/// ```
///
/// One process writes, any number read beside it. Everything that ``append(_:)`` returned from is durable.
public final class EventStore: Sendable {
    /// The store's directory.
    public let path: String
    /// What was found on opening that a person should know: a tail that was cut off, an index that was built again,
    /// damage. Empty for a sound store.
    public let warnings: [String]

    let files: PosixFileSystem
    let table: SegmentTable
    let index: IndexSource
    let storeID: StoreID
    let storeSalt: UInt64
    let options: StoreOptions
    /// What the log had lost when the store was opened for reading.
    let loss: String?
    /// What a store that was opened for reading sees.
    let openedExtent: LogExtent
    /// The part that writes; `nil` in a store that only reads.
    let writing: Writing?

    /// The writer, and the thread on which it works.
    struct Writing: Sendable {
        let writer: StoreWriter
        let thread: WorkThread
    }

    init(_ opening: consuming StoreOpening) {
        path = opening.path
        warnings = opening.warnings
        loss = opening.loss
        files = opening.files
        table = opening.table
        index = opening.index
        storeID = opening.storeID
        storeSalt = opening.storeSalt
        options = opening.options
        openedExtent = opening.extent
        writing = opening.writing
    }

    /// Opens a store, and makes one where the options allow it and there is none.
    ///
    /// Walks the last segment once; the others are not read. Throws ``StoreError`` with a code that tells what to do.
    public static func open(at path: String, options: StoreOptions = StoreOptions()) throws(StoreError) -> EventStore {
        switch options.access {
        case .readWrite: EventStore(try StoreOpening.forWriting(path, options: options))
        case .readOnly: EventStore(try StoreOpening.forReading(path, options: options))
        }
    }

    /// Ends writing in order: the index is brought into its file, and the lock is released. Reading goes on, and
    /// appending throws `closed`. Without it nothing is lost.
    public func close() async {
        guard let writing else { return }
        await writing.thread.run { writing.writer.close() }
    }

    /// Reads the index, which first takes what it could not take when it was appended.
    func readIndex<Value>(
        _ body: (MetadataIndex) throws(IndexError) -> Value
    ) throws(StoreError) -> Value {
        if let writing, writing.writer.isIndexBehind {
            // Rare: the disk was full, or another process held the index. Answering without it would be wrong.
            _ = try writing.thread.runAndWait { Result { () throws(StoreError) in try writing.writer.indexedExtent() } }
                .get()
        }
        return try index.read(body)
    }

    /// Everything durable at this moment.
    func extent() async throws(StoreError) -> LogExtent {
        guard let writing else { return openedExtent }
        let result = await writing.thread.run { Result { () throws(StoreError) in try writing.writer.indexedExtent() } }
        return try result.get()
    }
}
