import CoreMetrics
import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog
import TestSupport

@testable import FluxStore

/// The part of a store that writes, on a disk that a test commands, with all that it tells.
///
/// Worked by the test itself, step by step, until ``start()``.
final class WatchedEngine {
    let folder: QuickFolder
    let disk = DiskScript()
    let metrics = TestMetrics()
    let log = TestLog()
    let engine: StoreEngine<HeldFiles>
    let monitor: StoreMonitor
    private let storeSalt: UInt64
    private let storeID: StoreID
    private var threads: StoreThreads<HeldFiles>?

    /// Limits under which little is much.
    struct Limits {
        var engine = EngineOptions()
        var log = LogOptions(segmentByteCountMax: 16 << 10, ballast: (1, 4096))
        var slow = Duration.milliseconds(1)
        var home: (any IndexHome)?
    }

    init(_ limits: Limits = Limits()) throws {
        folder = try QuickFolder()
        let path = folder.path
        let posix = PosixFileSystem()
        try StoreFolder(path: path, files: posix).prepare()
        let options = StoreOptions(logger: log.logger, slowSyncThreshold: limits.slow)
        let monitor = withMetricsFactory(metrics) { StoreMonitor(path, options: options) }
        self.monitor = monitor
        var logOptions = limits.log
        logOptions.observer = monitor
        let found = try UnopenedLog(path, files: HeldFiles(script: disk))
        let writer = try LogWriter.open(found, options: logOptions, now: { 1 }).writer
        storeSalt = writer.storeSalt
        storeID = writer.storeID
        let published = PublishedLog(opening: writer, found, applied: .none, options: limits.engine.index)
        let home = limits.home ?? Self.home(path, storeID, monitor)
        engine = StoreEngine(writer, published: published, home: home, options: limits.engine, monitor: monitor)
    }

    deinit {
        // A test that failed must not leave threads that hang.
        disk.release()
    }

    private static func home(_ path: String, _ storeID: StoreID, _ monitor: StoreMonitor) -> FileIndexHome {
        let files = PosixFileSystem()
        let keeper = IndexKeeper(
            path: path, storeID: storeID, table: SegmentTable(path: path, files: files), files: files)
        return FileIndexHome(keeper: keeper, readers: keeper.readers, monitor: monitor)
    }

    /// The index in the store's folder.
    var ownHome: any IndexHome { Self.home(folder.path, storeID, monitor) }

    /// Lets the store's own threads work.
    func start() throws {
        let lock = try StoreLock(folder.path, files: PosixFileSystem())
        threads = try StoreThreads(engine, lock: lock, follow: engine.indexer.work)
    }

    /// Ends them.
    func close() { threads?.close() }

    /// The way in for tasks.
    func gate(timeout: Duration = .seconds(60)) -> AppendGate {
        AppendGate(
            queue: engine.queue, completer: engine.completer, path: folder.path, timeout: timeout, monitor: monitor)
    }

    /// Executions of one batch each.
    func batch(_ seed: UInt64) throws -> EncodedBatch {
        let execution = Sample.execution(seed: seed, eventCount: 4)
        return try BatchEncoder.encode(
            EventBatch(
                executionID: execution.id, firstEvent: 0, events: execution.events, metadata: execution.metadata,
                isLast: true),
            encoder: FrameEncoder(storeSalt: storeSalt), frameByteCountTarget: 64 << 10)
    }

    /// One of them on its way to the writer.
    func submission(_ seed: UInt64) throws -> Submission {
        Submission(batch: try batch(seed), durability: .durable, known: .nothing)
    }

    /// Appends one of them on this thread; what the caller would be told, `nil` for nothing yet.
    func append(_ seed: UInt64) throws -> Result<BatchOutcome, StoreError>? {
        let submission = try submission(seed)
        _ = engine.queue.offer(submission)
        _ = engine.committer.step(now: .now)
        engine.completer.runAll()
        return submission.result
    }
}

extension KnownProgress {
    /// What is known of an execution that no one has seen.
    static let nothing = KnownProgress(progress: nil, throughSequence: 0)
}

extension Result where Success == BatchOutcome, Failure == StoreError {
    /// The code of the failure; `nil` for a success.
    var code: StoreError.Code? {
        if case .failure(let error) = self { return error.code }
        return nil
    }
}
