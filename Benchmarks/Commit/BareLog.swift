import FluxFiles
import FluxFormat
import FluxIndex

@testable import FluxLog
@testable import FluxStore

/// A store's way from an append to the log, with no index behind it.
struct BareLog: Sendable {
    private let threads: StoreThreads<PosixFileSystem>
    private let gate: AppendGate
    private let published: PublishedLog
    private let encoder: FrameEncoder

    init(at path: String) throws {
        let files = PosixFileSystem()
        try StoreFolder(path: path, files: files).prepare()
        let lock = try StoreLock(path, files: files)
        let found = try UnopenedLog(LogDirectory(path, files: files, access: .readWrite))
        let log = try LogWriter.open(found, options: LogOptions(), now: { 1 }).writer
        let published = PublishedLog(opening: log, found, applied: .none, options: IndexOptions())
        let engine = StoreEngine(log, published: published, home: NoIndex(), options: EngineOptions())
        self.published = published
        encoder = FrameEncoder(storeSalt: log.storeSalt)
        gate = AppendGate(
            queue: engine.queue, completer: engine.completer, path: path, timeout: .seconds(30),
            monitor: engine.monitor)
        threads = try StoreThreads(engine, lock: lock) { Self.forget(published) }
    }

    func append(_ execution: Execution) async throws {
        var batches = try BatchEncoder(
            execution, encoder: encoder, frameByteCountTarget: FormatLimit.frameByteCountTarget)
        while let batch = batches.next() {
            let known = KnownProgress(progress: nil, throughSequence: published.end.nextFrameSequence)
            _ = try await gate.submit(batch, durability: .durable, known: known)
        }
    }

    func close() { threads.close() }

    /// Says of everything that the index holds it.
    private static func forget(_ published: PublishedLog) {
        published.noteCaughtUp(through: published.end.nextFrameSequence, greatestID: .none)
        while let groups = published.waitForGroups() { published.noteIndexed(groups) }
    }

    /// Never opened.
    private struct NoIndex: IndexHome {
        func open(reaching extent: LogExtent) throws(StoreError) -> MetadataIndex {
            throw StoreError(.invalid, "a log alone has no index")
        }
    }
}
