package import FluxFormat

extension EncodedBatch {
    /// The batch that deletes an execution: one frame with the time in nanoseconds since 1970.
    package convenience init(deleting id: ExecutionID, at time: UInt64, encoder: FrameEncoder) {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: time)
        // The reason: a person, or a program, asked for it.
        bytes.append(littleEndian: UInt32(0), 0)
        var frame = encoder.encode(.tombstone, bytes, flags: [.batchFirst, .batchLast], section: 0, part: 0)
        frame.header.executionID = id
        self.init(executionID: id, frames: [frame], firstEvent: 0, eventCount: 0, isLast: true)
    }
}
