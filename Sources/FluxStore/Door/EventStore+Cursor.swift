import FluxFiles
public import FluxFormat
import FluxIndex
import FluxLog

extension EventStore {
    /// A cursor over the events of one execution, as far as they are durable. It goes on to its end whatever becomes of the
    /// execution meanwhile.
    ///
    /// Throws `noExecution` where there is none of the id. O(log executions).
    public func cursor(over id: ExecutionID) throws(StoreError) -> EventCursor {
        EventCursor(CursorState(try feed(over: id, .unverified), parts: .all, pool: readPool))
    }

    /// A cursor over the events of all executions, in the order in which they were stored.
    public func cursor() async throws(StoreError) -> EventCursor {
        try cursor(over: .zero..<Position(rawValue: .max))
    }

    /// A cursor over the events of a range of the log, in the order in which they were stored, as far as they are durable at
    /// this moment. What is taken out or stored meanwhile makes no difference to it.
    ///
    /// Hands out the frames that begin in the range. A range begins where a frame does, as an ``AppendReceipt`` or an event
    /// says, or at `Position.zero`; else the first call throws `damaged`. It may end anywhere.
    public func cursor(over range: Range<Position>) throws(StoreError) -> EventCursor {
        EventCursor(CursorState(try feed(over: range, .unverified), parts: .all, pool: readPool))
    }

    /// A cursor over the events from a position on. As ``cursor(over:)-(Range<Position>)``.
    public func cursor(from position: Position) throws(StoreError) -> EventCursor {
        try cursor(over: position..<Position(rawValue: .max))
    }

    /// A cursor over the events of the executions that a query asks for, one execution after the other, in the order of
    /// ``executions(matching:order:limit:after:examinedMax:)``.
    ///
    /// The executions are looked up a page at a time while the cursor goes on: one that is stored or changes meanwhile may
    /// be among them or not.
    public func cursor(matching query: ExecutionQuery) throws(StoreError) -> EventCursor {
        EventCursor(CursorState(feed(matching: query, .unverified), parts: .all, pool: readPool))
    }
}

/// Passes that touch no payload.
extension EventStore {
    /// A cursor over the heads of one execution's events. As ``cursor(over:)-(ExecutionID)``.
    public func headCursor(over id: ExecutionID) throws(StoreError) -> EventHeadCursor {
        EventHeadCursor(CursorState(try feed(over: id, .heads), parts: .heads, pool: readPool))
    }

    /// A cursor over the heads of all events, in the order in which they were stored.
    public func headCursor() throws(StoreError) -> EventHeadCursor {
        try headCursor(over: .zero..<Position(rawValue: .max))
    }

    /// A cursor over the heads of the events of a range of the log. As ``cursor(over:)-(Range<Position>)``.
    public func headCursor(over range: Range<Position>) throws(StoreError) -> EventHeadCursor {
        EventHeadCursor(CursorState(try feed(over: range, .heads), parts: .heads, pool: readPool))
    }

    /// A cursor over the heads of the events of a query's executions. As ``cursor(matching:)``.
    public func headCursor(matching query: ExecutionQuery) throws(StoreError) -> EventHeadCursor {
        EventHeadCursor(CursorState(feed(matching: query, .heads), parts: .heads, pool: readPool))
    }
}

extension EventStore {
    /// A cursor over frames of one execution whose places are known.
    func cursor(over frames: [FrameLocation], of id: ExecutionID) -> EventCursor {
        EventCursor(CursorState(FrameFeed(table.held(), FrameLocations(frames, of: id)), parts: .all, pool: readPool))
    }

    private func feed(
        over id: ExecutionID, _ reading: FrameReading
    ) throws(StoreError) -> FrameFeed<PosixFileSystem> {
        // Before the look-up: what it finds stays until the cursor goes.
        let table = table.held()
        guard let locations = try view.locations(of: id) else {
            throw StoreError(.noExecution, "\(path): there is no execution \(id)")
        }
        return FrameFeed(table, locations, reading: reading)
    }

    private func feed(
        over range: Range<Position>, _ reading: FrameReading
    ) throws(StoreError) -> FrameFeed<PosixFileSystem> {
        let table = table.held()
        let extent = extent
        let filter = try FrameFilter(settledIndex, extent: extent, table: table)
        return FrameFeed(table, extent: extent, over: range, filter: filter, reading: reading)
    }

    private func feed(matching query: ExecutionQuery, _ reading: FrameReading) -> FrameFeed<PosixFileSystem> {
        FrameFeed(table.held(), ExecutionPages(view, matching: query), reading: reading)
    }
}

extension EventStore {
    /// The events of one execution, copied and whole. For tools: memory is that of the execution.
    public func events(of id: ExecutionID) throws(StoreError) -> [Event] {
        var cursor = try cursor(over: id)
        var assembler = EventAssembler()
        var events: [Event] = []
        while let view = try cursor.next() {
            if let whole = assembler.add(view) { events.append(whole.event) }
        }
        return events
    }
}

/// A stored execution as replay reads it.
public struct StoredRecording: RecordingSource {
    /// The execution's id.
    public let id: ExecutionID
    private let store: EventStore

    /// The execution of this id in a store.
    public init(_ id: ExecutionID, in store: EventStore) {
        self.id = id
        self.store = store
    }

    /// Hands out the events in order, each only as long as the call lasts.
    public func forEachEvent(_ body: (borrowing EventView) throws -> Void) throws {
        var cursor = try store.cursor(over: id)
        try cursor.forEach(body)
    }
}
