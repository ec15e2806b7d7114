/// The clear part of an event of kinds 16 to 35: 48 fixed bytes and a field list. See `Descriptor` on the format page.
public struct EventDescriptor: Sendable, Equatable {
    /// What a call does to the outside.
    public enum Effect: UInt8, Sendable {
        /// Nothing.
        case none = 0
        /// It reads.
        case read = 1
        /// It changes something.
        case write = 2
    }

    /// How a call ended.
    public enum Outcome: UInt8, Sendable {
        /// It had not ended when the recording did.
        case pending = 0
        /// With an answer.
        case value = 1
        /// With an error.
        case error = 2
        /// It was cancelled.
        case cancelled = 3
        /// It was not let through.
        case blocked = 4
    }

    /// What the call does to the outside.
    public var effect: Effect
    /// How it ended.
    public var outcome: Outcome
    /// The attempt, from 0.
    public var attempt: UInt16
    /// The status of the answer; 0 where the kind has none.
    public var status: UInt16
    /// Nanoseconds from call to answer; `nil` where the recording does not tell.
    public var durationNanoseconds: UInt64?
    /// Finds the event by its request; 16 bytes, all zero where the recording has none.
    public var matchKey: (high: UInt64, low: UInt64)
    /// Finds events of the same target; 0 where the recording has none.
    public var place: UInt64
    /// Bytes of the request's body.
    public var requestByteCount: UInt32
    /// Bytes of the answer's body.
    public var responseByteCount: UInt32
    /// The method or verb.
    public var method: String?
    /// The target for display, at most ``targetByteCountMax`` bytes; the payload holds the exact one.
    public var target: String?
    /// Where in the code the call was made.
    public var site: String?
    /// The adapter that recorded it, with its version.
    public var adapter: String?

    /// Bytes of the longest target that is kept for display.
    public static let targetByteCountMax = 2048

    /// Makes a descriptor without sizes and texts.
    public init(effect: Effect, outcome: Outcome) {
        self.effect = effect
        self.outcome = outcome
        attempt = 0
        status = 0
        matchKey = (0, 0)
        place = 0
        requestByteCount = 0
        responseByteCount = 0
    }

    /// Compares every field.
    public static func == (first: EventDescriptor, second: EventDescriptor) -> Bool {
        first.encoded == second.encoded
    }
}

extension EventDescriptor {
    private enum Field {
        static let method: UInt16 = 1
        static let target: UInt16 = 2
        static let site: UInt16 = 3
        static let adapter: UInt16 = 4
    }

    private static let schema: UInt16 = 1
    private static let fixedByteCount = 48
    private static let unknownDuration = UInt64.max

    /// The bytes as stored.
    public var encoded: [UInt8] {
        var fixed: [UInt8] = []
        fixed.append(littleEndian: Self.schema)
        fixed.append(effect.rawValue)
        fixed.append(outcome.rawValue)
        fixed.append(littleEndian: attempt)
        fixed.append(littleEndian: status)
        fixed.append(littleEndian: durationNanoseconds ?? Self.unknownDuration)
        fixed.append(littleEndian: matchKey.high.byteSwapped)
        fixed.append(littleEndian: matchKey.low.byteSwapped)
        fixed.append(littleEndian: place)
        fixed.append(littleEndian: requestByteCount)
        fixed.append(littleEndian: responseByteCount)
        var fields = FieldList(after: fixed)
        fields.append(Field.method, text: method)
        fields.append(Field.target, text: target)
        fields.append(Field.site, text: site)
        fields.append(Field.adapter, text: adapter)
        return fields.bytes
    }

    /// Reads stored bytes; skips fields that are not known.
    public init(parsing bytes: RawSpan) throws(FormatError) {
        guard bytes.byteCount >= Self.fixedByteCount else {
            throw .truncated(needed: Self.fixedByteCount, available: bytes.byteCount)
        }
        let schema = bytes.load(at: 0, as: UInt16.self)
        guard schema == Self.schema else { throw .invalidField("descriptor schema \(schema)") }
        guard let effect = Effect(rawValue: bytes.load(at: 2)) else { throw .invalidField("effect") }
        guard let outcome = Outcome(rawValue: bytes.load(at: 3)) else { throw .invalidField("outcome") }
        self.init(effect: effect, outcome: outcome)
        attempt = bytes.load(at: 4)
        status = bytes.load(at: 6)
        let duration: UInt64 = bytes.load(at: 8)
        durationNanoseconds = duration == Self.unknownDuration ? nil : duration
        matchKey = (bytes.load(at: 16, as: UInt64.self).byteSwapped, bytes.load(at: 24, as: UInt64.self).byteSwapped)
        place = bytes.load(at: 32)
        requestByteCount = bytes.load(at: 40)
        responseByteCount = bytes.load(at: 44)
        var reader = FieldReader(bytes.extracting(Self.fixedByteCount..<bytes.byteCount))
        while let field = try reader.next() {
            switch field.field {
            case Field.method: method = field.value.text
            case Field.target: target = field.value.text
            case Field.site: site = field.value.text
            case Field.adapter: adapter = field.value.text
            default: continue
            }
        }
    }
}
