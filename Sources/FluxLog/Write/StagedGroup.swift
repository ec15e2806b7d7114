import FluxFiles
import FluxFormat

/// Frames that are stamped for a place behind the end of a segment, and not yet written.
struct StagedGroup {
    /// All frames, in order.
    var frames: [ScannedFrame] = []
    /// One entry for each batch.
    var batches: [StagedBatch] = []
    /// Behind the last frame.
    var end: Int
    var lastFrameHash: UInt64
    var nextFrameSequence: UInt64
}

/// A batch of a group.
struct StagedBatch {
    /// Its frames among those of the group.
    let frames: Range<Int>
    /// Behind its last frame in the segment.
    let end: Int
}

/// The bytes that go to the disk next, in one buffer that is used again and again.
struct StagingBuffer: ~Copyable {
    /// Bytes that one write takes; a larger group is written in several.
    static let byteCountMax = 4 << 20

    private var buffer = ByteBuffer()
    private(set) var byteCount = 0

    /// Whether so many bytes more would be too many for one write.
    func isFull(adding count: Int) -> Bool { byteCount > 0 && byteCount + count > Self.byteCountMax }

    /// Appends a frame with the header as it stands at `position`, and returns the header's hash.
    mutating func append(
        _ header: FrameHeader, payload: [UInt8], at position: Position, segmentSalt: UInt64
    ) -> UInt64 {
        let count = FrameHeader.byteCount + payload.count
        buffer.reserve(byteCount + count, keeping: byteCount)
        let range = byteCount..<byteCount + count
        byteCount += count
        return unsafe buffer.withMutableBytes(range) { target in
            let hash = unsafe header.encode(into: target, at: position, segmentSalt: segmentSalt)
            unsafe payload.withUnsafeBytes { bytes in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[FrameHeader.byteCount...])
                    .copyMemory(from: bytes)
            }
            return hash
        }
    }

    /// Appends bytes as they are.
    mutating func append(_ bytes: [UInt8]) {
        buffer.reserve(byteCount + bytes.count, keeping: byteCount)
        let range = byteCount..<byteCount + bytes.count
        byteCount += bytes.count
        unsafe buffer.withMutableBytes(range) { target in
            unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
        }
    }

    /// Writes everything at an offset, and is empty behind that, whatever came of it.
    mutating func write(to file: some StoredFile, at offset: Int) throws(IOError) {
        let range = 0..<byteCount
        byteCount = 0
        try unsafe buffer.withMutableBytes(range) { (bytes) throws(IOError) in
            try unsafe file.write(UnsafeRawBufferPointer(bytes), at: offset)
        }
    }
}
