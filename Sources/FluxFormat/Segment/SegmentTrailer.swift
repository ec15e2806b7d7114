/// The last 64 bytes of a sealed segment. See `Trailer` on the format page.
package struct SegmentTrailer: Sendable, Equatable {
    package static let byteCount = 64
    private static let magic: [UInt8] = Array("RPLSEAL1".utf8)
    private static let hashOffset = 56

    /// Where the first SEAL frame lies.
    package var sealPosition: Position
    /// Frames of the segment, those of the seal included: the next segment's sequence goes on behind them.
    package var frameCount: UInt32
    package var executionCount: UInt32
    package var firstFrameSequence: UInt64
    /// The header hash of the last SEAL frame: the next segment's chain begins with it.
    package var lastFrameHash: UInt64
    /// The least start of the segment's executions; 0 where none has a time.
    package var wallFirst: UInt64
    /// The greatest start of the segment's executions; 0 where none has a time.
    package var wallLast: UInt64

    package init(
        sealPosition: Position, frameCount: UInt32, executionCount: UInt32, firstFrameSequence: UInt64,
        lastFrameHash: UInt64, wallFirst: UInt64, wallLast: UInt64
    ) {
        self.sealPosition = sealPosition
        self.frameCount = frameCount
        self.executionCount = executionCount
        self.firstFrameSequence = firstFrameSequence
        self.lastFrameHash = lastFrameHash
        self.wallFirst = wallFirst
        self.wallLast = wallLast
    }

    /// The sequence of the first frame of the next segment.
    package var nextFrameSequence: UInt64 { firstFrameSequence + UInt64(frameCount) }

    /// The 64 bytes as stored.
    package func encoded(segmentSalt: UInt64) -> [UInt8] {
        var bytes = Self.magic
        bytes.append(littleEndian: sealPosition.rawValue)
        bytes.append(littleEndian: frameCount)
        bytes.append(littleEndian: executionCount)
        bytes.append(littleEndian: firstFrameSequence)
        bytes.append(littleEndian: lastFrameHash)
        bytes.append(littleEndian: wallFirst)
        bytes.append(littleEndian: wallLast)
        bytes.append(littleEndian: XXH3.hash(bytes.rawSpan, seed: segmentSalt))
        return bytes
    }

    /// Reads and verifies the trailer.
    package init(parsing bytes: RawSpan, segmentSalt: UInt64) throws(FormatError) {
        guard bytes.byteCount >= Self.byteCount else {
            throw .truncated(needed: Self.byteCount, available: bytes.byteCount)
        }
        guard bytes.extracting(0..<8).hasSameBytes(as: Self.magic.rawSpan) else { throw .wrongMagic }
        let expected: UInt64 = bytes.load(at: Self.hashOffset)
        let actual = XXH3.hash(bytes.extracting(0..<Self.hashOffset), seed: segmentSalt)
        guard actual == expected else { throw .hashMismatch(.trailer, expected: expected, actual: actual) }
        self.init(
            sealPosition: Position(rawValue: bytes.load(at: 8)), frameCount: bytes.load(at: 16),
            executionCount: bytes.load(at: 20), firstFrameSequence: bytes.load(at: 24),
            lastFrameHash: bytes.load(at: 32), wallFirst: bytes.load(at: 40), wallLast: bytes.load(at: 48))
    }
}
