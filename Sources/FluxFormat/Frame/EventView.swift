/// One event, or one piece of it, borrowed from the cursor that handed it out.
///
/// A view is valid until its cursor moves on; keeping it longer does not compile in straight-line code. Where a loop
/// keeps a view over its own turn the compiler of Swift 6.3 does not notice: debug builds overwrite the memory then.
public struct EventView: ~Escapable {
    /// The execution that the event belongs to.
    public let executionID: ExecutionID
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
    /// Nanoseconds since the start of the execution, or `UInt64.max`.
    let storedOffset: UInt64
    /// The lane's path in UTF-8; empty for the root lane.
    public let laneBytes: RawSpan
    /// The event's name in UTF-8; empty where it has none.
    public let nameBytes: RawSpan
    /// What may be seen without opening the payload. Only the first piece of an event has it.
    public let descriptor: RawSpan
    /// The protected part, or this piece of it.
    public let payload: RawSpan

    @_lifetime(copy payload)
    init(
        record: borrowing RecordFields, executionID: ExecutionID, index: UInt64, payloadOffset: Int,
        laneBytes: RawSpan, nameBytes: RawSpan, descriptor: RawSpan, payload: RawSpan
    ) {
        self.executionID = executionID
        self.index = index
        self.payloadOffset = payloadOffset
        kind = EventKind(rawValue: record.kind)
        flags = EventFlags(rawValue: record.flags)
        encoding = PayloadEncoding(rawValue: record.encoding)
        sequence = record.sequence
        issued = record.issued
        done = record.done
        storedOffset = record.offsetNanoseconds
        // All spans borrow from the arena of the frame, whose life `payload` stands for.
        self.laneBytes = unsafe _overrideLifetime(laneBytes, copying: payload)
        self.nameBytes = unsafe _overrideLifetime(nameBytes, copying: payload)
        self.descriptor = unsafe _overrideLifetime(descriptor, copying: payload)
        self.payload = payload
    }

    /// Nanoseconds since the start of the execution; `nil` where the recording has no time.
    public var offsetNanoseconds: UInt64? { storedOffset == .max ? nil : storedOffset }

    /// The lane's path; empty for the root lane. Copies.
    public var lane: String { laneBytes.text }

    /// The event's name. Copies.
    public var name: String? { nameBytes.byteCount == 0 ? nil : nameBytes.text }
}
