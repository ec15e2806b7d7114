import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog
import Glibc

/// The parts of a store, put together.
struct StoreOpening {
    let path: String
    let options: StoreOptions
    let files: PosixFileSystem
    let table: SegmentTable
    var warnings: [String] = []
    /// What the index knows of and the log has lost.
    var loss: String?
    var index: IndexSource
    var storeID: StoreID
    var storeSalt: UInt64
    var extent: LogExtent
    var writing: EventStore.Writing?

    private static func wallClock() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

extension StoreOpening {
    /// Takes the lock, repairs the log's tail, and brings the index up to it.
    static func forWriting(_ path: String, options: StoreOptions) throws(StoreError) -> StoreOpening {
        let files = PosixFileSystem()
        try StoreFolder(path: path, files: files).prepare()
        let lock = try StoreLock(path, files: files)
        let table = SegmentTable(path: path, files: files)
        var warnings: [String] = []
        let found = try find(path, files: files)
        let newStoreID = found.storeID == nil ? try IndexKeeper.owner(ofEmptyStore: path) : nil
        let log: LogWriter<PosixFileSystem>
        do throws(LogError) {
            let opened = try LogWriter.open(
                found, newStoreID: newStoreID,
                options: LogOptions(
                    segmentByteCountMax: options.segmentByteCountMax,
                    frameByteCountTarget: options.frameByteCountTarget),
                now: wallClock)
            log = opened.writer
            if let recovery = opened.recovery { warnings.append("\(path): \(recovery.warning)") }
        } catch {
            throw StoreError(error)
        }
        let extent = LogExtent(
            firstSegment: found.firstSegment, end: log.durableEnd, nextFrameSequence: log.durableNextFrameSequence)
        let keeper = IndexKeeper(path: path, storeID: log.storeID, table: table, files: files)
        let index = try keeper.open(reaching: extent, warnings: &warnings)
        let writer = StoreWriter(
            log: log, index: index, keeper: keeper, firstSegment: found.firstSegment, lock: lock)
        return StoreOpening(
            path: path, options: options, files: files, table: table, warnings: warnings,
            index: .file(IndexReaders(path: IndexKeeper.path(in: path), storeID: log.storeID)),
            storeID: log.storeID, storeSalt: log.storeSalt, extent: extent,
            writing: EventStore.Writing(writer: writer, thread: try WorkThread(name: "flux-writer")))
    }

    private static func list(
        _ path: String, files: PosixFileSystem
    ) throws(StoreError) -> LogDirectory<PosixFileSystem> {
        do throws(LogError) {
            return try LogDirectory(path, files: files, access: .read)
        } catch {
            throw StoreError(error)
        }
    }

    /// Finds the end of the log. Damage is thrown, with what the index knows of that is lost.
    private static func find(_ path: String, files: PosixFileSystem) throws(StoreError) -> UnopenedLog<PosixFileSystem>
    {
        do throws(LogError) {
            let directory = try LogDirectory(path, files: files, access: .readWrite)
            return try UnopenedLog(
                directory, evidence: IndexKeeper.evidence(in: path, of: directory.last?.header.storeID))
        } catch {
            throw StoreError(error)
        }
    }

    /// Finds the end of the log without changing it, and an index that reaches it.
    static func forReading(_ path: String, options: StoreOptions) throws(StoreError) -> StoreOpening {
        let files = PosixFileSystem()
        try StoreFolder(path: path, files: files).check()
        let isWriterAlive = StoreLock.isHeld(path, files: files)
        let directory = try list(path, files: files)
        let evidence = IndexKeeper.evidence(in: path, of: directory.last?.header.storeID)
        guard let found = try FoundLog(directory, isWriterAlive: isWriterAlive, evidence: evidence) else {
            _ = try IndexKeeper.owner(ofEmptyStore: path)
            return try empty(path, options: options, files: files)
        }
        let table = SegmentTable(path: path, files: files)
        var choice = IndexChoice(
            keeper: IndexKeeper(path: path, storeID: found.header.storeID, table: table, files: files))
        let source = try choice.choose(for: found, isWriterAlive: isWriterAlive)
        return StoreOpening(
            path: path, options: options, files: files, table: table, warnings: found.warnings + choice.warnings,
            loss: choice.loss, index: source, storeID: found.header.storeID, storeSalt: found.header.storeSalt,
            extent: found.extent, writing: nil)
    }

    /// A store to which nothing was ever appended.
    private static func empty(
        _ path: String, options: StoreOptions, files: PosixFileSystem
    ) throws(StoreError) -> StoreOpening {
        let storeID = StoreID(high: 0, low: 0)
        let index: MetadataIndex
        do throws(IndexError) {
            index = try MetadataIndex.open(path: nil, storeID: (high: 0, low: 0), access: .readWrite)
        } catch {
            throw StoreError(error)
        }
        return StoreOpening(
            path: path, options: options, files: files, table: SegmentTable(path: path, files: files),
            index: .memory(MemoryIndex(index)), storeID: storeID, storeSalt: 0,
            extent: LogExtent(segments: [], end: .zero, nextFrameSequence: 0), writing: nil)
    }
}

extension LogRecovery {
    /// The recovery as a line for a person.
    var warning: String {
        "an unfinished write of \(tornByteCount) bytes at \(end) was cut off (\(reason)); a copy is in \(quarantinePath)"
    }
}
