import FluxFormat
import FluxIndex
import FluxLog

/// How far executions have come: those that the index does not hold yet, and as many others as there is room for.
///
/// Decides for each batch whether it is next. What is not here is as the caller looked it up, unless that was before
/// the last entry went.
struct ExecutionTable: ~Copyable {
    /// Executions that are kept once the index holds them.
    private static let indexedCountMax = 1 << 16

    private struct Entry {
        var progress: ExecutionProgress
        /// The sequence of its last frame.
        var lastSequence: UInt64
        /// Behind its last batch.
        var end: Position
        var isDeleted = false
    }

    private var entries = ExecutionIDMap<Entry>()
    /// The greatest last sequence of all entries that went.
    private var forgottenSequence: UInt64 = 0
    /// How often executions had been dropped together when the entries were last thrown away.
    private var expiryCount = 0

    /// What is to be done with a batch.
    enum Decision: Equatable {
        case append
        /// Stored before; `end` is behind its last batch, zero where that is known to be durable.
        case duplicate(lastFrame: Position, end: Position)
        case expected(UInt64)
        case finished(UInt64)
        case deleted
        case unknown
        case lookUpAgain
    }

    /// Decides on a batch.
    func decide(_ batch: EncodedBatch, known: KnownProgress) -> Decision {
        let entry = entries[batch.executionID]
        if entry == nil, known.throughSequence <= forgottenSequence, forgottenSequence > 0 { return .lookUpAgain }
        if known.expiryCount < expiryCount { return .lookUpAgain }
        let isDeleted = entry?.isDeleted ?? known.isDeleted
        if batch.isTombstone { return decideDeletion(entry, known, isDeleted: isDeleted) }
        if isDeleted { return .deleted }
        guard let progress = entry?.progress ?? known.progress else {
            return batch.firstEvent == 0 ? .append : .expected(0)
        }
        let batchEnd = batch.firstEvent + batch.eventCount
        let duplicate = Decision.duplicate(lastFrame: progress.lastFrame, end: entry?.end ?? .zero)
        if progress.isFinished {
            let isRetry = batch.isLast ? batchEnd == progress.nextEvent : batchEnd <= progress.nextEvent
            return isRetry ? duplicate : .finished(progress.nextEvent)
        }
        if batchEnd <= progress.nextEvent, !batch.isLast { return duplicate }
        return batch.firstEvent == progress.nextEvent ? .append : .expected(progress.nextEvent)
    }

    /// Deleting twice is a retry.
    private func decideDeletion(_ entry: Entry?, _ known: KnownProgress, isDeleted: Bool) -> Decision {
        let progress = entry?.progress ?? known.progress
        if isDeleted {
            return .duplicate(lastFrame: progress?.lastFrame ?? .zero, end: entry?.end ?? .zero)
        }
        return progress == nil ? .unknown : .append
    }

    /// Counts batches that were written.
    mutating func note(_ submissions: ArraySlice<Submission>, _ written: [WrittenBatch]) {
        for index in written.indices {
            note(submissions[submissions.startIndex + index].batch, written[index])
        }
    }

    private mutating func note(_ batch: EncodedBatch, _ written: WrittenBatch) {
        guard let last = written.frames.last else { return }
        let isDeleted = batch.isTombstone
        entries[batch.executionID] = Entry(
            progress: ExecutionProgress(
                nextEvent: batch.firstEvent + batch.eventCount, isFinished: batch.isLast, lastFrame: last.position),
            lastSequence: last.header.frameSequence, end: written.end, isDeleted: isDeleted)
    }

    /// Throws everything away: executions were dropped, so what was looked up before may be wrong. Everything that was
    /// written is published.
    mutating func forgetAll(expiryCount: Int) {
        entries.removeAll { entry in
            forgottenSequence = max(forgottenSequence, entry.lastSequence)
            return true
        }
        self.expiryCount = expiryCount
    }

    /// Forgets executions of which the index holds every frame, where there are too many.
    mutating func forget(indexedThrough sequence: UInt64) {
        guard entries.count > Self.indexedCountMax else { return }
        entries.removeAll { entry in
            guard entry.lastSequence < sequence else { return false }
            forgottenSequence = max(forgottenSequence, entry.lastSequence)
            return true
        }
    }
}
