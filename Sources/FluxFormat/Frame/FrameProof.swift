/// Proves that what the heads of an EVENTS frame say lies inside of its sections.
///
/// Hashes that hold say only that the bytes are those which were written. Behind the proof, records are read without
/// another check.
struct FrameProof: ~Escapable {
    private let heads: RawSpan
    private let bodiesByteCount: Int
    private let recordCount: Int
    private let offsetsAt: Int
    private let stringsAt: Int
    private let stringCount: Int

    @_lifetime(copy heads)
    init(heads: RawSpan, bodiesByteCount: Int, prologue: FramePrologue) {
        self.heads = heads
        self.bodiesByteCount = bodiesByteCount
        recordCount = Int(prologue.recordCount)
        offsetsAt = Int(prologue.offsetsAt)
        stringsAt = Int(prologue.stringsAt)
        stringCount = Int(prologue.stringCount)
    }

    /// Offset of the strings' bytes in the heads.
    var textAt: Int { stringsAt + 4 * (stringCount + 1) }

    /// Proves everything; returns whether record 0 is META.
    func prove(eventCount: Int) throws(FormatError) -> Bool {
        // First of all the tables: what follows reads them without a check.
        guard textAt <= heads.byteCount else { throw .invalidField("string table of a frame") }
        guard offsetsAt + 8 * recordCount <= stringsAt else { throw .invalidField("offset table of a frame") }
        try proveStrings()
        return try proveRecords(eventCount: eventCount)
    }

    /// A little-endian number of which is known that it lies in the heads.
    private func number<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as: Value.Type) -> Value {
        Value(littleEndian: unsafe heads.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: Value.self))
    }

    private func proveStrings() throws(FormatError) {
        let byteCount = heads.byteCount - textAt
        var last = 0
        for id in 0...stringCount {
            let offset = Int(number(at: stringsAt &+ 4 &* id, as: UInt32.self))
            guard offset >= last, offset <= byteCount else { throw .invalidField("string \(id) of a frame") }
            last = offset
        }
    }

    private func proveRecords(eventCount: Int) throws(FormatError) -> Bool {
        var headEnd = 0
        var payloadEnd = 0
        var endedCount = 0
        var hasMetadata = false
        for index in 0..<recordCount {
            let head = Int(number(at: offsetsAt &+ 4 &* index, as: UInt32.self))
            let payload = Int(number(at: offsetsAt &+ 4 &* (recordCount &+ index), as: UInt32.self))
            guard head >= headEnd, head + RecordFields.byteCount <= offsetsAt else {
                throw .invalidField("record \(index) of a frame")
            }
            let descriptorLength = number(at: head &+ RecordFields.descriptorLengthAt, as: UInt32.self)
            headEnd = head &+ RecordFields.byteCount &+ Int(descriptorLength)
            guard payload >= payloadEnd else { throw .invalidField("payload \(index) of a frame") }
            payloadEnd = payload &+ Int(number(at: head &+ RecordFields.payloadLengthAt, as: UInt32.self))
            guard headEnd <= offsetsAt, payloadEnd <= bodiesByteCount,
                isString(number(at: head &+ RecordFields.laneIDAt, as: UInt32.self)),
                isString(number(at: head &+ RecordFields.nameIDAt, as: UInt32.self))
            else { throw .invalidField("record \(index) of a frame") }
            if number(at: head &+ RecordFields.kindAt, as: UInt16.self) == EventKind.metadata.rawValue {
                guard index == 0 else { throw .invalidField("META as record \(index) of a frame") }
                hasMetadata = true
            } else {
                let flags = number(at: head &+ RecordFields.flagsAt, as: UInt8.self)
                if flags & EventFlags.hasMorePieces.rawValue == 0 { endedCount &+= 1 }
            }
        }
        guard endedCount == eventCount else {
            throw .invalidField("\(eventCount) events in the header of a frame that ends \(endedCount)")
        }
        return hasMetadata
    }

    private func isString(_ id: UInt32) -> Bool { id == RecordFields.noString || id < stringCount }
}
