/// The 40 fixed bytes of a record in the heads of a frame.
@usableFromInline
struct RecordFields {
    @inlinable static var byteCount: Int { 40 }
    /// The string id of a text that is absent.
    @inlinable static var noString: UInt32 { .max }
    /// The stored offset of an event without a time.
    static let noOffset = UInt64.max

    var payloadLength: UInt32
    var kind: UInt16
    var flags: UInt8
    var encoding: UInt8
    var laneID: UInt32
    var sequence: UInt32
    var issued: UInt32
    var done: UInt32
    var offsetNanoseconds: UInt64
    var nameID: UInt32
    var descriptorLength: UInt32

    /// Appends the fields as stored, two or more in a word.
    func append(to bytes: inout [UInt8]) {
        let kinds = UInt32(kind) | UInt32(flags) << 16 | UInt32(encoding) << 24
        let words = (
            Self.word(payloadLength, kinds), Self.word(laneID, sequence), Self.word(issued, done),
            offsetNanoseconds.littleEndian, Self.word(nameID, descriptorLength)
        )
        unsafe withUnsafeBytes(of: words) { unsafe bytes.append(contentsOf: $0) }
    }

    /// Two fields as they stand in a word.
    private static func word(_ first: UInt32, _ second: UInt32) -> UInt64 {
        (UInt64(first) | UInt64(second) << 32).littleEndian
    }
}

/// Where the fields stand in a record.
extension RecordFields {
    @inlinable static var payloadLengthAt: Int { 0 }
    @inlinable static var kindAt: Int { 4 }
    @inlinable static var flagsAt: Int { 6 }
    @inlinable static var encodingAt: Int { 7 }
    @inlinable static var laneIDAt: Int { 8 }
    @inlinable static var sequenceAt: Int { 12 }
    @inlinable static var issuedAt: Int { 16 }
    @inlinable static var doneAt: Int { 20 }
    @inlinable static var offsetNanosecondsAt: Int { 24 }
    @inlinable static var nameIDAt: Int { 32 }
    @inlinable static var descriptorLengthAt: Int { 36 }
}
