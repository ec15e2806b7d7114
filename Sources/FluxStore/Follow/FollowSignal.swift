import Synchronization

/// Wakes tasks that follow a log when more of it is durable, or the store is closed.
///
/// Nothing is handed over with it, so that a task which is slow holds up no one, and costs no memory.
final class FollowSignal: Sendable {
    private let state = Mutex(State())

    private struct State {
        /// Counts the changes.
        var version: UInt64 = 0
        var isClosed = false
        var nextNumber: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]

        /// Those that wait, who are to be resumed without the lock.
        mutating func takeAll() -> [CheckedContinuation<Void, Never>] {
            defer { waiting.removeAll() }
            return Array(waiting.values)
        }
    }

    /// What has changed so far, and whether nothing will any more.
    var current: (version: UInt64, isClosed: Bool) { state.withLock { ($0.version, $0.isClosed) } }

    /// More of the log is durable. Costs a lock where no one waits, and a microsecond for each who does.
    func wake() {
        let waiting = state.withLock { state in
            state.version += 1
            return state.waiting.isEmpty ? [] : state.takeAll()
        }
        for one in waiting { one.resume() }
    }

    /// Nothing changes behind this.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            return state.takeAll()
        }
        for one in waiting { one.resume() }
    }

    /// Waits until something has changed since, the store is closed, or the task is cancelled.
    func wait(past version: UInt64) async {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // The handler of a task that is cancelled already has found no one to resume.
                    guard state.version == version, !state.isClosed, !Task.isCancelled else { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }
}
