import FluxLog

/// Batches that wait for the writer: bounded in bytes, first in, first out.
///
/// Bytes count from the moment a batch is taken in until it is written. An empty queue takes any batch.
final class CommitQueue: Sendable {
    private let state: Guarded<State>
    let byteCountMax: Int

    private struct State {
        var waiting: [Submission] = []
        /// Those before it are gone already; they are removed together.
        var first = 0
        var byteCount = 0
        var nextID: UInt64 = 0
        var blocked: [Blocked] = []
        var isClosed = false
        var isFlushAsked = false

        var count: Int { waiting.count - first }
    }

    /// Someone who waits for room.
    private struct Blocked {
        let id: UInt64
        let byteCount: Int
        let resume: @Sendable (Bool) -> Void
    }

    /// What became of an offer.
    enum Offer: Equatable {
        case taken
        case full
        case closed
    }

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
        state = Guarded(State())
    }

    /// A name for a submission.
    func makeID() -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    /// Takes a batch in where there is room.
    func offer(_ submission: Submission) -> Offer {
        let offer: Offer = state.withLock { state in
            guard !state.isClosed else { return .closed }
            guard state.byteCount == 0 || state.byteCount + submission.byteCount <= byteCountMax else { return .full }
            state.byteCount += submission.byteCount
            state.waiting.append(submission)
            return .taken
        }
        if offer == .taken { state.signal() }
        return offer
    }

    /// Calls `resume` once there may be room, with `true`, or with `false` when ``expire(_:)`` comes first.
    func waitForRoom(_ id: UInt64, byteCount: Int, _ resume: @escaping @Sendable (Bool) -> Void) {
        let isFree = state.withLock { state in
            if state.isClosed || state.byteCount == 0 || state.byteCount + byteCount <= byteCountMax { return true }
            state.blocked.append(Blocked(id: id, byteCount: byteCount, resume: resume))
            return false
        }
        if isFree { resume(true) }
    }

    /// Ends a wait for room.
    func expire(_ id: UInt64) {
        let blocked: Blocked? = state.withLock { state in
            state.blocked.firstIndex { $0.id == id }.map { state.blocked.remove(at: $0) }
        }
        blocked?.resume(false)
    }

    /// Removes a batch that the writer has not taken yet.
    func cancel(_ id: UInt64) -> Submission? {
        let cancelled: Submission? = state.withLock { state in
            guard let index = state.waiting[state.first...].firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiting.remove(at: index)
        }
        if let cancelled { release(cancelled.byteCount) }
        return cancelled
    }

    /// The batches that wait longest, up to so many bytes, and at least one where there is one.
    func take(byteCountMax: Int) -> [Submission] {
        state.withLock { state in
            var end = state.first
            var byteCount = 0
            while end < state.waiting.count {
                byteCount += state.waiting[end].byteCount
                guard end == state.first || byteCount <= byteCountMax else { break }
                end += 1
            }
            let taken = Array(state.waiting[state.first..<end])
            state.first = end
            if state.first == state.waiting.count {
                state.waiting.removeAll(keepingCapacity: true)
                state.first = 0
            } else if state.first > 1024 {
                state.waiting.removeFirst(state.first)
                state.first = 0
            }
            state.isFlushAsked = false
            return taken
        }
    }

    /// Gives back the room of batches that are written, or refused.
    func release(_ byteCount: Int) {
        guard byteCount > 0 else { return }
        let resumed: [Blocked] = state.withLock { state in
            state.byteCount -= byteCount
            var free = byteCountMax - state.byteCount
            var resumed: [Blocked] = []
            while let next = state.blocked.first, free >= next.byteCount || state.byteCount == 0 && resumed.isEmpty {
                free -= next.byteCount
                resumed.append(state.blocked.removeFirst())
            }
            return resumed
        }
        for blocked in resumed { blocked.resume(true) }
    }

    /// Bytes that are taken in and not written yet.
    var byteCount: Int { state.withLock(\.byteCount) }

    /// Lets nothing more in, and wakes the writer.
    func close() {
        let blocked: [Blocked] = state.withLock { state in
            state.isClosed = true
            defer { state.blocked = [] }
            return state.blocked
        }
        state.signal()
        for one in blocked { one.resume(true) }
    }

    /// Wakes the writer though nothing came.
    func flush() {
        state.withLock { $0.isFlushAsked = true }
        state.signal()
    }
}

extension CommitQueue {
    /// Waits for a batch, for ``flush()``, for the end, or for `deadline`; `false` once the queue is closed and empty.
    func waitForWork(until deadline: MonotonicTime?) -> Bool {
        state.wait(until: deadline) { state in
            if state.count > 0 || state.isFlushAsked { return true }
            return state.isClosed ? false : nil
        } ?? true
    }

    /// Waits until so many batches wait, the queue is closed, or `deadline`.
    func gather(count: Int, until deadline: MonotonicTime) {
        _ = state.wait(until: deadline) { state in
            state.count >= count || state.isClosed || state.isFlushAsked ? true : nil
        }
    }
}
