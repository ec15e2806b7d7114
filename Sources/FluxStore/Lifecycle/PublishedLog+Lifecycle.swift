import FluxFormat
import FluxIndex
import FluxLog

/// Where a log begins.
struct LogStart: Sendable, Equatable {
    /// The first segment.
    var segment: UInt32 = 1
    /// The sequence of the first frame of a log of which the front was dropped; 0 of any other.
    var sequence: UInt64 = 0
}

/// Work on the index that waits for its thread.
struct IndexErrand: Sendable {
    let body: @Sendable (MetadataIndex) throws(IndexError) -> Void
    /// Is told once what came of it.
    let finish: @Sendable (Result<Void, StoreError>) -> Void
}

/// The log as it begins later, and what is done to the index beside following.
extension PublishedLog {
    /// Where the log begins.
    var start: LogStart { state.withLock(\.start) }

    /// The log begins later: what lies before is not read any more.
    func begin(at start: LogStart) { state.withLock { $0.start = start } }

    /// How often executions were dropped together.
    var expiryCount: Int { state.withLock(\.expiryCount) }

    /// Executions were dropped, and the index has none of them: what was looked up before may be wrong.
    func noteExpired() { state.withLock { $0.expiryCount += 1 } }

    /// Everything durable at this moment.
    var extent: LogExtent {
        state.withLock { state in
            LogExtent(
                firstSegment: state.start.segment, end: state.end.end, nextFrameSequence: state.end.nextFrameSequence,
                firstFrameSequence: state.start.sequence)
        }
    }

    /// Adds work for the thread of the index; `false` once the log is closed.
    func add(_ errand: IndexErrand) -> Bool {
        let isTaken = state.withLock { state in
            if !state.isClosed { state.errands.append(errand) }
            return !state.isClosed
        }
        state.signal()
        return isTaken
    }

    /// The work that waits, in order.
    func takeErrands() -> [IndexErrand] {
        state.withLock { state in
            defer { state.errands = [] }
            return state.errands
        }
    }
}
