/// A piece of an event's payload with a role of its own, so that each can be sealed alone.
///
/// A payload of parts is `{u32 count, u32 0}`, then `{u16 role, u8 encoding, u8 flags, u32 length}` for each, then the
/// parts, each with zeros up to a multiple of 8.
public struct PayloadPart: Sendable, Equatable {
    /// What the part is.
    public struct Role: RawRepresentable, Hashable, Sendable {
        /// The number as stored.
        public let rawValue: UInt16

        /// Makes a role from its stored number.
        public init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// Method, URL and headers of a request.
        public static let requestHead = Role(rawValue: 1)
        /// The body of a request.
        public static let requestBody = Role(rawValue: 2)
        /// Status and headers of an answer.
        public static let responseHead = Role(rawValue: 3)
        /// The body of an answer.
        public static let responseBody = Role(rawValue: 4)
        /// The error in which a call ended.
        public static let error = Role(rawValue: 5)
    }

    /// What the part is.
    public var role: Role
    /// How it is spelled.
    public var encoding: PayloadEncoding
    /// What is known of it.
    public var flags: EventFlags
    /// Its bytes.
    public var bytes: [UInt8]

    /// Makes a part.
    public init(role: Role, encoding: PayloadEncoding, flags: EventFlags = [], bytes: [UInt8]) {
        self.role = role
        self.encoding = encoding
        self.flags = flags
        self.bytes = bytes
    }

    /// The payload that holds the parts in this order.
    public static func payload(of parts: [PayloadPart]) -> [UInt8] {
        var payload: [UInt8] = []
        payload.reserveCapacity(parts.reduce(8 + 8 * parts.count) { $0 + wordAligned($1.bytes.count) })
        payload.append(littleEndian: UInt32(parts.count))
        payload.append(littleEndian: UInt32(0))
        for part in parts {
            payload.append(littleEndian: part.role.rawValue)
            payload.append(part.encoding.rawValue)
            payload.append(part.flags.rawValue)
            payload.append(littleEndian: UInt32(part.bytes.count))
        }
        for part in parts {
            payload.append(contentsOf: part.bytes)
            payload.padToWord()
        }
        return payload
    }
}

/// Reads the parts of a payload without copying them.
public struct PayloadPartReader: ~Escapable {
    private let payload: RawSpan
    private let count: Int
    private var index = 0
    private var offset: Int

    /// Starts at the first part of a payload whose encoding is ``PayloadEncoding/parts``.
    @_lifetime(copy payload)
    public init(_ payload: RawSpan) throws(FormatError) {
        guard payload.byteCount >= 8 else { throw .truncated(needed: 8, available: payload.byteCount) }
        let count = Int(payload.load(at: 0, as: UInt32.self))
        guard count <= (payload.byteCount - 8) / 8 else {
            throw .truncated(needed: 8 + 8 * count, available: payload.byteCount)
        }
        self.payload = payload
        self.count = count
        offset = 8 + 8 * count
    }

    /// The next part, or `nil` behind the last.
    @_lifetime(copy self)
    public mutating func next() throws(FormatError) -> View? {
        guard index < count else { return nil }
        let entry = 8 + 8 * index
        let length = Int(payload.load(at: entry + 4, as: UInt32.self))
        guard length <= payload.byteCount - offset else {
            throw .truncated(needed: length, available: payload.byteCount - offset)
        }
        let start = offset
        index += 1
        offset = min(wordAligned(start + length), payload.byteCount)
        return View(
            role: PayloadPart.Role(rawValue: payload.load(at: entry)),
            encoding: PayloadEncoding(rawValue: payload.load(at: entry + 2)),
            flags: EventFlags(rawValue: payload.load(at: entry + 3)),
            bytes: payload.extracting(start..<start + length))
    }

    /// One part, borrowed from the payload.
    public struct View: ~Escapable {
        /// What the part is.
        public let role: PayloadPart.Role
        /// How it is spelled.
        public let encoding: PayloadEncoding
        /// What is known of it.
        public let flags: EventFlags
        /// Its bytes.
        public let bytes: RawSpan

        @_lifetime(copy bytes)
        init(role: PayloadPart.Role, encoding: PayloadEncoding, flags: EventFlags, bytes: RawSpan) {
            self.role = role
            self.encoding = encoding
            self.flags = flags
            self.bytes = bytes
        }
    }
}
