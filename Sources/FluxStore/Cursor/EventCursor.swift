public import FluxFormat

/// Reads events in order, each borrowed from the one arena that the cursor owns.
///
/// Memory is that of the largest frame, whatever the execution's size; nothing is allocated for an event. A view is
/// valid until the next call of ``next()``. Every frame is verified before any byte of it is handed out.
///
/// ``next()`` waits for the disk on the calling thread. A task calls ``load()`` in front, which waits elsewhere:
///
/// ```swift
/// while try await cursor.load() {
///     while let event = cursor.nextLoaded() { handle(event) }
/// }
/// ```
public struct EventCursor: ~Copyable {
    @usableFromInline var state: CursorState

    init(_ state: consuming CursorState) {
        self.state = state
    }

    /// The next event or piece of an event, or `nil` at the end.
    ///
    /// An event of more than 960 KiB comes in pieces, of which all but the last have `hasMorePieces`. Throws `damaged`
    /// where bytes do not verify: the events before were whole. After an error the cursor is at its end.
    @inlinable
    @inline(__always)
    @_lifetime(&self)
    public mutating func next() throws(StoreError) -> EventView? {
        if state.next == state.end {
            guard try state.advance() else { return nil }
        }
        let index = state.next
        state.next &+= 1
        // The view borrows from buffers that belong to the cursor, and change only in its mutating calls: that is what the
        // lifetime says which is handed out.
        let view = unsafe state.records.record(at: index)
        return unsafe _overrideLifetime(view, mutating: &self)
    }

    /// The next event in memory, or `nil` where ``load()`` is to be called. Reads nothing.
    @inlinable
    @inline(__always)
    @_lifetime(&self)
    public mutating func nextLoaded() -> EventView? {
        guard state.next < state.end else { return nil }
        let index = state.next
        state.next &+= 1
        let view = unsafe state.records.record(at: index)
        return unsafe _overrideLifetime(view, mutating: &self)
    }

    /// Makes sure that an event is in memory; `false` at the end.
    ///
    /// What the system has in its memory is taken at once. Where the disk must be waited for, a thread of the store waits,
    /// and not the one that runs the task. Verifies and decodes on the task. Throws as ``next()`` does.
    public mutating func load() async throws(StoreError) -> Bool { try await state.load() }

    /// Goes on at an event of the execution, forwards or backwards; at the end where it has no such event.
    ///
    /// For a cursor over one execution; traps in another. The frame is found by halving, and read by the next call; the
    /// event in it by its number. O(log frames).
    public mutating func seek(to event: UInt64) throws(StoreError) { try state.seek(to: event) }

    /// Calls `body` with every event that is left.
    @inlinable
    public mutating func forEach(_ body: (borrowing EventView) throws -> Void) throws {
        while let event = try next() { try body(event) }
    }
}
