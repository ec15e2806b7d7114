package import FluxFiles
package import FluxFormat

/// The one writer of a log: stamps batches, writes them, syncs them, rolls segments.
///
/// Blocks on the disk, so it belongs to one thread of its own. Every batch is durable when ``append(_:)`` returns.
package final class LogWriter<Files: FileSystem> {
    /// Open executions whose last frame is remembered.
    private static var openExecutionCountMax: Int { 1 << 16 }

    package let storeID: StoreID
    package let storeSalt: UInt64
    private let files: Files
    private let directory: String
    private let options: LogOptions
    private let writerEpoch: UInt32
    private let now: @Sendable () -> UInt64
    private var active: ActiveSegment<Files.File>?
    /// Where the next segment begins when there is no active one.
    private var chain: SegmentChain
    /// Why nothing more may be written.
    private var poison: String?
    /// The last frames of executions that are still open, for the backward chain, which is a hint and may be cut.
    private var lastFrames: [ExecutionID: Position] = [:]

    init(
        files: Files, directory: String, options: LogOptions, storeID: StoreID, storeSalt: UInt64,
        writerEpoch: UInt32, chain: SegmentChain, active: ActiveSegment<Files.File>?,
        now: @escaping @Sendable () -> UInt64
    ) {
        self.files = files
        self.directory = directory
        self.options = options
        self.storeID = storeID
        self.storeSalt = storeSalt
        self.writerEpoch = writerEpoch
        self.chain = chain
        self.active = active
        self.now = now
    }

    /// The position behind the last durable batch.
    package var durableEnd: Position {
        active.map { Position(segment: $0.header.segment, offset: $0.end) } ?? chain.previousEnd
    }

    package var nextFrameSequence: UInt64 { active?.nextFrameSequence ?? chain.nextFrameSequence }

    /// Stores a batch durably: all of its frames or none.
    ///
    /// Throws `noSpace` with nothing changed; after any other failed write the writer is poisoned.
    package func append(_ batch: EncodedBatch) throws(LogError) -> [ScannedFrame] {
        if let poison { throw .poisoned(reason: poison) }
        let limit = FormatLimit.batchByteCountMax
        guard batch.byteCount <= limit else {
            throw .tooLarge(what: "a batch", byteCount: batch.byteCount, limit: limit)
        }
        if let active, active.hasFrames,
            active.end + batch.byteCount + active.sealByteCount > options.segmentByteCountMax
                || active.sealByteCount > SealBuilder.byteCountMax
        {
            try roll()
        }
        if active == nil { try beginSegment() }
        guard let active else { preconditionFailure("a writer without an active segment") }
        let last = lastFrames[batch.executionID] ?? .zero
        let frames: [ScannedFrame]
        do throws(SegmentWriteError) {
            frames = try active.write(batch.frames, durableEnd: durableEnd, previousFrameOfExecution: last)
        } catch {
            throw fail(error, restoring: active)
        }
        if lastFrames.count >= Self.openExecutionCountMax { lastFrames.removeAll() }
        lastFrames[batch.executionID] = batch.isLast ? nil : frames.last?.position
        return frames
    }

    /// Seals the active segment; the next batch begins another.
    package func roll() throws(LogError) {
        if let poison { throw .poisoned(reason: poison) }
        guard let active else { return }
        let encoder = FrameEncoder(storeSalt: storeSalt)
        do throws(SegmentWriteError) {
            chain = try active.writeSeal(encoder: encoder, durableEnd: durableEnd)
        } catch {
            throw fail(error, restoring: active)
        }
        self.active = nil
    }

    /// Forgets a segment without frames: it is begun anew, with another salt.
    func restart() throws(LogError) {
        active = nil
        try beginSegment()
    }

    /// Takes over the executions that the frames leave open.
    func adopt(_ frames: [ScannedFrame]) {
        for frame in frames where frame.header.frameKind == .events {
            let isLast = frame.header.flags.contains(.executionLast)
            lastFrames[frame.header.executionID] = isLast ? nil : frame.position
        }
    }

    private func beginSegment() throws(LogError) {
        guard chain.nextSegment <= FormatLimit.segmentMax else {
            throw .broken(path: directory, reason: "has no numbers left for another segment")
        }
        var generator = SystemRandomNumberGenerator()
        let header = SegmentHeader(
            storeID: storeID, segment: chain.nextSegment, segmentSalt: generator.next(), storeSalt: storeSalt,
            previousEnd: chain.previousEnd, previousLastFrameHash: chain.lastFrameHash,
            firstFrameSequence: chain.nextFrameSequence, createdAt: now(), writerEpoch: writerEpoch)
        let path = "\(directory)/\(SegmentName(segment: chain.nextSegment).fileName)"
        do throws(IOError) {
            // A file of this name is left over from a roll that failed before its header was durable.
            let file = try files.open(path, .createIfMissing)
            try file.truncate(to: 0)
            try file.write(header.encoded, at: 0)
            try file.sync()
            try files.syncDirectory(directory)
            active = ActiveSegment(file: file, header: header)
        } catch {
            if error.isNoSpace { throw .noSpace(path: error.path) }
            poison = "\(error)"
            throw .io(error)
        }
    }

    /// What a failed write or sync means. Bytes behind the end were never promised: they are cut off.
    private func fail(_ failure: SegmentWriteError, restoring segment: ActiveSegment<Files.File>) -> LogError {
        let error: IOError
        switch failure {
        case .write(let cause) where cause.isNoSpace: error = cause
        case .write(let cause), .sync(let cause):
            poison = "\(cause)"
            return .io(cause)
        }
        do throws(IOError) {
            try segment.file.truncate(to: segment.end)
        } catch {
            poison = "\(error)"
        }
        return .noSpace(path: error.path)
    }
}
