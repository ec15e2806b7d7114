/// The decoded sections of an EVENTS frame, proven to be in bounds.
package struct FrameContents: ~Escapable {
    private let heads: RawSpan
    private let bodies: RawSpan
    private let table: RecordTable

    /// Takes sections that were proven before, by ``init(proving:bodies:prologue:header:)`` over the same bytes.
    @_lifetime(copy bodies)
    package init(proven heads: RawSpan, bodies: RawSpan, table: RecordTable) {
        // Both sections lie in one arena, whose life `bodies` stands for.
        self.heads = unsafe _overrideLifetime(heads, copying: bodies)
        self.bodies = bodies
        self.table = table
    }

    /// Proves that every record, payload and string lies inside of its section. O(records + strings).
    @_lifetime(copy bodies)
    package init(
        proving heads: RawSpan, bodies: RawSpan, prologue: FramePrologue, header: FrameHeader
    ) throws(FormatError) {
        self.init(proven: heads, bodies: bodies, table: RecordTable(prologue, header: header))
        guard heads.byteCount == Int(prologue.headsRaw), bodies.byteCount == Int(prologue.bodiesRaw) else {
            throw .invalidField("section sizes of a frame")
        }
        try proveStrings()
        try proveRecords(eventCount: Int(header.eventCount))
    }

    package var recordCount: Int { table.recordCount }

    /// Whether record 0 is META, which is not numbered.
    package var hasMetadata: Bool { recordCount > 0 && fields(of: 0).kind == EventKind.metadata.rawValue }

    /// The metadata in record 0, read from the heads alone; `nil` where record 0 is an event.
    package static func metadata(
        inHeads heads: RawSpan, prologue: FramePrologue
    ) throws(FormatError) -> EncodedMetadata? {
        let table = Int(prologue.offsetsAt)
        guard prologue.recordCount > 0, table + 4 <= heads.byteCount else { return nil }
        let start = Int(heads.load(at: table, as: UInt32.self))
        guard start + RecordFields.byteCount <= table else { throw .invalidField("record 0 of a frame") }
        let fields = RecordFields(loading: heads, at: start)
        guard fields.kind == EventKind.metadata.rawValue else { return nil }
        let descriptor = start + RecordFields.byteCount
        guard Int(fields.descriptorLength) <= table - descriptor else { throw .invalidField("META of a frame") }
        return try EncodedMetadata(
            parsing: heads.extracting(descriptor..<descriptor + Int(fields.descriptorLength)))
    }

    /// The record at `index`, which is below ``recordCount``.
    @_lifetime(copy self)
    package func record(at index: Int, hasMetadata: Bool) -> EventView {
        let head = headOffset(of: index)
        let fields = RecordFields(loading: heads, at: head)
        let descriptorAt = head + RecordFields.byteCount
        let payloadAt = payloadOffset(of: index)
        return EventView(
            record: fields, executionID: table.executionID,
            index: table.firstEvent + UInt64(hasMetadata ? max(index, 1) - 1 : index),
            payloadOffset: index == 0 ? table.payloadOffset : 0,
            laneBytes: string(fields.laneID), nameBytes: string(fields.nameID),
            descriptor: heads.extracting(descriptorAt..<descriptorAt + Int(fields.descriptorLength)),
            payload: bodies.extracting(payloadAt..<payloadAt + Int(fields.payloadLength)))
    }

    private func headOffset(of index: Int) -> Int {
        Int(heads.load(at: table.offsetsAt + 4 * index, as: UInt32.self))
    }

    private func payloadOffset(of index: Int) -> Int {
        Int(heads.load(at: table.offsetsAt + 4 * (recordCount + index), as: UInt32.self))
    }

    private func fields(of index: Int) -> RecordFields {
        RecordFields(loading: heads, at: headOffset(of: index))
    }

    @_lifetime(copy self)
    private func string(_ id: UInt32) -> RawSpan {
        guard id != RecordFields.noString else { return heads.extracting(0..<0) }
        let entry = table.stringsAt + 4 * Int(id)
        let text = table.textAt
        let start = Int(heads.load(at: entry, as: UInt32.self))
        let end = Int(heads.load(at: entry + 4, as: UInt32.self))
        return heads.extracting(text + start..<text + end)
    }
}

extension FrameContents {
    private func proveStrings() throws(FormatError) {
        let text = table.textAt
        guard text <= heads.byteCount else { throw .invalidField("string table of a frame") }
        var last = 0
        for id in 0...table.stringCount {
            let offset = Int(heads.load(at: table.stringsAt + 4 * id, as: UInt32.self))
            guard offset >= last, offset <= heads.byteCount - text else {
                throw .invalidField("string \(id) of a frame")
            }
            last = offset
        }
    }

    private func proveRecords(eventCount: Int) throws(FormatError) {
        let headsEnd = table.offsetsAt
        guard headsEnd + 8 * recordCount <= table.stringsAt else {
            throw .invalidField("offset table of a frame")
        }
        var headEnd = 0
        var payloadEnd = 0
        var endedCount = 0
        for index in 0..<recordCount {
            let head = headOffset(of: index)
            let payload = payloadOffset(of: index)
            guard head >= headEnd, head + RecordFields.byteCount <= headsEnd else {
                throw .invalidField("record \(index) of a frame")
            }
            let fields = RecordFields(loading: heads, at: head)
            headEnd = head + RecordFields.byteCount + Int(fields.descriptorLength)
            guard payload >= payloadEnd else { throw .invalidField("payload \(index) of a frame") }
            payloadEnd = payload + Int(fields.payloadLength)
            guard headEnd <= headsEnd, payloadEnd <= bodies.byteCount,
                fields.laneID == RecordFields.noString || fields.laneID < table.stringCount,
                fields.nameID == RecordFields.noString || fields.nameID < table.stringCount
            else { throw .invalidField("record \(index) of a frame") }
            guard fields.kind != EventKind.metadata.rawValue || index == 0 else {
                throw .invalidField("META as record \(index) of a frame")
            }
            let isPiece = EventFlags(rawValue: fields.flags).contains(.hasMorePieces)
            if fields.kind != EventKind.metadata.rawValue && !isPiece { endedCount += 1 }
        }
        guard endedCount == eventCount else {
            throw .invalidField("\(eventCount) events in the header of a frame that ends \(endedCount)")
        }
    }
}
