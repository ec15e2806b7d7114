/// What may be seen of one event, or of one piece of it, without its payload: borrowed from the cursor that handed it out.
///
/// It has no payload, whose bytes were neither read nor verified; ``payloadByteCount`` says how many there are. A view is
/// valid until its cursor moves on, as an ``EventView`` is.
public struct EventHeadView: ~Escapable {
    /// The execution that the event belongs to.
    public let executionID: ExecutionID
    /// Where the frame lies in which the event, or this piece of it, stands.
    public let position: Position
    /// The event's number in its execution.
    public let index: UInt64
    /// What the event is about.
    public let kind: EventKind
    /// What is known of the payload.
    public let flags: EventFlags
    /// How the payload is spelled.
    public let encoding: PayloadEncoding
    /// The event's number in its lane.
    public let sequence: UInt32
    /// The logical time of the call.
    public let issued: UInt32
    /// The logical time of the answer; 0 while there is none.
    public let done: UInt32
    /// The bytes of the payload that stand before this piece; 0 for an event in one piece.
    public let payloadOffset: Int
    /// The bytes of the payload, or of this piece of it.
    public let payloadByteCount: Int
    /// Nanoseconds since the start of the execution, or `UInt64.max`.
    @usableFromInline let storedOffset: UInt64
    /// The lane's path in UTF-8; empty for the root lane.
    public let laneBytes: RawSpan
    /// The event's name in UTF-8; empty where it has none.
    public let nameBytes: RawSpan
    /// What may be seen without opening the payload. Only the first piece of an event has it.
    public let descriptor: RawSpan

    @inlinable
    @_lifetime(copy descriptor)
    init(
        record: UnsafeRawPointer, executionID: ExecutionID, position: Position, index: UInt64, payloadOffset: Int,
        laneBytes: RawSpan, nameBytes: RawSpan, descriptor: RawSpan
    ) {
        self.executionID = executionID
        self.position = position
        self.index = index
        self.payloadOffset = payloadOffset
        payloadByteCount = Int(unsafe record.field(RecordFields.payloadLengthAt, as: UInt32.self))
        kind = EventKind(rawValue: unsafe record.field(RecordFields.kindAt))
        flags = EventFlags(rawValue: unsafe record.field(RecordFields.flagsAt))
        encoding = PayloadEncoding(rawValue: unsafe record.field(RecordFields.encodingAt))
        sequence = unsafe record.field(RecordFields.sequenceAt)
        issued = unsafe record.field(RecordFields.issuedAt)
        done = unsafe record.field(RecordFields.doneAt)
        storedOffset = unsafe record.field(RecordFields.offsetNanosecondsAt)
        // All spans borrow from the heads of one frame.
        self.laneBytes = unsafe _overrideLifetime(laneBytes, copying: descriptor)
        self.nameBytes = unsafe _overrideLifetime(nameBytes, copying: descriptor)
        self.descriptor = descriptor
    }

    /// Nanoseconds since the start of the execution; `nil` where the recording has no time.
    @inlinable
    public var offsetNanoseconds: UInt64? { storedOffset == .max ? nil : storedOffset }

    /// The lane's path; empty for the root lane. Copies.
    public var lane: String { laneBytes.text }

    /// The event's name. Copies.
    public var name: String? { nameBytes.byteCount == 0 ? nil : nameBytes.text }
}
