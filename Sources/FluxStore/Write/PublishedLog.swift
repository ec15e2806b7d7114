import FluxFormat
import FluxIndex
import FluxLog

/// What readers may see of a log that is being written: everything durable, and how much of it the index holds.
final class PublishedLog: Sendable {
    typealias Group = Overlay.Group

    let state: Guarded<State>
    private let options: IndexOptions
    /// Who follows the log in this process.
    let followers = FollowSignal()

    struct State {
        /// Behind the last durable batch.
        var end: LogEvidence
        var start: LogStart
        /// Counts how often executions were dropped together.
        var expiryCount = 0
        /// Work on the index that is not a group of frames.
        var errands: [IndexErrand] = []
        /// Durable groups that the index does not hold yet.
        var overlay = Overlay()
        var waitingSince: MonotonicTime?
        var youngIDs: YoungIDs
        /// The sequence of the first frame that the index lacks.
        var indexedSequence: UInt64 = 0
        /// Whether the index is still brought to where the log was opened.
        var isCatchingUp = true
        /// Whether the index was lost while it followed, and is built again.
        var isRebuilding = false
        var hurryCount = 0
        /// Whether the writer ends, and waits for nothing any more.
        var isLagIgnored = false
        var isClosed = false
        /// Why the index could not go on when it last tried.
        var failure: StoreError?
        var attemptCount: UInt64 = 0
    }

    init(end: LogEvidence, start: LogStart = LogStart(), options: IndexOptions) {
        self.options = options
        state = Guarded(State(end: end, start: start, youngIDs: YoungIDs(countMax: options.youngIDCountMax)))
    }

    /// Makes frames visible, and hands them to the index.
    func publish(_ frames: [IndexedFrame], end: LogEvidence) {
        let isWanted = state.withLock { state in
            guard !frames.isEmpty || end.end > state.end.end else { return false }
            state.end = end
            let through = AppliedPosition(position: end.end, nextFrameSequence: end.nextFrameSequence)
            for frame in frames { state.youngIDs.insert(frame.header.executionID) }
            let countBefore = state.overlay.frameCount
            state.overlay.add(Group(frames: frames, through: through))
            if state.waitingSince == nil { state.waitingSince = .now }
            let count = state.overlay.frameCount
            // Once for the first, and once for a whole transaction; while it works, the index looks by itself.
            return countBefore == 0 || (countBefore..<count).contains(options.batchFrameCount - 1)
        }
        if isWanted { state.signal() }
        followers.wake()
    }

    /// Behind the last durable batch.
    var end: LogEvidence { state.withLock(\.end) }

    /// The sequence of the first frame that the index lacks.
    var indexedSequence: UInt64 { state.withLock(\.indexedSequence) }

    /// Frames that are durable and not in the index.
    var lagFrameCount: Int { state.withLock(\.overlay.frameCount) }

    /// How far the index is behind, and whether that is so far that the writer waits for it.
    var lag: (frameCount: Int, indexedSequence: UInt64, isTooLong: Bool) {
        state.withLock { state in
            let frameCount = state.overlay.frameCount
            let isTooLong = frameCount > options.lagFrameCountMax && !state.isLagIgnored
            return (frameCount, state.indexedSequence, isTooLong)
        }
    }

    /// Waits until the index has come close enough.
    func waitForIndex() {
        _ = state.wait { state -> Bool? in
            state.overlay.frameCount <= options.lagFrameCountMax || state.isLagIgnored ? true : nil
        }
    }

    /// The writer ends, and the index follows behind it.
    func ignoreLag() {
        state.withLock { $0.isLagIgnored = true }
        state.signal()
    }

    /// Whether the index is still brought to where the log was opened.
    var isCatchingUp: Bool { state.withLock(\.isCatchingUp) }

    /// Whether the index was lost while it followed: no one but the index that is built again knows all executions.
    var isRebuilding: Bool { state.withLock(\.isRebuilding) }

    /// The frames of an execution that the index may lack, in order.
    func frames(of id: ExecutionID) -> [IndexedFrame] { state.withLock { $0.overlay.frames(of: id) } }

    /// Whether it is certain that nothing of an execution is stored, with every frame below a sequence taken into account.
    func absence(of id: ExecutionID) -> (isCertain: Bool, throughSequence: UInt64, expiryCount: Int) {
        state.withLock { ($0.youngIDs.isAbsent(id), $0.end.nextFrameSequence, $0.expiryCount) }
    }

    /// All that the index may lack; `nil` where it is too much to be looked through.
    func overlay(executionCountMax: Int) -> Overlay? {
        state.withLock { $0.overlay.executionCount <= executionCountMax ? $0.overlay : nil }
    }
}

/// How the index follows the log.
struct IndexOptions: Sendable {
    /// Frames of one transaction.
    var batchFrameCount = 2048
    /// Time for which frames are collected.
    var delayNanoseconds: UInt64 = 50_000_000
    /// Frames that the index may lack before the writer waits for it.
    var lagFrameCountMax = 256 << 10
    /// Time after which a transaction that failed is tried again.
    var retryNanoseconds: UInt64 = 100_000_000
    /// Ids of one filter of ``YoungIDs``.
    var youngIDCountMax = 1 << 20
}

/// The side of the index.
extension PublishedLog {
    /// Frames after which the lock is let go while groups are removed.
    private static let removedFrameCount = 256

    /// The groups of the next transaction; waits for enough of them, or for long enough. `nil` at the end.
    func waitForGroups() -> [Group]? {
        let hasWork = state.wait { state -> Bool? in
            if !state.overlay.isEmpty || !state.errands.isEmpty { return true }
            return state.isClosed ? false : nil
        }
        guard hasWork == true else { return nil }
        let since = state.withLock { $0.waitingSince ?? .now }
        _ = state.wait(until: since + options.delayNanoseconds) { state -> Bool? in
            state.isClosed || state.hurryCount > 0 || !state.errands.isEmpty
                || state.overlay.frameCount >= options.batchFrameCount ? true : nil
        }
        return groups()
    }

    /// The groups of the next transaction, which stay until ``noteIndexed(_:)``.
    func groups() -> [Group] {
        state.withLock { state in
            var groups: [Group] = []
            var frameCount = 0
            for group in state.overlay.groups {
                frameCount += group.frames.count
                guard groups.isEmpty || frameCount <= options.batchFrameCount else { break }
                groups.append(group)
            }
            return groups
        }
    }

    /// The index holds these groups.
    func noteIndexed(_ groups: [Group]) {
        guard let last = groups.last else { return }
        // A few at a time: the writer waits for no more than those.
        var rest = groups[...]
        while !rest.isEmpty {
            var frameCount = 0
            let few = rest.prefix { group in
                defer { frameCount += group.frames.count }
                return frameCount < Self.removedFrameCount
            }
            state.withLock { $0.overlay.removeFirst(few.count) }
            rest = rest.dropFirst(few.count)
        }
        state.withLock { state in
            state.indexedSequence = max(state.indexedSequence, last.through.nextFrameSequence)
            state.waitingSince = state.overlay.isEmpty ? nil : .now
            state.failure = nil
            state.attemptCount += 1
        }
        state.signal()
    }

    /// The index cannot be read any more; another is built from the log.
    func noteIndexLost() {
        state.withLock { state in
            state.indexedSequence = 0
            state.isRebuilding = true
        }
    }

    /// The index holds everything up to where the log was opened, or up to where it was lost, and no id in it is greater
    /// than this one but those that were published since.
    func noteCaughtUp(through sequence: UInt64, greatestID: ExecutionID) {
        state.withLock { state in
            if state.isCatchingUp { state.youngIDs.complete(greatestOther: greatestID) }
            state.indexedSequence = max(state.indexedSequence, sequence)
            state.isCatchingUp = false
            state.isRebuilding = false
            state.failure = nil
        }
        state.signal()
    }

    /// The index could not go on; it tries again after a while, or when ``close()`` is called. `false` once it was.
    func noteFailure(_ error: StoreError) -> Bool {
        state.withLock { state in
            state.failure = error
            state.attemptCount += 1
        }
        state.signal()
        return state.wait(until: .now + options.retryNanoseconds) { $0.isClosed ? false : nil } ?? true
    }

    /// Waits until the index holds every frame below a sequence; throws what keeps it from that.
    func waitIndexed(below sequence: UInt64) throws(StoreError) {
        let firstAttempt = state.withLock { state in
            state.hurryCount += 1
            return state.attemptCount
        }
        state.signal()
        let failure = state.wait { state -> Result<Void, StoreError>? in
            if state.indexedSequence >= sequence { return .success(()) }
            // A failure from before this call may be over.
            if let failure = state.failure, state.attemptCount > firstAttempt { return .failure(failure) }
            return state.isClosed && state.overlay.isEmpty && !state.isCatchingUp ? .success(()) : nil
        }
        state.withLock { $0.hurryCount -= 1 }
        try failure?.get()
    }

    /// Nothing is published behind this.
    func close() {
        state.withLock { $0.isClosed = true }
        state.signal()
        followers.close()
    }
}
