import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog
import Synchronization

/// What happened to a batch that was to be stored.
enum BatchOutcome: Sendable {
    case stored(Position)
    /// Every event of it was stored before.
    case duplicate
}

/// The writer's side of a store: log first, index behind it.
///
/// `@unchecked Sendable`: only jobs of the store's ``WorkThread`` touch it; ``isIndexBehind`` is atomic.
final class StoreWriter: @unchecked Sendable {
    private let log: LogWriter<PosixFileSystem>
    private let index: MetadataIndex
    private let keeper: IndexKeeper
    /// Set when the index could not take what the log holds; the next use tries again from the log.
    private let behind = Atomic(false)
    private let firstSegment: UInt32?
    /// Keeps other writers out; `nil` once the store is closed.
    private var lock: StoreLock?
    private var appliedSinceCheckpoint = 0

    /// Batches after which the index's write-ahead log is copied into its file.
    private static let checkpointBatchCount = 256

    init(
        log: LogWriter<PosixFileSystem>, index: MetadataIndex, keeper: IndexKeeper, firstSegment: UInt32?,
        lock: StoreLock
    ) {
        self.lock = lock
        self.log = log
        self.index = index
        self.keeper = keeper
        self.firstSegment = firstSegment
    }

    var extent: LogExtent {
        LogExtent(firstSegment: firstSegment, end: log.durableEnd, nextFrameSequence: log.durableNextFrameSequence)
    }

    /// Whether the index lacks something that the log holds. Any thread may ask.
    var isIndexBehind: Bool { behind.load(ordering: .acquiring) }

    /// Stores a batch, unless it is there already, and indexes it.
    func append(_ batch: EncodedBatch) throws(StoreError) -> BatchOutcome {
        guard lock != nil else { throw StoreError(.closed, "\(keeper.path): was closed; open it again to append") }
        guard try isNext(batch) else { return .duplicate }
        let frames: [ScannedFrame]
        do throws(LogError) {
            frames = try log.write([batch])[0].frames
            try log.sync()
            log.background.runAll()
        } catch {
            throw StoreError(error)
        }
        let indexed = zip(frames, batch.frames).map { frame, encoded in
            IndexedFrame(
                header: frame.header, position: frame.position, generation: 0, metadata: encoded.metadata?.value)
        }
        let extent = extent
        do throws(IndexError) {
            try index.apply(
                indexed, through: AppliedPosition(position: extent.end, nextFrameSequence: extent.nextFrameSequence))
            appliedSinceCheckpoint += 1
            if appliedSinceCheckpoint >= Self.checkpointBatchCount {
                appliedSinceCheckpoint = 0
                try index.checkpoint()
            }
        } catch {
            // The batch is durable, which is all that was promised; the index follows when it can.
            behind.store(true, ordering: .releasing)
        }
        return .stored(frames.first?.position ?? extent.end)
    }

    /// The extent with an index that holds all of it.
    func indexedExtent() throws(StoreError) -> LogExtent {
        try catchUp()
        return extent
    }

    /// Ends writing and lets another writer in.
    func close() {
        guard lock != nil else { return }
        defer { lock = nil }
        // What fails here is put right by the next opening.
        try? log.close()
        try? index.close()
    }

    /// Whether the execution's next event is the batch's first; `false` for a retry.
    private func isNext(_ batch: EncodedBatch) throws(StoreError) -> Bool {
        try catchUp()
        let progress: ExecutionProgress?
        do throws(IndexError) {
            progress = try index.progress(of: batch.executionID)
        } catch {
            throw StoreError(error)
        }
        let next = progress?.nextEvent ?? 0
        let end = batch.firstEvent + batch.eventCount
        if let progress, progress.isFinished || (end <= next && !batch.isLast) {
            guard batch.isLast ? end == next : end <= next else {
                throw StoreError(
                    .conflict, "execution \(batch.executionID) is finished with \(next) events; its id names it alone")
            }
            return false
        }
        guard batch.firstEvent == next else {
            throw StoreError(
                .conflict,
                "execution \(batch.executionID): the next event is \(next), not \(batch.firstEvent); send it from there"
            )
        }
        return true
    }

    private func catchUp() throws(StoreError) {
        guard isIndexBehind, lock != nil else { return }
        try keeper.catchUp(index, to: extent)
        behind.store(false, ordering: .releasing)
    }
}
