import FluxFiles
import FluxLog

/// A few threads that wait for a disk in place of tasks. They start when there is work, and end with the pool.
final class ReadPool: Sendable {
    /// Reads that wait for the disk at the same time.
    private static let threadCountMax = 4

    private let state = Guarded(State())

    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var threadCount = 0
        var idleCount = 0
        var isClosed = false
    }

    deinit {
        state.withLock { $0.isClosed = true }
        state.signal()
    }

    /// Runs `work` on a thread of the pool, and returns when it has ended. Where the system has no thread left it runs here.
    func run(_ work: @escaping @Sendable () -> Void) async {
        guard startThread() else { return work() }
        await withCheckedContinuation { continuation in
            state.withLock {
                $0.waiting.append {
                    work()
                    continuation.resume()
                }
            }
            state.signal()
        }
    }

    /// Makes sure that there is a thread; `false` where there can be none.
    private func startThread() -> Bool {
        let isWanted = state.withLock { state in
            let isWanted = state.idleCount <= state.waiting.count && state.threadCount < Self.threadCountMax
            if isWanted { state.threadCount += 1 }
            return isWanted
        }
        guard isWanted else { return true }
        let state = state
        let isStarted = (try? OwnedThread(name: "flux-read") { Self.work(state) }) != nil
        return isStarted
            || state.withLock { state in
                state.threadCount -= 1
                return state.threadCount > 0
            }
    }

    private static func work(_ state: Guarded<State>) {
        state.withLock { $0.idleCount += 1 }
        while true {
            let work = state.wait { state -> Work? in
                guard !state.waiting.isEmpty else { return state.isClosed ? .end : nil }
                state.idleCount -= 1
                return .run(state.waiting.removeFirst())
            }
            guard case .run(let run) = work else { return }
            run()
            state.withLock { $0.idleCount += 1 }
        }
    }

    private enum Work {
        case run(@Sendable () -> Void)
        case end
    }
}

extension StoredFile {
    /// Reads bytes so that the system has them in memory. What fails here fails again for who needs them.
    func warm(_ range: Range<Int>) {
        _ = try? read(byteCount: range.count, at: range.lowerBound)
    }
}
