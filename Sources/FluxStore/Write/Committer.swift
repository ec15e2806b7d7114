import FluxFiles
import FluxFormat
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
    private var unsynced = UnsyncedBatches()
    /// The executions of a group, emptied and filled again for each.
    private var ids = ExecutionIDMap<Void>()
    var gathering = Gathering()

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
        let lag = published.lag
        if lag.isTooLong {
            monitor.noteIndexWait(lagFrameCount: lag.frameCount)
            return .lagging
        }
        table.forget(indexedThrough: lag.indexedSequence)
        let takenCount = take(now: now)
        let isOverdue = unsynced.since.map { now.since($0) >= options.syncDelayNanosecondsMax } ?? false
        if unsynced.isSyncAsked || isOverdue { sync(groupCount: takenCount) }
        monitor.noteStep(queueByteCount: queue.byteCount, indexLagFrameCount: published.lagFrameCount)
        if takenCount > 0 { return .ready }
        return .until(unsynced.since.map { $0 + options.syncDelayNanosecondsMax })
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

    /// Writes the batches that wait, as many as make a group, and returns their number. Holds none of them longer.
    private func take(now: MonotonicTime) -> Int {
        let taken = queue.take(byteCountMax: options.groupByteCountMax)
        write(taken, now: now)
        return taken.count
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

    /// Batches from `start` on that can be decided on together, no two of one execution, and those of them to be written.
    private func decide(_ group: [Submission], from start: Int) -> (isNext: [Submission], behind: Int) {
        var isNext: [Submission] = []
        isNext.reserveCapacity(group.count - start)
        ids.removeAll()
        for index in start..<group.count {
            let submission = group[index]
            guard ids.updateValue((), for: submission.batch.executionID) == nil else { return (isNext, index) }
            switch table.decide(submission.batch, known: submission.known) {
            case .append: isNext.append(submission)
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
            unsynced.add(retry: submission, outcome: .duplicate(lastFrame, .durable), end: end)
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
        monitor.noteGroup(written)
        table.note(submissions, written)
        unsynced.add(submissions, written, now: now)
        for (submission, batch) in zip(submissions, written) where submission.durability == .written {
            answer(submission, .stored(batch.position, .written))
        }
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
        let durable = unsynced.takeDurable(before: log.durableEnd)
        published.publish(
            durable.frames, end: LogEvidence(end: log.durableEnd, nextFrameSequence: log.durableNextFrameSequence))
        completer.add(durable.answers)
    }

    /// A sync failed: whether those batches are on the disk, no one can tell.
    private func abandonUnsynced(_ cause: StoreError) {
        monitor.notePoisoned(cause)
        let error = StoreError(
            .durabilityUnknown, "\(cause.message); what was written last may be stored or not; open the store again")
        completer.add(unsynced.abandon(error))
    }

    private func answer(_ submission: Submission, _ outcome: BatchOutcome) {
        completer.add([Completer.Answer(submission: submission, result: .success(outcome))])
    }
}

/// How groups are made.
struct CommitOptions: Sendable {
    /// Bytes that are taken from the queue at a time.
    var groupByteCountMax = 4 << 20
    /// Time after which what is written is synced though no one asks for it.
    var syncDelayNanosecondsMax: UInt64 = 50_000_000
}
