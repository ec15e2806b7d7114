import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// The parts of a store, put together.
struct StoreOpening {
    let path: String
    let options: StoreOptions
    let files: PosixFileSystem
    let table: SegmentTable<PosixFileSystem>
    var warnings: [String] = []
    /// What the index knows of and the log has lost.
    var loss: String?
    var view: IndexView<PosixFileSystem>
    var storeID: StoreID
    var storeSalt: UInt64
    var extent: LogExtent
    /// What is seen of a log that another process may write.
    var watch: HeadWatch?
    var writing: EventStore.Writing?
}

extension StoreOpening {
    /// Takes the lock, repairs the log's tail, and brings the index up to it.
    static func forWriting(
        _ path: String, options: StoreOptions, monitor: StoreMonitor
    ) throws(StoreError) -> StoreOpening {
        let files = PosixFileSystem()
        try StoreFolder(path: path, files: files).prepare()
        let lock = try StoreLock(path, files: files)
        let (found, applied) = try find(path, files: files)
        let newStoreID = found.storeID == nil ? try IndexKeeper.owner(ofEmptyStore: path) : nil
        var warnings: [String] = []
        let log: LogWriter<PosixFileSystem>
        var logOptions = LogOptions(
            segmentByteCountMax: options.segmentByteCountMax, frameByteCountTarget: options.frameByteCountTarget)
        logOptions.observer = monitor
        do throws(LogError) {
            let opened = try LogWriter.open(found, newStoreID: newStoreID, options: logOptions, now: WallClock.now)
            log = opened.writer
            if let recovery = opened.recovery { warnings.append("\(path): \(recovery.warning)") }
        } catch {
            throw StoreError(error)
        }
        var opening = StoreOpening(path, options: options, files: files, log: log, found: found)
        opening.warnings = warnings
        try opening.start(log, found, applied: applied, lock: lock, monitor: monitor)
        return opening
    }

    private init(
        _ path: String, options: StoreOptions, files: PosixFileSystem, log: LogWriter<PosixFileSystem>,
        found: UnopenedLog<PosixFileSystem>
    ) {
        self.path = path
        self.options = options
        self.files = files
        table = SegmentTable(found.directory, isMapping: options.mapsSealedSegments)
        storeID = log.storeID
        storeSalt = log.storeSalt
        extent = LogExtent(
            firstSegment: found.firstSegment, end: log.durableEnd, nextFrameSequence: log.durableNextFrameSequence,
            firstFrameSequence: found.firstFrameSequence)
        view = IndexView(source: .file(IndexReaders(path: IndexKeeper.path(in: path), storeID: log.storeID)))
    }

    /// Starts the threads that write.
    private mutating func start(
        _ log: LogWriter<PosixFileSystem>, _ found: UnopenedLog<PosixFileSystem>, applied: LogEvidence,
        lock: StoreLock, monitor: StoreMonitor
    ) throws(StoreError) {
        var engineOptions = EngineOptions()
        engineOptions.queueByteCountMax = options.queueByteCountMax
        let published = PublishedLog(opening: log, found, applied: applied, options: engineOptions.index)
        let readers = IndexReaders(path: IndexKeeper.path(in: path), storeID: storeID)
        view = IndexView(
            source: .file(readers), published: published, seals: SealLookup(table, extent: extent))
        let home = FileIndexHome(
            keeper: IndexKeeper(path: path, storeID: storeID, table: table, files: files),
            readers: readers, monitor: monitor)
        let engine = StoreEngine(log, published: published, home: home, options: engineOptions, monitor: monitor)
        let gate = AppendGate(
            queue: engine.queue, completer: engine.completer, path: path, timeout: options.queueTimeout,
            monitor: monitor)
        let meter = TenantMeter(options, path: path)
        writing = EventStore.Writing(
            threads: try StoreThreads(engine, lock: lock, follow: engine.indexer.work), gate: gate,
            published: published, home: home,
            lifecycle: Lifecycle(
                path: path, files: files, table: table, published: published,
                work: ThreadedWork(queue: engine.queue, published: published), meter: meter),
            meter: meter)
    }

    /// Finds the end of the log, and what the index holds of it. Damage is thrown.
    private static func find(
        _ path: String, files: PosixFileSystem
    ) throws(StoreError) -> (UnopenedLog<PosixFileSystem>, applied: LogEvidence) {
        do throws(LogError) {
            let directory = try LogDirectory(path, files: files, access: .readWrite)
            let applied = IndexKeeper.evidence(in: path, of: directory.last?.header.storeID)
            return (try UnopenedLog(directory, evidence: applied), applied)
        } catch {
            throw StoreError(error)
        }
    }

    /// Finds the end of the log without changing it, and an index that reaches it.
    static func forReading(_ path: String, options: StoreOptions) throws(StoreError) -> StoreOpening {
        let files = PosixFileSystem()
        try StoreFolder(path: path, files: files).check()
        let seen = try FoundLog.look(at: path, files: files)
        guard let found = seen.log else {
            return try empty(path, options: options, files: files, head: seen.head)
        }
        let table = SegmentTable(
            path: path, files: files, segments: found.segments, isMapping: options.mapsSealedSegments)
        var choice = IndexChoice(
            keeper: IndexKeeper(path: path, storeID: found.header.storeID, table: table, files: files),
            mayLock: true)
        let source = try choice.choose(for: found.extent, isWriterAlive: seen.isWriterAlive)
        let watch = HeadWatch(
            path, files: files, storeID: found.header.storeID, opened: found.extent, head: seen.head)
        let followed = FollowedIndex(source, watch: watch, table: table, files: files)
        return StoreOpening(
            path: path, options: options, files: files, table: table, warnings: found.warnings + choice.warnings,
            loss: choice.loss, view: IndexView(source: .followed(followed)), storeID: found.header.storeID,
            storeSalt: found.header.storeSalt,
            extent: found.extent, watch: watch, writing: nil)
    }

    /// A store to which nothing was ever appended.
    private static func empty(
        _ path: String, options: StoreOptions, files: PosixFileSystem, head: LogHead?
    ) throws(StoreError) -> StoreOpening {
        let storeID = StoreID(high: 0, low: 0)
        let index: MetadataIndex
        do throws(IndexError) {
            index = try MetadataIndex.open(path: nil, storeID: (high: 0, low: 0), access: .readWrite)
        } catch {
            throw StoreError(error)
        }
        let table = SegmentTable(path: path, files: files, isMapping: options.mapsSealedSegments)
        let extent = LogExtent(segments: [], end: .zero, nextFrameSequence: 0)
        let watch = HeadWatch(path, files: files, storeID: nil, opened: extent, head: head)
        let followed = FollowedIndex(.memory(MemoryIndex(index)), watch: watch, table: table, files: files)
        return StoreOpening(
            path: path, options: options, files: files, table: table, view: IndexView(source: .followed(followed)),
            storeID: storeID, storeSalt: 0, extent: extent, watch: watch, writing: nil)
    }
}

extension LogRecovery {
    /// The recovery as a line for a person.
    var warning: String {
        "an unfinished write of \(tornByteCount) bytes at \(end) was cut off (\(reason)); a copy is in \(quarantinePath)"
    }
}
