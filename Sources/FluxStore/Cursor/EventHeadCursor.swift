public import FluxFormat

/// Reads what may be seen of events in order, and touches no payload: bodies are not decoded, not verified and, where they
/// are large, not read.
///
/// Heads are verified as those of an ``EventCursor``, and damage of bodies is not seen. All else is as there.
public struct EventHeadCursor: ~Copyable {
    @usableFromInline var state: CursorState

    init(_ state: consuming CursorState) {
        self.state = state
    }

    /// The next event or piece of an event, or `nil` at the end. As ``EventCursor/next()``.
    @inlinable
    @inline(__always)
    @_lifetime(&self)
    public mutating func next() throws(StoreError) -> EventHeadView? {
        if state.next == state.end {
            guard try state.advance() else { return nil }
        }
        let index = state.next
        state.next &+= 1
        // The view borrows from buffers that belong to the cursor, and change only in its mutating calls: that is what the
        // lifetime says which is handed out.
        let view = unsafe state.records.head(at: index)
        return unsafe _overrideLifetime(view, mutating: &self)
    }

    /// The next event in memory, or `nil` where ``load()`` is to be called. Reads nothing.
    @inlinable
    @inline(__always)
    @_lifetime(&self)
    public mutating func nextLoaded() -> EventHeadView? {
        guard state.next < state.end else { return nil }
        let index = state.next
        state.next &+= 1
        let view = unsafe state.records.head(at: index)
        return unsafe _overrideLifetime(view, mutating: &self)
    }

    /// Makes sure that an event is in memory; `false` at the end. As ``EventCursor/load()``.
    public mutating func load() async throws(StoreError) -> Bool { try await state.load() }

    /// Goes on at an event of the one execution that is read. As ``EventCursor/seek(to:)``.
    public mutating func seek(to event: UInt64) throws(StoreError) { try state.seek(to: event) }

    /// Calls `body` with every event that is left.
    @inlinable
    public mutating func forEach(_ body: (borrowing EventHeadView) throws -> Void) throws {
        while let event = try next() { try body(event) }
    }
}
