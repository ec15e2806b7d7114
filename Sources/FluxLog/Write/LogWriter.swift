package import FluxFiles
package import FluxFormat

/// The one writer of a log: stamps batches, writes them in groups, syncs them, rolls segments.
///
/// Blocks on the disk, so it belongs to one thread of its own; ``background`` is worked by another. What is written is
/// durable once ``durableEnd`` has passed it.
package final class LogWriter<Files: FileSystem> {
    package let storeID: StoreID
    package let storeSalt: UInt64
    /// What is done beside the commits.
    package let background: LogBackground<Files>
    let files: Files
    /// The store's directory.
    let path: String
    let options: LogOptions
    let writerEpoch: UInt32
    let now: @Sendable () -> UInt64
    var active: ActiveSegment<Files.File>?
    /// Where the next segment begins when there is no active one.
    var chain: SegmentChain
    /// Why nothing more may be written.
    var poison: String?
    /// What is to be put right before anything is written.
    var repair: LogRepair<Files>?
    var staging = StagingBuffer()
    var head: HeadFile<Files.File>?
    private var lastFrames = LastFrames()
    /// Whether segments are begun with the feature of tombstones.
    var hasTombstones = false

    /// The position behind the last batch that is durable.
    package private(set) var durableEnd: Position
    /// The sequence of the first frame that is not durable yet.
    package private(set) var durableNextFrameSequence: UInt64
    private var durableFrameHash: UInt64

    /// Takes over a log as it was found.
    init(
        _ found: UnopenedLog<Files>, newStoreID: StoreID?, options: LogOptions, now: @escaping @Sendable () -> UInt64
    ) {
        let directory = found.directory
        let last = directory.last
        files = directory.files
        path = directory.path
        self.options = options
        self.now = now
        storeID = found.storeID ?? newStoreID ?? StoreID(bits: (options.random(), options.random()))
        storeSalt = last?.header.storeSalt ?? options.random()
        let epoch = last?.header.writerEpoch ?? 0
        writerEpoch = max(epoch, epoch &+ 1)
        hasTombstones = (last?.header.readerFeatures ?? 0) & SegmentHeader.tombstonesFeature != 0
        chain = found.chain
        repair = LogRepair(directory: directory, tail: found.tail)
        background = LogBackground(
            files: files, path: path, options: options, oldestSegment: found.firstSegment ?? 1,
            logByteCount: directory.segments.reduce(0) { $0 + $1.end.offset })
        durableEnd = found.end
        durableNextFrameSequence = found.nextFrameSequence
        durableFrameHash = found.tail?.lastFrameHash ?? chain.lastFrameHash
    }

    /// Whether a write or a sync failed, so that nothing more is written.
    package var isPoisoned: Bool { poison != nil }

    /// Whether something is written that is not synced.
    package var hasUnsynced: Bool { active.map { $0.endPosition > durableEnd } ?? false }

    /// What was done on opening; `nil` while there was no room for it, or where nothing was to be done.
    package internal(set) var recovery: LogRecovery?

    /// Stamps and writes as many of the batches as make one group of up to 4 MiB, at least one, and rolls before that
    /// when the segment has no room.
    ///
    /// Returns where those batches stand; they are not durable yet. Throws `noSpace` with nothing of the call stored, all
    /// else intact and the next call free to try; after any other failed write the writer is poisoned.
    package func write(_ batches: ArraySlice<EncodedBatch>) throws(LogError) -> [WrittenBatch] {
        precondition(!batches.isEmpty, "a group of no batches")
        let active = try segment(for: batches[batches.startIndex])
        var group = active.emptyGroup
        var last: [ExecutionID: Position] = [:]
        do throws(IOError) {
            let count = groupCount(batches, in: active)
            let taken = batches.prefix(count)
            let end = active.end + taken.reduce(0) { $0 + $1.byteCount }
            try active.reserve(end, options)
            for batch in taken {
                let previous = last[batch.executionID] ?? lastFrames[batch.executionID]
                try active.stage(
                    batch.frames, in: &group, &staging, durableEnd: durableEnd, previousFrameOfExecution: previous)
                // An execution in one batch leaves nothing to remember.
                if batch.isLast, previous == .zero { continue }
                last[batch.executionID] = batch.isLast ? .zero : group.frames.last?.position
            }
            try active.write(group, &staging, batches: taken)
        } catch {
            throw fail(.write(error), restoring: active)
        }
        lastFrames.take(last)
        if active.end > options.segmentByteCountMax / 2 { background.prepareSpare(active.header.segment + 1) }
        return group.batches.map { batch in
            WrittenBatch(
                frames: group.frames[batch.frames], end: Position(segment: active.header.segment, offset: batch.end))
        }
    }

    /// Makes everything written durable. A sync that fails poisons the writer, and is never tried again.
    package func sync() throws(LogError) {
        if let poison { throw .poisoned(reason: poison) }
        guard let active, hasUnsynced else { return }
        do throws(IOError) {
            try options.observer.during(.sync) { () throws(IOError) in try active.file.sync() }
        } catch {
            throw fail(.sync(error), restoring: active)
        }
        noteDurable(active)
    }

    /// Seals the active segment; the next batch begins another.
    package func roll() throws(LogError) {
        if let poison { throw .poisoned(reason: poison) }
        try finishRepair()
        try seal()
    }

    /// Seals the active segment as it stands.
    func seal() throws(LogError) {
        guard let active else { return }
        do throws(SegmentWriteError) {
            chain = try active.writeSeal(&staging, durableEnd: durableEnd)
        } catch {
            throw fail(error, restoring: active)
        }
        durableEnd = chain.previousEnd
        durableNextFrameSequence = chain.nextFrameSequence
        durableFrameHash = chain.lastFrameHash
        background.trim(active.file, to: active.end)
        self.active = nil
    }

    /// Ends writing in order: everything is synced, what was reserved is given back, and HEAD says so.
    ///
    /// Without it nothing is lost; the next opening then walks the last segment and begins another one.
    package func close() throws(LogError) {
        try sync()
        background.runAll()
        if let active { try trim(active) }
        do throws(IOError) {
            try background.removeSpares()
            try head?.write(headContent(.clean))
        } catch {
            throw LogError(error)
        }
    }

    private func trim(_ active: ActiveSegment<Files.File>) throws(LogError) {
        do throws(IOError) {
            try active.trim()
        } catch {
            throw LogError(error)
        }
        do throws(IOError) {
            try options.observer.during(.sync) { () throws(IOError) in try active.file.sync() }
        } catch {
            throw fail(.sync(error), restoring: active)
        }
    }
}

extension LogWriter {
    /// The segment that has room for a batch.
    private func segment(for batch: EncodedBatch) throws(LogError) -> ActiveSegment<Files.File> {
        if let poison { throw .poisoned(reason: poison) }
        let limit = FormatLimit.batchByteCountMax
        guard batch.byteCount <= limit else {
            throw .tooLarge(what: "a batch", byteCount: batch.byteCount, limit: limit)
        }
        try finishRepair()
        try background.reclaimBallast()
        if isFull(for: batch) || active == nil || lacksFeature(of: batch, active) {
            if batch.isTombstone { hasTombstones = true }
            try options.observer.during(.roll) { () throws(LogError) in
                if active != nil { try roll() }
                try beginSegment()
            }
        }
        guard let active else { preconditionFailure("a writer without an active segment") }
        return active
    }

    private func isFull(for batch: EncodedBatch) -> Bool {
        guard let active, active.hasFrames else { return false }
        return active.end + batch.byteCount > roomEnd(active) || isOld(active)
    }

    /// Behind the last byte that a batch may take; the seal needs the rest.
    private func roomEnd(_ active: ActiveSegment<Files.File>) -> Int {
        let sealByteCount = active.sealByteCount
        return sealByteCount <= SealBuilder.byteCountMax ? options.segmentByteCountMax - sealByteCount : 0
    }

    /// A reader that knows nothing of tombstones would show what is deleted: the segment's header keeps it out.
    private func lacksFeature(of batch: EncodedBatch, _ active: ActiveSegment<Files.File>?) -> Bool {
        guard batch.isTombstone, let active else { return false }
        return active.header.readerFeatures & SegmentHeader.tombstonesFeature == 0
    }

    private func isOld(_ active: ActiveSegment<Files.File>) -> Bool {
        let now = now()
        return now > active.header.createdAt && now - active.header.createdAt > options.segmentAgeNanosecondsMax
    }

    /// The batches that make one group: up to 4 MiB, in one segment, and at least one.
    private func groupCount(_ batches: ArraySlice<EncodedBatch>, in active: ActiveSegment<Files.File>) -> Int {
        let endMax = min(active.end + options.groupByteCountMax, roomEnd(active))
        var end = active.end
        var count = 0
        for batch in batches {
            end += batch.byteCount
            guard count == 0 || end <= endMax && !lacksFeature(of: batch, active) else { break }
            count += 1
        }
        return count
    }

    private func noteDurable(_ active: ActiveSegment<Files.File>) {
        durableEnd = active.endPosition
        durableNextFrameSequence = active.nextFrameSequence
        durableFrameHash = active.lastFrameHash
        // Evidence only: a slot that cannot be written leaves an older one.
        try? head?.writeLazily(headContent(.open))
    }

    /// What HEAD says at this moment.
    func headContent(_ state: HeadSlot.State) -> HeadFile<Files.File>.Content {
        HeadFile.Content(
            state: state, durableEnd: durableEnd, nextFrameSequence: durableNextFrameSequence,
            lastFrameHash: durableFrameHash, oldestSegment: background.oldestSegment)
    }

    /// Takes over the executions that the frames leave open.
    func adopt(_ frames: [ScannedFrame]) { lastFrames.adopt(frames) }

    /// The end of a log that was found in order, or put right.
    func resume(_ segment: ActiveSegment<Files.File>) {
        active = segment
        durableEnd = segment.endPosition
        durableNextFrameSequence = segment.nextFrameSequence
        durableFrameHash = segment.lastFrameHash
    }

    /// What a failed write or sync means. Bytes behind the end were never promised: the next group overwrites them.
    func fail(_ failure: SegmentWriteError, restoring segment: ActiveSegment<Files.File>) -> LogError {
        switch failure {
        case .write(let cause) where cause.isNoSpace:
            background.releaseBallast()
            do throws(IOError) {
                try segment.trim()
            } catch {
                poison = "\(error)"
            }
            return .noSpace(path: cause.path)
        case .write(let cause):
            poison = "\(cause)"
            return .io(cause)
        case .sync(let cause):
            poison = "\(cause)"
            // The best that can be done: who opens the log next must not believe the cache.
            try? head?.write(headContent(.poisoned))
            return .io(cause)
        }
    }
}

/// Where a batch stands in the log.
package struct WrittenBatch: Sendable {
    /// Its frames, in order; the batches of a call share their memory.
    package let frames: ArraySlice<ScannedFrame>
    /// Behind its last frame.
    package let end: Position

    /// Where its first frame lies.
    package var position: Position { frames.first?.position ?? end }
}

extension LogError {
    /// A call that failed, or a disk without room.
    init(_ error: IOError) {
        self = error.isNoSpace ? .noSpace(path: error.path) : .io(error)
    }
}
