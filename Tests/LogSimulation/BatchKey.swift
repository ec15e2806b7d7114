package import FluxFormat
package import FluxLog

/// What tells a batch from every other: all of it but what the writer stamps.
package struct BatchKey: Hashable, Sendable, CustomStringConvertible {
    package private(set) var id: ExecutionID
    package private(set) var firstEvent: UInt64
    package private(set) var eventCount: UInt64 = 0
    package private(set) var frameCount = 0
    /// Over the fields and the stored bytes of every frame.
    private var digest: UInt64 = 0

    /// The key of a batch of which no frame was added yet.
    init(of header: FrameHeader) {
        id = header.executionID
        firstEvent = UInt64(header.firstEvent)
    }

    /// The key of a batch that is to be stored.
    package init(_ batch: EncodedBatch) {
        self.init(of: batch.frames[0].header)
        for frame in batch.frames { add(frame.header, payload: frame.payload.rawSpan) }
    }

    mutating func add(_ header: FrameHeader, payload: RawSpan) {
        frameCount += 1
        eventCount += UInt64(header.eventCount)
        let fields: [UInt64] = [
            UInt64(header.kind), UInt64(header.codec), UInt64(header.flags.rawValue), UInt64(header.storedByteCount),
            UInt64(header.rawByteCount), UInt64(header.firstEvent), UInt64(header.eventCount),
            header.executionID == id ? 1 : 0,
        ]
        for field in fields { digest = (digest ^ field) &* 0x9E37_79B9_7F4A_7C15 }
        // Not the hash that the frame itself carries.
        digest ^= XXH3.hash(payload, seed: digest)
    }

    package var description: String { "\(id) from event \(firstEvent), \(frameCount) frames" }
}
