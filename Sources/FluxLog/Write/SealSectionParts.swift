import FluxFormat

/// A section of a seal, cut into frames of at most 1 MiB of raw bytes while it grows.
struct SealSectionParts {
    /// Raw bytes of one SEAL frame.
    private static let partByteCount = FormatLimit.frameByteCountMax

    private let section: SealSection
    private let encoder: FrameEncoder
    private var frames: [EncodedFrame] = []
    private var frameByteCount = 0
    /// What is not in a frame yet.
    private var open: [UInt8] = []

    init(_ section: SealSection, encoder: FrameEncoder) {
        self.section = section
        self.encoder = encoder
    }

    /// An upper bound of what the section takes in the log.
    var byteCount: Int { frameByteCount + open.count + FrameHeader.byteCount + 8 }

    /// Adds a record, and encodes a part that is full.
    mutating func append(_ record: SealedRecord) {
        record.append(to: &open)
        if open.count >= Self.partByteCount { encodeFullParts() }
    }

    /// Adds the bytes of a whole section.
    mutating func append(_ bytes: [UInt8]) {
        open += bytes
        encodeFullParts()
    }

    /// All frames of the section, at least one.
    func finish() -> [EncodedFrame] {
        open.isEmpty && !frames.isEmpty ? frames : frames + [part(open)]
    }

    private mutating func encodeFullParts() {
        var start = 0
        while open.count - start >= Self.partByteCount {
            let frame = part(Array(open[start..<start + Self.partByteCount]))
            frames.append(frame)
            frameByteCount += frame.header.frameByteCount
            start += Self.partByteCount
        }
        open.removeFirst(start)
    }

    private func part(_ bytes: [UInt8]) -> EncodedFrame {
        encoder.encode(.seal, bytes, flags: [], section: section.rawValue, part: UInt32(frames.count))
    }
}
