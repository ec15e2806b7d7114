package import FluxFormat

/// A frame as it will stand in the log, but for what only the writer knows.
package struct EncodedFrame: Sendable {
    /// Without the fields that the writer stamps.
    package var header: FrameHeader
    /// The stored payload with its padding.
    package var payload: [UInt8]
    /// META of record 0, in frames that begin or end an execution.
    package var metadata: EncodedMetadata?
}

/// Frames that are stored together or not at all. A class: the writer hands it from list to list as one reference.
package final class EncodedBatch: Sendable {
    package let executionID: ExecutionID
    package let frames: [EncodedFrame]
    /// The number of its first event in the execution.
    package let firstEvent: UInt64
    package let eventCount: UInt64
    /// Whether no batch of the execution follows.
    package let isLast: Bool

    /// Bytes in the log.
    package let byteCount: Int
    /// Whether it deletes its execution.
    package let isTombstone: Bool

    /// Whose events they are.
    package var tenantID: UInt32 { frames[0].header.tenantID }

    package init(executionID: ExecutionID, frames: [EncodedFrame], firstEvent: UInt64, eventCount: UInt64, isLast: Bool)
    {
        self.executionID = executionID
        self.frames = frames
        self.firstEvent = firstEvent
        self.eventCount = eventCount
        self.isLast = isLast
        byteCount = frames.reduce(0) { $0 + $1.header.frameByteCount }
        isTombstone = frames.first?.header.frameKind == .tombstone
    }
}
