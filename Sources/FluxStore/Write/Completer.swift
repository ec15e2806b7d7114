/// Answers that wait to be given on a thread of their own: waking a thousand waiters in line would hold up the next sync.
final class Completer: Sendable {
    private let state = Guarded(State())

    private struct State {
        var answers: [Answer] = []
        var isClosed = false
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
        let answers = state.withLock { state in
            defer { state.answers = [] }
            return state.answers
        }
        for answer in answers { answer.submission.answer(answer.result) }
        return !answers.isEmpty
    }

    /// Gives answers until ``close()``, and those that wait then.
    func work() {
        while state.wait({ !$0.answers.isEmpty ? true : $0.isClosed ? false : nil }) ?? false { runAll() }
    }

    /// Ends ``work()``.
    func close() {
        state.withLock { $0.isClosed = true }
        state.signal()
    }
}
