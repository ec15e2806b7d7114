package import FluxFiles
package import FluxFormat

/// What was found, and put right, when a log was opened for writing.
package struct LogRecovery: Sendable, Equatable {
    /// Where the log was cut.
    package let end: Position
    /// The bytes that stood behind, which no one was promised.
    package let tornByteCount: Int
    /// The copy of those bytes.
    package let quarantinePath: String
    /// What did not verify.
    package let reason: String
}

/// A log as who will write it finds it. Nothing is changed yet.
package struct UnopenedLog<Files: FileSystem>: Sendable {
    let directory: LogDirectory<Files>
    /// What was found in a last segment that is not sealed.
    let tail: LogTail?
    /// Behind the last whole batch.
    package let end: Position
    /// The sequence of the first frame that was not found.
    package let nextFrameSequence: UInt64

    /// Walks the last segment. Damage is thrown.
    package init(_ path: String, files: Files) throws(LogError) {
        directory = try LogDirectory(path, files: files, access: .readWrite)
        if let damage = directory.damage.first { throw damage }
        if let later = directory.segments.first(where: { $0.header.writerFeatures != 0 }) {
            throw .unsupported(path: later.path, .unsupportedFeatures(later.header.writerFeatures))
        }
        guard let last = directory.last, last.trailer == nil else {
            let chain = directory.last.map(SegmentChain.init(behind:)) ?? .start
            tail = nil
            end = chain.previousEnd
            nextFrameSequence = chain.nextFrameSequence
            return
        }
        let tail = try LogTail(walking: last)
        if case .damaged(let error, _) = tail.rest { throw error }
        self.tail = tail
        end = Position(segment: last.name.segment, offset: tail.end)
        nextFrameSequence = tail.nextFrameSequence
    }

    /// The store's id; `nil` in a log without segments, which gets one when it is opened.
    package var storeID: StoreID? { directory.last?.header.storeID }

    /// The number of the first segment; `nil` in a log without any.
    package var firstSegment: UInt32? { directory.segments.first?.name.segment }
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
    package static func open(
        _ found: UnopenedLog<Files>, newStoreID: StoreID? = nil, options: LogOptions,
        now: @escaping @Sendable () -> UInt64
    ) throws(LogError) -> Opened {
        let directory = found.directory
        guard let last = directory.last else {
            var generator = SystemRandomNumberGenerator()
            let writer = LogWriter(
                files: directory.files, directory: directory.segmentDirectory, options: options,
                storeID: newStoreID ?? StoreID(using: &generator), storeSalt: generator.next(), writerEpoch: 1,
                chain: .start,
                active: nil, now: now)
            return Opened(writer: writer, recovery: nil)
        }
        func writer(_ chain: SegmentChain, _ active: ActiveSegment<Files.File>?) -> LogWriter {
            LogWriter(
                files: directory.files, directory: directory.segmentDirectory, options: options,
                storeID: last.header.storeID, storeSalt: last.header.storeSalt,
                writerEpoch: max(last.header.writerEpoch, last.header.writerEpoch &+ 1), chain: chain,
                active: active, now: now)
        }
        guard let tail = found.tail else {
            return Opened(writer: writer(SegmentChain(behind: last), nil), recovery: nil)
        }
        let recovery = try recover(tail, of: last, in: directory)
        let active = ActiveSegment(last, tail: tail)
        let opened = writer(SegmentChain(at: last), active)
        opened.adopt(tail.frames)
        // Bytes of an interrupted batch were cut off. Nothing is written where they stood: old blocks may come back.
        if recovery != nil {
            if active.hasFrames { try opened.roll() } else { try opened.restart() }
        }
        return Opened(writer: opened, recovery: recovery)
    }

    /// Bytes of a torn tail that stand in memory at a time.
    private static var copyByteCount: Int { 1 << 20 }

    /// Makes what was walked durable, and cuts off what is torn.
    private static func recover(
        _ tail: LogTail, of segment: SegmentFile<Files.File>, in directory: LogDirectory<Files>
    ) throws(LogError) -> LogRecovery? {
        let reason: LogError
        switch tail.rest {
        case .damaged(let error, _): throw error
        case .nothing:
            // The next frame will promise that everything before it is synced.
            try sync(segment, in: directory)
            return nil
        case .torn(let error): reason = error
        }
        let name = "\(segment.name.fileName).\(tail.end)"
        let quarantine = "\(directory.path)/quarantine"
        do throws(IOError) {
            try directory.files.makeDirectory(quarantine)
            try directory.files.syncDirectory(directory.path)
            let copy = try directory.files.open("\(quarantine)/\(name)", .createIfMissing)
            try copy.truncate(to: 0)
            for offset in stride(from: tail.end, to: segment.byteCount, by: copyByteCount) {
                let byteCount = min(copyByteCount, segment.byteCount - offset)
                try copy.write(try segment.file.read(byteCount: byteCount, at: offset), at: offset - tail.end)
            }
            try copy.sync()
            try directory.files.syncDirectory(quarantine)
            try segment.file.truncate(to: tail.end)
        } catch {
            if error.isNoSpace { throw .noSpace(path: error.path) }
            throw .io(error)
        }
        try sync(segment, in: directory)
        return LogRecovery(
            end: Position(segment: segment.name.segment, offset: tail.end),
            tornByteCount: segment.byteCount - tail.end, quarantinePath: "\(quarantine)/\(name)",
            reason: "\(reason)")
    }

    private static func sync(
        _ segment: SegmentFile<Files.File>, in directory: LogDirectory<Files>
    ) throws(LogError) {
        do throws(IOError) {
            try segment.file.sync()
            try directory.files.syncDirectory(directory.segmentDirectory)
        } catch {
            throw .io(error)
        }
    }
}

extension SegmentChain {
    /// Goes on behind a sealed segment.
    init(behind segment: SegmentFile<some StoredFile>) {
        guard let trailer = segment.trailer else { preconditionFailure("goes on behind a segment that is not sealed") }
        self.init(
            nextSegment: segment.name.segment + 1, previousEnd: segment.end, lastFrameHash: trailer.lastFrameHash,
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
