import FluxFormat
import FluxIndex
import FluxLog

/// Batches that are written and not synced, in the order of the log, with their frames and what is to be answered.
struct UnsyncedBatches: ~Copyable {
    private var entries: [Entry] = []
    private var frames: [IndexedFrame] = []
    private var answers: [Completer.Answer] = []
    /// When the first of them was written.
    private(set) var since: MonotonicTime?

    private struct Entry {
        /// Frames to be published; 0 for a retry that waits for the first one's sync.
        let frameCount: Int
        let isAnswered: Bool
        let end: Position
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Whether someone waits for a sync.
    var isSyncAsked: Bool { !answers.isEmpty }

    /// Adds batches that were written.
    mutating func add(_ submissions: ArraySlice<Submission>, _ written: [WrittenBatch], now: MonotonicTime) {
        if since == nil { since = now }
        for index in written.indices { add(submissions[submissions.startIndex + index], written[index]) }
    }

    private mutating func add(_ submission: Submission, _ written: WrittenBatch) {
        let encoded = submission.batch.frames
        for (index, frame) in written.frames.enumerated() {
            frames.append(
                IndexedFrame(
                    header: frame.header, position: frame.position, generation: 0, metadata: encoded[index].metadata))
        }
        let isAnswered = submission.durability == .durable
        entries.append(Entry(frameCount: written.frames.count, isAnswered: isAnswered, end: written.end))
        guard isAnswered else { return }
        answers.append(
            Completer.Answer(submission: submission, result: .success(.stored(written.position, .durable))))
    }

    /// Adds a retry of a batch that is not durable yet.
    mutating func add(retry submission: Submission, outcome: BatchOutcome, end: Position) {
        entries.append(Entry(frameCount: 0, isAnswered: true, end: end))
        answers.append(Completer.Answer(submission: submission, result: .success(outcome)))
    }

    /// Takes out what is durable: frames to be published, and then answers to be given.
    mutating func takeDurable(before end: Position) -> (frames: [IndexedFrame], answers: [Completer.Answer]) {
        var entryCount = 0
        var frameCount = 0
        var answerCount = 0
        while entryCount < entries.count, entries[entryCount].end <= end {
            frameCount += entries[entryCount].frameCount
            if entries[entryCount].isAnswered { answerCount += 1 }
            entryCount += 1
        }
        entries.removeFirst(entryCount)
        if entries.isEmpty { since = nil }
        return (frames.removePrefix(frameCount), answers.removePrefix(answerCount))
    }

    /// Takes everything out: those who wait are told of the error.
    mutating func abandon(_ error: StoreError) -> [Completer.Answer] {
        defer { self = UnsyncedBatches() }
        return answers.map { Completer.Answer(submission: $0.submission, result: .failure(error)) }
    }
}

extension Array {
    /// Takes the first elements out, without a copy where those are all.
    fileprivate mutating func removePrefix(_ count: Int) -> [Element] {
        if count == self.count {
            defer { self = [] }
            return self
        }
        defer { removeFirst(count) }
        return Array(prefix(count))
    }
}
