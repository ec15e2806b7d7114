/// The decoded sections of an EVENTS frame, proven to be in bounds.
package struct FrameContents: ~Escapable {
    private let bodies: RawSpan
    private let records: FrameRecords

    /// Proves that every record, payload and string lies inside of its section. O(records + strings).
    @_lifetime(copy bodies)
    package init(
        proving heads: RawSpan, bodies: RawSpan, prologue: FramePrologue, header: FrameHeader
    ) throws(FormatError) {
        // Both sections lie in one arena, whose life `bodies` stands for.
        records = try unsafe FrameRecords(proving: heads, bodies: bodies, prologue: prologue, header: header)
        self.bodies = bodies
    }

    package var recordCount: Int { records.count }

    /// Whether record 0 is META, which is not numbered.
    package var hasMetadata: Bool { records.hasMetadata }

    /// The record at `index`; traps where there is none.
    @_lifetime(copy self)
    package func record(at index: Int) -> EventView {
        precondition(index >= 0 && index < recordCount, "record(at:) outside of the frame")
        return unsafe _overrideLifetime(records.record(at: index), copying: bodies)
    }
}

extension FrameContents {
    /// The metadata in record 0, read from the heads alone; `nil` where record 0 is an event.
    package static func metadata(
        inHeads heads: RawSpan, prologue: FramePrologue
    ) throws(FormatError) -> EncodedMetadata? {
        let table = Int(prologue.offsetsAt)
        guard prologue.recordCount > 0, table + 4 <= heads.byteCount else { return nil }
        let start = Int(heads.load(at: table, as: UInt32.self))
        let descriptor = start + RecordFields.byteCount
        guard descriptor <= table else { throw .invalidField("record 0 of a frame") }
        guard heads.load(at: start + RecordFields.kindAt, as: UInt16.self) == EventKind.metadata.rawValue else {
            return nil
        }
        let length = Int(heads.load(at: start + RecordFields.descriptorLengthAt, as: UInt32.self))
        guard length <= table - descriptor else { throw .invalidField("META of a frame") }
        return try EncodedMetadata(parsing: heads.extracting(descriptor..<descriptor + length))
    }
}
