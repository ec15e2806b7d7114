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
        /// Batches for which the writer waits; 0 while it does not.
        var wantedCount = 0
        var blocked: [Blocked] = []
        var errands: [CommitErrand] = []
        var isClosed = false

        var count: Int { waiting.count - first }

        /// Takes those in whose turn has come: the first ones, as far as there is room.
        mutating func admit(byteCountMax: Int) -> [Blocked] {
            let count = blocked.firstIndex { !take($0.submission, byteCountMax: byteCountMax) } ?? blocked.count
            defer { blocked.removeFirst(count) }
            return Array(blocked.prefix(count))
        }

        /// Takes a batch in; `false` where there is no room for it.
        mutating func take(_ submission: Submission, byteCountMax: Int) -> Bool {
            guard byteCount == 0 || byteCount + submission.byteCount <= byteCountMax else { return false }
            byteCount += submission.byteCount
            waiting.append(submission)
            return true
        }

        /// Whether the writer is to be woken: once for what it waits for.
        mutating func takeWanted() -> Bool {
            guard wantedCount > 0, count >= wantedCount else { return false }
            wantedCount = 0
            return true
        }
    }

    /// A batch that waits for room.
    private struct Blocked {
        let submission: Submission
        let resume: @Sendable (Offer) -> Void
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

    /// Takes a batch in where there is room and no other waits for it.
    func offer(_ submission: Submission) -> Offer {
        let (offer, isWanted): (Offer, Bool) = state.withLock { state in
            guard !state.isClosed else { return (.closed, false) }
            guard state.blocked.isEmpty, state.take(submission, byteCountMax: byteCountMax) else {
                return (.full, false)
            }
            return (.taken, state.takeWanted())
        }
        if isWanted { state.signal() }
        return offer
    }

    /// Takes a batch in when there is room and its turn has come, and calls `resume` once: with `full` where
    /// ``expire(_:)`` came first.
    func waitForRoom(_ submission: Submission, _ resume: @escaping @Sendable (Offer) -> Void) {
        let offer: Offer? = state.withLock { state in
            guard !state.isClosed else { return .closed }
            if state.blocked.isEmpty, state.take(submission, byteCountMax: byteCountMax) { return .taken }
            state.blocked.append(Blocked(submission: submission, resume: resume))
            return nil
        }
        guard let offer else { return }
        if offer == .taken { state.signal() }
        resume(offer)
    }

    /// Ends a wait for room.
    func expire(_ submission: Submission) {
        let expired: Blocked? = state.withLock { state in
            state.blocked.firstIndex { $0.submission === submission }.map { state.blocked.remove(at: $0) }
        }
        guard let expired else { return }
        expired.resume(.full)
        // There may be room for the next, which is smaller.
        admit()
    }

    /// Removes a batch; `false` where the writer has taken it.
    func cancel(_ submission: Submission) -> Bool {
        let isCancelled = state.withLock { state in
            guard let index = state.waiting[state.first...].firstIndex(where: { $0 === submission }) else {
                return false
            }
            state.waiting.remove(at: index)
            return true
        }
        if isCancelled { release(submission.byteCount) }
        return isCancelled
    }

    /// The batches that wait longest, up to so many bytes, and at least one where there is one; fewer where that would
    /// hold up a small one, see ``ArraySlice/fairCount``.
    func take(byteCountMax: Int) -> [Submission] {
        state.withLock { state in
            state.wantedCount = 0
            var end = state.first
            var byteCount = 0
            while end < state.waiting.count {
                byteCount += state.waiting[end].byteCount
                guard end == state.first || byteCount <= byteCountMax else { break }
                end += 1
            }
            end = state.first + state.waiting[state.first..<end].fairCount
            let taken = Array(state.waiting[state.first..<end])
            state.first = end
            if state.first == state.waiting.count {
                state.waiting.removeAll(keepingCapacity: true)
                state.first = 0
            } else if state.first > 1024 {
                state.waiting.removeFirst(state.first)
                state.first = 0
            }
            return taken
        }
    }

    /// Gives back the room of batches that are written, or refused.
    func release(_ byteCount: Int) {
        state.withLock { $0.byteCount -= byteCount }
        admit()
    }

    private func admit() {
        let admitted = state.withLock { $0.admit(byteCountMax: byteCountMax) }
        guard !admitted.isEmpty else { return }
        state.signal()
        for one in admitted { one.resume(.taken) }
    }

    /// Adds work beside the batches; `false` once the queue is closed.
    func add(_ errand: CommitErrand) -> Bool {
        let isTaken = state.withLock { state in
            if !state.isClosed { state.errands.append(errand) }
            return !state.isClosed
        }
        state.signal()
        return isTaken
    }

    /// The work that waits beside the batches, in order.
    func takeErrands() -> [CommitErrand] {
        state.withLock { state in
            defer { state.errands = [] }
            return state.errands
        }
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
        for one in blocked { one.resume(.closed) }
    }
}

extension CommitQueue {
    /// Waits for a batch, for the end, or for `deadline`; `false` once the queue is closed and empty.
    func waitForWork(until deadline: MonotonicTime?) -> Bool {
        state.wait(until: deadline) { state in
            if state.count > 0 || !state.errands.isEmpty { return true }
            state.wantedCount = 1
            return state.isClosed ? false : nil
        } ?? true
    }

    /// Waits until so many batches wait, the queue is closed, or `deadline`; `false` when that came first.
    func gather(count: Int, until deadline: MonotonicTime) -> Bool {
        state.wait(until: deadline) { state in
            if state.count >= count || state.isClosed { return true }
            state.wantedCount = count
            return nil
        } ?? false
    }
}
