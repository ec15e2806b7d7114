import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Takes batches from the queue to the log, and tells everyone when they are there.
///
/// One thread calls ``step(now:)`` again and again; tests call it from a schedule of their own. `@unchecked Sendable`:
/// handed to that thread once, and touched by no other.
final class Committer<Files: FileSystem>: @unchecked Sendable {
    private let log: LogWriter<Files>
    private let queue: CommitQueue
    private let completer: Completer
    private let published: PublishedLog
    private let options: CommitOptions
    private let monitor: StoreMonitor
    private var table = ExecutionTable()
    /// What is written and not synced, in the order of the log, and the frames of it.
    private var unsynced: [Unsynced] = []
    private var unsyncedFrames: [IndexedFrame] = []
    private var unsyncedSince: MonotonicTime?
    var gathering = Gathering()

    private struct Unsynced {
        let submission: Submission?
        /// What it is told once it is durable.
        let outcome: BatchOutcome
        /// Frames to be published; 0 for a retry that waits for the first one's sync.
        let frameCount: Int
        let end: Position
    }

    /// When to call again.
    enum Wait: Equatable {
        /// At once.
        case ready
        /// When a batch comes, or at this time.
        case until(MonotonicTime?)
        /// When the index has come closer.
        case lagging
    }

    init(
        log: LogWriter<Files>, queue: CommitQueue, completer: Completer, published: PublishedLog,
        options: CommitOptions, monitor: StoreMonitor
    ) {
        self.log = log
        self.queue = queue
        self.completer = completer
        self.published = published
        self.options = options
        self.monitor = monitor
    }

    /// Commits one group.
    func step(now: MonotonicTime) -> Wait {
        for errand in queue.takeErrands() { run(errand) }
        if published.isLagging {
            monitor.noteIndexWait(lagFrameCount: published.lagFrameCount)
            return .lagging
        }
        table.forget(indexedThrough: published.indexedSequence)
        let taken = queue.take(byteCountMax: options.groupByteCountMax)
        write(taken, now: now)
        let isAsked = unsynced.contains { $0.submission?.durability == .durable }
        let isOverdue = unsyncedSince.map { now.since($0) >= options.syncDelayNanosecondsMax } ?? false
        if isAsked || isOverdue { sync(groupCount: taken.count) }
        monitor.noteStep(queueByteCount: queue.byteCount, indexLagFrameCount: published.lagFrameCount)
        if !taken.isEmpty { return .ready }
        return .until(unsyncedSince.map { $0 + options.syncDelayNanosecondsMax })
    }

    /// Makes everything durable that was handed in, and closes the log.
    func finish(now: MonotonicTime) throws(LogError) {
        published.ignoreLag()
        while step(now: now) == .ready {}
        sync(groupCount: 0)
        try log.close()
        publish()
    }
}

extension Committer {
    /// Does work beside the batches. What was written before is durable and published then.
    private func run(_ errand: CommitErrand) {
        sync(groupCount: 0)
        do throws(LogError) {
            switch errand.work {
            case .drop(let start):
                try log.dropSegments(before: start.segment)
                published.begin(at: start)
            case .forgetExecutions: table.forgetAll(expiryCount: published.expiryCount)
            case .beginSegment: try log.beginNextSegment()
            }
            publish()
            errand.finish(.success(()))
        } catch {
            publish()
            errand.finish(.failure(StoreError(error)))
        }
    }

    /// Writes those batches of a group that are next; the others are answered.
    private func write(_ group: [Submission], now: MonotonicTime) {
        // A batch may only be next once another of the group is written, so they are decided on as they come.
        var start = 0
        while start < group.count {
            let end = decide(group, from: start)
            if end.isNext.isEmpty {
                start = end.behind
                continue
            }
            commit(end.isNext, now: now)
            start = end.behind
        }
        queue.release(group.reduce(0) { $0 + $1.byteCount })
    }

    /// Batches from `start` on that can be written together: no two of one execution.
    private func decide(_ group: [Submission], from start: Int) -> (isNext: [Submission], behind: Int) {
        var isNext: [Submission] = []
        var ids: Set<ExecutionID> = []
        for index in start..<group.count {
            let submission = group[index]
            if ids.contains(submission.batch.executionID) { return (isNext, index) }
            switch table.decide(submission.batch, known: submission.known) {
            case .append:
                ids.insert(submission.batch.executionID)
                isNext.append(submission)
            case .duplicate(let lastFrame, let end): answerRetry(submission, lastFrame: lastFrame, end: end)
            case .expected(let event): answer(submission, .expected(event))
            case .finished(let count): answer(submission, .finished(count))
            case .deleted: answer(submission, .deleted)
            case .unknown: answer(submission, .unknown)
            case .lookUpAgain: answer(submission, .lookUpAgain)
            }
        }
        return (isNext, group.count)
    }

    /// A retry is acknowledged once the first one has the durability that the retry asks for.
    private func answerRetry(_ submission: Submission, lastFrame: Position, end: Position) {
        if end <= log.durableEnd {
            answer(submission, .duplicate(lastFrame, .durable))
        } else if submission.durability < .durable {
            answer(submission, .duplicate(lastFrame, .written))
        } else {
            unsynced.append(
                Unsynced(
                    submission: submission, outcome: .duplicate(lastFrame, .durable), frameCount: 0, end: end))
        }
    }

    private func commit(_ submissions: [Submission], now: MonotonicTime) {
        var start = 0
        while start < submissions.count {
            let rest = submissions[start...]
            do throws(LogError) {
                let written = try log.write(rest.map(\.batch)[...])
                // A roll makes durable what was written before it.
                publish()
                take(rest.prefix(written.count), written, now: now)
                start += written.count
            } catch {
                // A roll before the failure has made durable what was written before.
                publish()
                let failure = StoreError(error)
                monitor.noteFailedWrite(failure)
                completer.add(rest.map { Completer.Answer(submission: $0, result: .failure(failure)) })
                if log.isPoisoned { abandonUnsynced(failure) }
                return
            }
        }
    }

    private func take(_ submissions: ArraySlice<Submission>, _ written: [WrittenBatch], now: MonotonicTime) {
        if unsyncedSince == nil { unsyncedSince = now }
        monitor.noteGroup(written)
        var answers: [Completer.Answer] = []
        for (submission, batch) in zip(submissions, written) {
            table.note(submission.batch, batch)
            for (frame, encoded) in zip(batch.frames, submission.batch.frames) {
                unsyncedFrames.append(
                    IndexedFrame(
                        header: frame.header, position: frame.position, generation: 0, metadata: encoded.metadata))
            }
            let position = batch.frames.first?.position ?? batch.end
            if submission.durability == .written {
                answers.append(
                    Completer.Answer(submission: submission, result: .success(.stored(position, .written))))
            }
            unsynced.append(
                Unsynced(
                    submission: submission.durability == .durable ? submission : nil,
                    outcome: .stored(position, .durable), frameCount: batch.frames.count, end: batch.end))
        }
        completer.add(answers)
    }

    private func sync(groupCount: Int) {
        guard log.hasUnsynced || !unsynced.isEmpty else { return }
        let start = MonotonicTime.now
        do throws(LogError) {
            try log.sync()
        } catch {
            abandonUnsynced(StoreError(error))
            return
        }
        let time = MonotonicTime.now.since(start)
        gathering.note(groupCount: groupCount, syncNanoseconds: time)
        publish()
    }

    /// Makes what is durable visible, then tells who waits for it.
    private func publish() {
        let count = unsynced.firstIndex { $0.end > log.durableEnd } ?? unsynced.count
        let durable = unsynced.removePrefix(count)
        published.publish(
            unsyncedFrames.removePrefix(durable.reduce(0) { $0 + $1.frameCount }),
            end: LogEvidence(end: log.durableEnd, nextFrameSequence: log.durableNextFrameSequence))
        completer.add(
            durable.compactMap { entry in
                entry.submission.map { Completer.Answer(submission: $0, result: .success(entry.outcome)) }
            })
        if unsynced.isEmpty { unsyncedSince = nil }
    }

    /// A sync failed: whether those batches are on the disk, no one can tell.
    private func abandonUnsynced(_ cause: StoreError) {
        monitor.notePoisoned(cause)
        let abandoned = unsynced
        unsynced = []
        unsyncedFrames = []
        unsyncedSince = nil
        let error = StoreError(
            .durabilityUnknown, "\(cause.message); what was written last may be stored or not; open the store again")
        completer.add(
            abandoned.compactMap { entry in
                entry.submission.map { Completer.Answer(submission: $0, result: .failure(error)) }
            })
    }

    private func answer(_ submission: Submission, _ outcome: BatchOutcome) {
        completer.add([Completer.Answer(submission: submission, result: .success(outcome))])
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

/// How groups are made.
struct CommitOptions: Sendable {
    /// Bytes that are taken from the queue at a time.
    var groupByteCountMax = 4 << 20
    /// Time after which what is written is synced though no one asks for it.
    var syncDelayNanosecondsMax: UInt64 = 50_000_000
}
