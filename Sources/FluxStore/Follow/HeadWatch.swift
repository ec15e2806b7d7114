import FluxFiles
import FluxFormat
import FluxLog
import Synchronization

/// What a store that is open for reading sees: what was durable when it was opened, and what HEAD says since.
///
/// A writer writes HEAD after each sync, so that one look shows all that is durable. HEAD is never ahead of the log: what is
/// behind its end may be dropped by a recovery.
final class HeadWatch: Sendable {
    private let path: String
    private let files: PosixFileSystem
    private let state: Mutex<State>

    /// What is to be seen.
    struct Seen: Sendable {
        /// The store; `nil` while nothing was ever stored, and no writer has named it.
        var storeID: StoreID?
        /// Everything that may be read: on opening, what was whole behind HEAD's end as well.
        var visible: LogExtent
        /// Everything that no recovery drops.
        var durable: LogExtent
        /// Counts how often HEAD was found to be one of another log: someone has cut it, or put another in its place.
        var resetCount = 0
    }

    fileprivate struct State {
        var seen: Seen
        /// That of the HEAD which was taken last.
        var generation: UInt64
    }

    /// `head` is what HEAD said when the log was opened: where that promises more than was found, it is not believed.
    init(_ path: String, files: PosixFileSystem, storeID: StoreID?, opened: LogExtent, head: LogHead?) {
        self.path = path
        self.files = files
        var seen = Seen(storeID: storeID ?? head?.storeID, visible: opened, durable: opened)
        if let head, head.durableEnd <= opened.end { seen.durable = opened.reaching(head, start: nil) }
        if head == nil { seen.durable = LogExtent(segments: [], end: .zero, nextFrameSequence: 0) }
        state = Mutex(State(seen: seen, generation: head?.generation ?? 0))
    }

    /// Reads HEAD, and tells what is to be seen by it. Where it cannot be read, that is what it was.
    func look() -> Seen {
        guard let head = read() else { return state.withLock(\.seen) }
        let known = state.withLock(\.seen.visible.segments.first)
        let start = head.oldestSegment == known ? nil : firstSequence(of: head)
        return state.withLock { state in
            // While a slot is being written, the older ones speak, however often one looks: a later look shows it whole.
            if head.isWhole || head.generation > state.generation { state.take(head, start: start) }
            return state.seen
        }
    }

    /// The sequence at which a log begins of which the front was dropped; `nil` where its first segment cannot be read.
    private func firstSequence(of head: LogHead) -> UInt64? {
        guard head.oldestSegment > 1 else { return 0 }
        return try? SegmentTable(path: path, files: files).reopened(head.oldestSegment).header.firstFrameSequence
    }

    /// One that cannot be read says nothing, and is looked at again.
    private func read() -> LogHead? { try? LogHead(reading: path, files: files) }
}

extension HeadWatch.State {
    /// `start` is the sequence at which the log begins, where that is another than it was.
    fileprivate mutating func take(_ head: LogHead, start: UInt64?) {
        guard seen.storeID == nil || seen.storeID == head.storeID, head.generation != generation else { return }
        seen.storeID = head.storeID
        if head.generation < generation {
            seen.resetCount += 1
            seen.durable = seen.visible.reaching(head, start: start)
            seen.visible = seen.durable
        } else if head.durableEnd >= seen.durable.end {
            seen.durable = seen.visible.reaching(head, start: start)
            if seen.durable.end >= seen.visible.end { seen.visible = seen.durable }
        }
        generation = head.generation
    }
}

extension LogExtent {
    /// The same log as far as HEAD says that it goes. Segments that were left out stay out.
    fileprivate func reaching(_ head: LogHead, start: UInt64?) -> LogExtent {
        var extent = LogExtent(
            firstSegment: head.oldestSegment, end: head.durableEnd, nextFrameSequence: head.nextFrameSequence,
            firstFrameSequence: start ?? firstFrameSequence)
        guard let first = extent.segments.first, let end = extent.segments.last else { return extent }
        let last = segments.last ?? 0
        extent.segments = segments.filter { $0 >= first && $0 <= end } + extent.segments.drop { $0 <= last }
        return extent
    }
}
