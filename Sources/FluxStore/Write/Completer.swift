/// Calls that wait to be made on a thread of their own: waking a thousand waiters in line would hold up the next sync.
final class Completer: Sendable {
    private let state = Guarded(State())

    private struct State {
        var calls: [@Sendable () -> Void] = []
        var isClosed = false
    }

    /// Adds calls, to be made in order.
    func add(_ calls: [@Sendable () -> Void]) {
        guard !calls.isEmpty else { return }
        state.withLock { $0.calls.append(contentsOf: calls) }
        state.signal()
    }

    /// Makes the calls that wait; `false` where there are none.
    @discardableResult
    func runAll() -> Bool {
        let calls = state.withLock { state in
            defer { state.calls = [] }
            return state.calls
        }
        for call in calls { call() }
        return !calls.isEmpty
    }

    /// Makes calls until ``close()``, and those that wait then.
    func work() {
        while state.wait({ !$0.calls.isEmpty ? true : $0.isClosed ? false : nil }) ?? false { runAll() }
    }

    /// Ends ``work()``.
    func close() {
        state.withLock { $0.isClosed = true }
        state.signal()
    }
}
