/// One event, or one piece of it, borrowed from the cursor that handed it out.
///
/// A view is valid until its cursor moves on; keeping it longer does not compile in straight-line code. Where a loop
/// keeps a view over its own turn the compiler of Swift 6.3 does not notice: debug builds overwrite the memory then.
public struct EventView: ~Escapable {
    /// All but the payload.
    public let head: EventHeadView
    /// The protected part, or this piece of it.
    public let payload: RawSpan

    @inlinable
    @inline(__always)
    @_lifetime(copy payload)
    init(head: consuming EventHeadView, payload: RawSpan) {
        // Heads and bodies of a frame live as long as each other.
        self.head = unsafe _overrideLifetime(head, copying: payload)
        self.payload = payload
    }
}

extension EventView {
    /// The execution that the event belongs to.
    @inlinable public var executionID: ExecutionID { head.executionID }
    /// Where the frame lies in which the event, or this piece of it, stands: a cursor can begin there.
    @inlinable public var position: Position { head.position }
    /// The event's number in its execution.
    @inlinable public var index: UInt64 { head.index }
    /// What the event is about.
    @inlinable public var kind: EventKind { head.kind }
    /// What is known of the payload.
    @inlinable public var flags: EventFlags { head.flags }
    /// How the payload is spelled.
    @inlinable public var encoding: PayloadEncoding { head.encoding }
    /// The event's number in its lane.
    @inlinable public var sequence: UInt32 { head.sequence }
    /// The logical time of the call.
    @inlinable public var issued: UInt32 { head.issued }
    /// The logical time of the answer; 0 while there is none.
    @inlinable public var done: UInt32 { head.done }
    /// The bytes of the payload that stand before this piece; 0 for an event in one piece.
    @inlinable public var payloadOffset: Int { head.payloadOffset }
    /// Nanoseconds since the start of the execution; `nil` where the recording has no time.
    @inlinable public var offsetNanoseconds: UInt64? { head.offsetNanoseconds }
    /// The lane's path in UTF-8; empty for the root lane.
    @inlinable public var laneBytes: RawSpan {
        @_lifetime(copy self)
        get { head.laneBytes }
    }
    /// The event's name in UTF-8; empty where it has none.
    @inlinable public var nameBytes: RawSpan {
        @_lifetime(copy self)
        get { head.nameBytes }
    }
    /// What may be seen without opening the payload. Only the first piece of an event has it.
    @inlinable public var descriptor: RawSpan {
        @_lifetime(copy self)
        get { head.descriptor }
    }
    /// The lane's path; empty for the root lane. Copies.
    public var lane: String { head.lane }
    /// The event's name. Copies.
    public var name: String? { head.name }
}
