/// Where the records of a frame stand in its heads, and what they have in common.
package struct RecordTable: Sendable {
    /// The number of records, META included.
    package let recordCount: Int
    let executionID: ExecutionID
    /// The number of the first event.
    let firstEvent: UInt64
    /// Offset of the two offset tables in the heads.
    let offsetsAt: Int
    /// Offset of the string table in the heads.
    let stringsAt: Int
    let stringCount: Int
    /// Payload bytes of record 0 that stand in earlier frames.
    let payloadOffset: Int

    package init(_ prologue: FramePrologue, header: FrameHeader) {
        recordCount = Int(prologue.recordCount)
        executionID = header.executionID
        firstEvent = UInt64(header.firstEvent)
        offsetsAt = Int(prologue.offsetsAt)
        stringsAt = Int(prologue.stringsAt)
        stringCount = Int(prologue.stringCount)
        payloadOffset = Int(prologue.payloadOffset)
    }

    /// Offset of the strings' bytes in the heads.
    var textAt: Int { stringsAt + 4 * (stringCount + 1) }
}
