import FluxLog

/// Answers that wait to be given on a thread of their own: waking a thousand waiters in line would hold up the next sync.
///
/// That thread waits for no disk, so it looks after the writer as well.
final class Completer: Sendable {
    private let state: Guarded<State>

    private struct State {
        var answers: [Answer] = []
        var isClosed = false
        var watch: DiskWatch
    }

    /// Why ``work(_:)`` goes on.
    private enum Turn {
        case answers
        case look
        case end
    }

    init(slowNanoseconds: UInt64 = 1_000_000_000) {
        state = Guarded(State(watch: DiskWatch(slowNanoseconds: slowNanoseconds)))
    }

    /// What a submission is to be told.
    struct Answer: Sendable {
        let submission: Submission
        let result: SubmissionResult
    }

    /// Adds answers, to be given in order.
    func add(_ answers: [Answer]) {
        guard !answers.isEmpty else { return }
        state.withLock { state in
            if state.answers.isEmpty { state.answers = answers } else { state.answers += answers }
        }
        state.signal()
    }

    /// Gives the answers that wait; `false` where there are none.
    @discardableResult
    func runAll() -> Bool {
        var answers = state.withLock { state in
            defer { state.answers = [] }
            return state.answers
        }
        guard !answers.isEmpty else { return false }
        let waiting = answers.compactMap { $0.submission.answer($0.result) }
        // Whoever waits is the last to hold its batch: memory is best freed by the thread that goes on to need it.
        answers = []
        for caller in waiting { caller.resume() }
        return true
    }

    /// Gives answers until ``close()``, and those that wait then; `report` is told what takes long, while it does.
    func work(_ report: (DiskWatch.Report) -> Void = { _ in }) {
        var turn = Turn.look
        while turn != .end {
            if turn == .answers { runAll() }
            let look = state.withLock { $0.watch.look(now: .now) }
            if let slow = look.report { report(slow) }
            turn =
                state.wait(until: look.next) { state -> Turn? in
                    if !state.answers.isEmpty { return .answers }
                    if state.isClosed { return .end }
                    return look.next == nil && !state.watch.isAsleep ? .look : nil
                } ?? .look
        }
    }

    /// Ends ``work(_:)``.
    func close() {
        state.withLock { $0.isClosed = true }
        state.signal()
    }
}

extension Completer {
    /// The writer begins to wait for the disk.
    func begin(_ step: LogStep, now: MonotonicTime) {
        if state.withLock({ $0.watch.begin(step, now: now) }) { state.signal() }
    }

    /// It goes on.
    func end(now: MonotonicTime) -> DiskWatch.Ended? { state.withLock { $0.watch.end(now: now) } }
}
