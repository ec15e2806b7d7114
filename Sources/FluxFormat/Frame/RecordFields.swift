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

    /// Appends the fields as stored.
    func append(to bytes: inout [UInt8]) {
        bytes.append(littleEndian: payloadLength)
        bytes.append(littleEndian: kind)
        bytes.append(flags)
        bytes.append(encoding)
        bytes.append(littleEndian: laneID)
        bytes.append(littleEndian: sequence)
        bytes.append(littleEndian: issued)
        bytes.append(littleEndian: done)
        bytes.append(littleEndian: offsetNanoseconds)
        bytes.append(littleEndian: nameID)
        bytes.append(littleEndian: descriptorLength)
    }
}

extension RecordFields {
    /// Reads the fields at `offset`, which the caller knows to have 40 bytes behind it.
    init(loading bytes: RawSpan, at offset: Int) {
        payloadLength = bytes.load(at: offset)
        kind = bytes.load(at: offset + 4)
        flags = bytes.load(at: offset + 6)
        encoding = bytes.load(at: offset + 7)
        laneID = bytes.load(at: offset + 8)
        sequence = bytes.load(at: offset + 12)
        issued = bytes.load(at: offset + 16)
        done = bytes.load(at: offset + 20)
        offsetNanoseconds = bytes.load(at: offset + 24)
        nameID = bytes.load(at: offset + 32)
        descriptorLength = bytes.load(at: offset + 36)
    }
}
