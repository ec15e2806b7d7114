import FluxFiles
public import FluxFormat

/// Where a cursor stands: the records of the frame that it walks, and the walk that brings the next one.
@usableFromInline
struct CursorState: ~Copyable {
    @usableFromInline var records = FrameRecords()
    /// The record that is handed out next.
    @usableFromInline var next = 0
    /// Behind the last record of the frame.
    @usableFromInline var end = 0
    private var walk: FrameWalk<PosixFileSystem>
    private let pool: ReadPool

    init(_ feed: consuming FrameFeed<PosixFileSystem>, parts: FrameParts, pool: ReadPool) {
        walk = FrameWalk(feed, parts: parts)
        self.pool = pool
    }

    /// Brings the next frame that has events into memory, and waits for it; `false` at the end.
    @usableFromInline
    mutating func advance() throws(StoreError) -> Bool {
        while next == end {
            guard case .records = try step(mayWait: true) else { return false }
        }
        return true
    }

    /// The same, with a thread of the pool that waits for the disk.
    mutating func load() async throws(StoreError) -> Bool {
        while next == end {
            switch try step(mayWait: false) {
            case .records: break
            case .end: return false
            case .pending:
                await pool.run(walk.awaited)
                // What was fetched may be gone from the system's memory, and some file systems cannot tell.
                guard case .records = try step(mayWait: true) else { return false }
            }
        }
        return true
    }

    /// Goes on at an event of the one execution that is read.
    mutating func seek(to event: UInt64) throws(StoreError) {
        (next, end) = (0, 0)
        try walk.seek(toEvent: event)
    }

    private mutating func step(mayWait: Bool) throws(StoreError) -> FrameWalk<PosixFileSystem>.Step {
        (next, end) = (0, 0)
        let step = try walk.next(mayWait: mayWait)
        if case .records(let records, let events) = step {
            self.records = records
            (next, end) = (events.lowerBound, events.upperBound)
        }
        return step
    }
}
