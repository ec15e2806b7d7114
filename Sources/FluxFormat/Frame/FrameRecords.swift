/// The records of one EVENTS frame whose sections were proven: lends views of them, without another check.
///
/// Holds addresses, not the sections: the owner keeps these as they are, in place, and lets nobody use a view for longer.
@safe
@usableFromInline
package struct FrameRecords {
    /// The heads, decoded.
    @usableFromInline let heads: UnsafeRawPointer?
    /// The bodies, decoded; `nil` where they were not.
    @usableFromInline let bodies: UnsafeRawPointer?
    /// The number of records, META included.
    @usableFromInline package let count: Int
    /// Whether record 0 is META, which is not numbered.
    @usableFromInline package let hasMetadata: Bool
    @usableFromInline let executionID: ExecutionID
    /// Where the frame lies.
    @usableFromInline package var position: Position
    /// What is added to the number of a record for that of its event.
    @usableFromInline let firstIndex: UInt64
    /// Offset of the two offset tables in the heads.
    @usableFromInline let offsetsAt: Int
    /// Offset of the string table in the heads.
    @usableFromInline let stringsAt: Int
    /// Offset of the strings' bytes in the heads.
    @usableFromInline let textAt: Int
    /// Payload bytes of record 0 that stand in earlier frames.
    @usableFromInline let payloadOffset: Int

    /// No records.
    package init() {
        unsafe (heads, bodies) = (nil, nil)
        count = 0
        hasMetadata = false
        executionID = .none
        position = .zero
        firstIndex = 0
        offsetsAt = 0
        stringsAt = 0
        textAt = 0
        payloadOffset = 0
    }

    /// Proves that every record, payload and string lies inside of its section. O(records + strings).
    ///
    /// Without bodies their size is that of the prologue. The sections stay in place for as long as a view is used.
    @unsafe
    package init(
        proving heads: RawSpan, bodies: RawSpan?, prologue: FramePrologue, header: FrameHeader
    ) throws(FormatError) {
        let bodiesByteCount = Int(prologue.bodiesRaw)
        guard heads.byteCount == Int(prologue.headsRaw), (bodies?.byteCount ?? bodiesByteCount) == bodiesByteCount
        else { throw .invalidField("section sizes of a frame") }
        let proof = FrameProof(heads: heads, bodiesByteCount: bodiesByteCount, prologue: prologue)
        hasMetadata = try proof.prove(eventCount: Int(header.eventCount))
        let base = unsafe heads.withUnsafeBytes { $0.baseAddress }
        unsafe self.heads = base
        if let bodies {
            // No bytes have no address, and no record reads one of them.
            unsafe self.bodies = bodies.withUnsafeBytes { $0.baseAddress } ?? base
        } else {
            unsafe self.bodies = nil
        }
        count = Int(prologue.recordCount)
        executionID = header.executionID
        position = .zero
        // META in front takes no number; it is never handed out as an event.
        firstIndex = UInt64(header.firstEvent) &- (hasMetadata ? 1 : 0)
        offsetsAt = Int(prologue.offsetsAt)
        stringsAt = Int(prologue.stringsAt)
        textAt = proof.textAt
        payloadOffset = Int(prologue.payloadOffset)
    }
}

extension FrameRecords {
    /// The head of the record at `index`, which is below ``count``.
    @unsafe
    @inlinable
    @inline(__always)
    @_lifetime(immortal)
    package func head(at index: Int) -> EventHeadView {
        let heads = unsafe heads.unsafelyUnwrapped
        let offset = unsafe heads.field(offsetsAt &+ 4 &* index, as: UInt32.self)
        let record = unsafe heads + Int(offset)
        let length = unsafe record.field(RecordFields.descriptorLengthAt, as: UInt32.self)
        let descriptor = unsafe RawSpan(
            _unsafeStart: record + RecordFields.byteCount, byteCount: Int(length))
        let view = unsafe EventHeadView(
            record: record, executionID: executionID, position: position, index: firstIndex &+ UInt64(index),
            payloadOffset: index == 0 ? payloadOffset : 0,
            laneBytes: string(record.field(RecordFields.laneIDAt)),
            nameBytes: string(record.field(RecordFields.nameIDAt)), descriptor: descriptor)
        return unsafe _overrideLifetime(view, copying: ())
    }

    /// The record at `index`, which is below ``count``, of a frame whose bodies were decoded.
    @unsafe
    @inlinable
    @inline(__always)
    @_lifetime(immortal)
    package func record(at index: Int) -> EventView {
        let head = unsafe head(at: index)
        let offset = unsafe heads.unsafelyUnwrapped.field(offsetsAt &+ 4 &* (count &+ index), as: UInt32.self)
        let payload = unsafe RawSpan(
            _unsafeStart: bodies.unsafelyUnwrapped + Int(offset), byteCount: head.payloadByteCount)
        return unsafe _overrideLifetime(EventView(head: head, payload: payload), copying: ())
    }

    @unsafe
    @inlinable
    @inline(__always)
    @_lifetime(immortal)
    func string(_ id: UInt32) -> RawSpan {
        let heads = unsafe heads.unsafelyUnwrapped
        guard id != RecordFields.noString else {
            let none = unsafe RawSpan(_unsafeStart: heads, byteCount: 0)
            return unsafe _overrideLifetime(none, copying: ())
        }
        let entry = stringsAt &+ 4 &* Int(id)
        let start = Int(unsafe heads.field(entry, as: UInt32.self))
        let end = Int(unsafe heads.field(entry &+ 4, as: UInt32.self))
        let text = unsafe RawSpan(_unsafeStart: heads + textAt + start, byteCount: end &- start)
        return unsafe _overrideLifetime(text, copying: ())
    }
}

extension UnsafeRawPointer {
    /// A little-endian integer so many bytes on.
    @unsafe
    @inlinable
    @inline(__always)
    func field<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as: Value.Type = Value.self) -> Value {
        Value(littleEndian: unsafe loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
