package import FluxFiles
package import FluxFormat

/// Reads single frames from where the index says they lie, into one buffer.
package struct FrameLoader: ~Copyable {
    private var buffer = ByteBuffer()
    private var payloadAt = 0..<0

    package init() {}

    /// Voids the last payload; in debug builds its bytes are overwritten.
    package mutating func invalidate() {
        payloadAt = 0..<0
        buffer.scribble()
    }

    /// Reads the frame of `byteCount` bytes at `position` and verifies its header; the payload is not verified yet.
    package mutating func load(
        _ file: some StoredFile, segment: SegmentHeader, at position: Position, byteCount: Int
    ) throws(LogError) -> FrameHeader {
        let limit = FrameHeader.byteCount + FormatLimit.readableFrameByteCountMax
        guard byteCount >= FrameHeader.byteCount, byteCount <= limit else {
            throw .damaged(path: file.path, offset: position.offset, .invalidField("a frame of \(byteCount) bytes"))
        }
        buffer.reserve(byteCount)
        let count: Int
        do throws(IOError) {
            count = try unsafe buffer.withMutableBytes(0..<byteCount) { (target) throws(IOError) in
                try unsafe file.read(into: target, at: position.offset)
            }
        } catch {
            throw .io(error)
        }
        do throws(FormatError) {
            guard count == byteCount else { throw .truncated(needed: byteCount, available: count) }
            let header = try FrameHeader(
                parsing: buffer.span(0..<FrameHeader.byteCount), at: position, segmentSalt: segment.segmentSalt)
            guard header.frameByteCount == byteCount else { throw .invalidField("a frame of another length") }
            payloadAt = FrameHeader.byteCount..<byteCount
            return header
        } catch {
            throw .damaged(path: file.path, offset: position.offset, error)
        }
    }

    /// The stored payload of the last frame with its padding.
    package var payload: RawSpan {
        @_lifetime(borrow self)
        borrowing get { buffer.span(payloadAt) }
    }

    /// The same bytes, which the caller lets nobody use once the next frame is read.
    @unsafe
    package var unownedPayload: RawSpan {
        @_lifetime(immortal)
        borrowing get { unsafe buffer.unownedSpan(payloadAt) }
    }
}
