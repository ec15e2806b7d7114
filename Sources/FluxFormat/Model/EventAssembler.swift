/// Copies events out of a cursor, joining those that are stored in pieces.
public struct EventAssembler: Sendable {
    private var partial: Event?

    /// Starts without an event.
    public init() {}

    /// Takes the next view of a cursor; returns the whole event with its number when this was its last piece.
    public mutating func add(_ view: borrowing EventView) -> (index: UInt64, event: Event)? {
        var event: Event
        if let begun = partial, view.payloadOffset == begun.payload.count {
            event = begun
            partial = nil
            event.payload.append(contentsOf: view.payload.array)
        } else {
            event = Event(
                kind: view.kind, flags: view.flags.subtracting(.hasMorePieces), encoding: view.encoding,
                lane: view.lane, sequence: view.sequence, issued: view.issued, done: view.done,
                offsetNanoseconds: view.offsetNanoseconds, name: view.name, descriptor: view.descriptor.array,
                payload: view.payload.array)
        }
        if view.flags.contains(.hasMorePieces) {
            partial = event
            return nil
        }
        return (view.index, event)
    }
}
