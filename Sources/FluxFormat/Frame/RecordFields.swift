/// The 40 fixed bytes of a record in the heads of a frame.
struct RecordFields {
    static let byteCount = 40
    /// The string id of a text that is absent.
    static let noString = UInt32.max
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
        bytes.append(littleEndian: payloadLength, kinds)
        bytes.append(littleEndian: laneID, sequence)
        bytes.append(littleEndian: issued, done)
        bytes.append(littleEndian: offsetNanoseconds)
        bytes.append(littleEndian: nameID, descriptorLength)
    }
}

extension RecordFields {
    /// Reads the fields at `offset`, which the caller knows to have 40 bytes behind it; traps when it has not.
    init(loading bytes: RawSpan, at offset: Int) {
        // One check instead of twelve: this runs twice for every record that is read.
        precondition(
            offset >= 0 && offset <= bytes.byteCount - Self.byteCount, "RecordFields(loading:at:) outside of the heads")
        func load<Value: FixedWidthInteger & BitwiseCopyable>(_ place: Int) -> Value {
            let place = offset + place
            return Value(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: Value.self))
        }
        payloadLength = load(0)
        kind = load(4)
        flags = load(6)
        encoding = load(7)
        laneID = load(8)
        sequence = load(12)
        issued = load(16)
        done = load(20)
        offsetNanoseconds = load(24)
        nameID = load(32)
        descriptorLength = load(36)
    }
}
