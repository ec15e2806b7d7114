/// One thing that happened in recorded code, as it is handed to the store.
///
/// The store gives no meaning to descriptor and payload; ``EventDescriptor`` and ``HTTPExchange`` do.
public struct Event: Sendable, Equatable {
    /// What the event is about.
    public var kind: EventKind
    /// What is known of the payload.
    public var flags: EventFlags
    /// How the payload is spelled.
    public var encoding: PayloadEncoding
    /// The path of the lane in which it happened; empty for the root lane.
    public var lane: String
    /// The event's number in its lane.
    public var sequence: UInt32
    /// The logical time of the call.
    public var issued: UInt32
    /// The logical time of the answer; 0 while there is none.
    public var done: UInt32
    /// Nanoseconds since the start of the execution; `nil` where the recording has no time.
    public var offsetNanoseconds: UInt64?
    /// The name of the host call, or the host of the URL.
    public var name: String?
    /// What may be seen and indexed without opening the payload.
    public var descriptor: [UInt8]
    /// The protected part.
    public var payload: [UInt8]

    /// Makes an event of the root lane.
    public init(
        kind: EventKind, flags: EventFlags = [], encoding: PayloadEncoding = .raw, lane: String = "",
        sequence: UInt32, issued: UInt32 = 0, done: UInt32 = 0, offsetNanoseconds: UInt64? = nil,
        name: String? = nil, descriptor: [UInt8] = [], payload: [UInt8] = []
    ) {
        self.kind = kind
        self.flags = flags
        self.encoding = encoding
        self.lane = lane
        self.sequence = sequence
        self.issued = issued
        self.done = done
        self.offsetNanoseconds = offsetNanoseconds
        self.name = name
        self.descriptor = descriptor
        self.payload = payload
    }
}

/// What is known of an event's payload.
public struct EventFlags: OptionSet, Hashable, Sendable {
    /// The bits as stored.
    public let rawValue: UInt8

    /// Makes flags from their stored bits.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The call ended in an error.
    public static let isError = EventFlags(rawValue: 1 << 0)
    /// The payload is sealed with the customer's public key.
    public static let isSealed = EventFlags(rawValue: 1 << 1)
    /// Parts of the payload were masked before it was stored.
    public static let isMasked = EventFlags(rawValue: 1 << 2)
    /// The payload was cut when it was captured.
    public static let isCutAtCapture = EventFlags(rawValue: 1 << 3)
    /// More pieces of the same event follow. The store sets it, callers do not.
    public static let hasMorePieces = EventFlags(rawValue: 1 << 4)
}

/// How a payload, or a part of one, is spelled.
public struct PayloadEncoding: RawRepresentable, Hashable, Sendable {
    /// The number as stored.
    public let rawValue: UInt8

    /// Makes an encoding from its stored number.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Bytes of which nothing is known.
    public static let raw = PayloadEncoding(rawValue: 0)
    /// Text.
    public static let utf8 = PayloadEncoding(rawValue: 1)
    /// JSON text.
    public static let json = PayloadEncoding(rawValue: 2)
    /// CBOR.
    public static let cbor = PayloadEncoding(rawValue: 3)
    /// The head of an HTTP message: a status and texts, as the format page lays them out.
    public static let http = PayloadEncoding(rawValue: 4)
    /// Several parts, see ``PayloadPart``.
    public static let parts = PayloadEncoding(rawValue: 5)
}
