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
        let opened: LogWriter<PosixFileSystem>.Opened
        let firstSegment: UInt32?
        do throws(LogError) {
            opened = try LogWriter.open(
                path, files: files,
                options: LogOptions(
                    segmentByteCountMax: options.segmentByteCountMax,
                    frameByteCountTarget: options.frameByteCountTarget),
                now: wallClock)
            firstSegment = try LogDirectory(path, files: files, access: .read).segments.first?.name.segment
        } catch {
            throw StoreError(error)
        }
        let log = opened.writer
        let table = SegmentTable(path: path, files: files)
        var warnings = opened.recovery.map { [$0.warning] } ?? []
        var index = try IndexKeeper.openForWriting(
            store: path, storeID: log.storeID, files: files, warnings: &warnings)
        let loss = LossReport(index: index, logEnd: log.durableEnd, nextFrameSequence: log.nextFrameSequence)
        if let warning = try loss.write(in: path, files: files) {
            warnings.append(warning)
            try IndexKeeper.putAway(store: path, files: files)
            index = try IndexKeeper.openForWriting(
                store: path, storeID: log.storeID, files: files, warnings: &warnings)
        }
        let writer = StoreWriter(
            log: log, index: index, table: table, firstSegment: firstSegment, lock: lock)
        try IndexKeeper.catchUp(index, to: writer.extent, table: table)
        return StoreOpening(
            path: path, options: options, files: files, table: table, warnings: warnings,
            index: .file(IndexReaders(path: IndexKeeper.path(in: path), storeID: log.storeID)),
            storeID: log.storeID, storeSalt: log.storeSalt, extent: writer.extent,
            writing: EventStore.Writing(writer: writer, thread: WorkThread(name: "flux-writer")))
    }
}

extension StoreOpening {
    /// Finds the end of the log without changing it, and an index that reaches it.
    static func forReading(_ path: String, options: StoreOptions) throws(StoreError) -> StoreOpening {
        let files = PosixFileSystem()
        try StoreFolder(path: path, files: files).check()
        let directory: LogDirectory<PosixFileSystem>
        do throws(LogError) {
            directory = try LogDirectory(path, files: files, access: .read)
        } catch {
            throw StoreError(error)
        }
        var warnings = directory.damage.map(\.description)
        guard let last = directory.segments.last else {
            if let damage = directory.damage.first { throw StoreError(damage) }
            return try empty(path, options: options, files: files)
        }
        let extent = try Self.extent(of: directory, last: last, warnings: &warnings)
        let table = SegmentTable(path: path, files: files)
        let source = try IndexChoice(path: path, storeID: last.header.storeID, extent: extent, table: table)
            .choose(files: files, warnings: &warnings)
        return StoreOpening(
            path: path, options: options, files: files, table: table, warnings: warnings, index: source,
            storeID: last.header.storeID, storeSalt: last.header.storeSalt, extent: extent, writing: nil)
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
            extent: LogExtent(segments: [], end: .zero, nextFrameSequence: 1), writing: nil)
    }

    private static func extent(
        of directory: LogDirectory<PosixFileSystem>, last: SegmentFile<PosixFile>, warnings: inout [String]
    ) throws(StoreError) -> LogExtent {
        let segments = directory.segments.map(\.name.segment)
        if let trailer = last.trailer {
            return LogExtent(
                segments: segments, end: last.end,
                nextFrameSequence: trailer.firstFrameSequence + UInt64(trailer.frameCount))
        }
        let tail: LogTail
        do throws(LogError) {
            tail = try LogTail(walking: last)
        } catch {
            throw StoreError(error)
        }
        switch tail.rest {
        case .nothing: break
        case .torn(let error):
            warnings.append("\(error): an unfinished write, which no one was promised; it is left out")
        case .damaged(let error, let promisedEnd):
            warnings.append(
                "\(error): bytes up to \(promisedEnd) were stored durably and are damaged; they are left out")
        }
        return LogExtent(
            segments: segments, end: Position(segment: last.name.segment, offset: tail.end),
            nextFrameSequence: tail.nextFrameSequence)
    }
}

extension LogRecovery {
    /// The recovery as a line for a person.
    var warning: String {
        "an unfinished write of \(tornByteCount) bytes at \(end) was cut off (\(reason)); a copy is in \(quarantinePath)"
    }
}
