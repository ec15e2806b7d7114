/// What may be seen of one event, or of one piece of it, without its payload: borrowed from the cursor that handed it out.
///
/// It has no payload, whose bytes were neither read nor verified; ``payloadByteCount`` says how many there are. A view is
/// valid until its cursor moves on, as an ``EventView`` is.
@safe
public struct EventHeadView: ~Escapable {
    /// The execution that the event belongs to.
    public let executionID: ExecutionID
    /// Where the frame lies in which the event, or this piece of it, stands: a cursor can begin there.
    public let position: Position
    /// The event's number in its execution.
    public let index: UInt64
    /// The bytes of the payload that stand before this piece; 0 for an event in one piece.
    public let payloadOffset: Int
    /// The fixed fields of the record. They are loaded when they are asked for: a view of more than 15 words would be
    /// copied through memory each time that it is handed on.
    @usableFromInline let record: UnsafeRawPointer
    /// The lane's path in UTF-8; empty for the root lane.
    public let laneBytes: RawSpan
    /// The event's name in UTF-8; empty where it has none.
    public let nameBytes: RawSpan
    /// What may be seen without opening the payload. Only the first piece of an event has it.
    public let descriptor: RawSpan

    @inlinable
    @inline(__always)
    @_lifetime(copy descriptor)
    init(
        record: UnsafeRawPointer, executionID: ExecutionID, position: Position, index: UInt64, payloadOffset: Int,
        laneBytes: RawSpan, nameBytes: RawSpan, descriptor: RawSpan
    ) {
        self.executionID = executionID
        self.position = position
        self.index = index
        self.payloadOffset = payloadOffset
        unsafe self.record = record
        // All spans borrow from the heads of one frame, as the address does.
        self.laneBytes = unsafe _overrideLifetime(laneBytes, copying: descriptor)
        self.nameBytes = unsafe _overrideLifetime(nameBytes, copying: descriptor)
        self.descriptor = descriptor
    }
}

extension EventHeadView {
    /// What the event is about.
    @inlinable public var kind: EventKind { EventKind(rawValue: unsafe record.field(RecordFields.kindAt)) }

    /// What is known of the payload.
    @inlinable public var flags: EventFlags { EventFlags(rawValue: unsafe record.field(RecordFields.flagsAt)) }

    /// How the payload is spelled.
    @inlinable public var encoding: PayloadEncoding {
        PayloadEncoding(rawValue: unsafe record.field(RecordFields.encodingAt))
    }

    /// The event's number in its lane.
    @inlinable public var sequence: UInt32 { unsafe record.field(RecordFields.sequenceAt) }

    /// The logical time of the call.
    @inlinable public var issued: UInt32 { unsafe record.field(RecordFields.issuedAt) }

    /// The logical time of the answer; 0 while there is none.
    @inlinable public var done: UInt32 { unsafe record.field(RecordFields.doneAt) }

    /// The bytes of the payload, or of this piece of it.
    @inlinable public var payloadByteCount: Int {
        Int(unsafe record.field(RecordFields.payloadLengthAt, as: UInt32.self))
    }

    /// Nanoseconds since the start of the execution; `nil` where the recording has no time.
    @inlinable public var offsetNanoseconds: UInt64? {
        let stored = unsafe record.field(RecordFields.offsetNanosecondsAt, as: UInt64.self)
        return stored == .max ? nil : stored
    }

    /// The lane's path; empty for the root lane. Copies.
    public var lane: String { laneBytes.text }

    /// The event's name. Copies.
    public var name: String? { nameBytes.byteCount == 0 ? nil : nameBytes.text }
}
