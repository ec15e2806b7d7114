public import FluxFormat
import FluxIndex

extension EventStore {
    /// A cursor over the events of one execution, as far as they are durable.
    ///
    /// Throws `noExecution` where there is none of the id. O(log executions + frames of the execution).
    public func cursor(over id: ExecutionID) throws(StoreError) -> EventCursor {
        // Before the look-up: what it finds stays until the cursor goes.
        let table = table.held()
        guard let locations = try view.execution(of: id)?.frames, !locations.isEmpty else {
            throw StoreError(.noExecution, "\(path): there is no execution \(id)")
        }
        return EventCursor(FrameFeed(table, executionID: id, locations: locations))
    }

    /// A cursor over the events of all executions, in the order in which they were stored.
    public func cursor() async throws(StoreError) -> EventCursor {
        let table = table.held()
        let extent = extent
        let filter = try FrameFilter(settledIndex, extent: extent)
        return EventCursor(FrameFeed(table, extent: extent, filter: filter))
    }

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
