/// The first 4096 bytes of a segment file. See `Segment header` on the format page.
package struct SegmentHeader: Sendable, Equatable {
    package static let byteCount = 4096
    /// A byte over 0x7F, line ends of both kinds and an end-of-file character: what careless copying damages.
    package static let magic: [UInt8] = [0x89, 0x52, 0x50, 0x4C, 0x0D, 0x0A, 0x1A, 0x31]
    /// The version that is read, and of which golden stores are kept: see `Version` on the format page.
    package static let formatMajor: UInt16 = 1
    package static let formatMinor: UInt16 = 0
    /// The minor version of a segment that has a feature which version 1.0 does not know.
    package static let featureFormatMinor: UInt16 = 1
    /// Bits of ``readerFeatures``: the segment has tombstones.
    package static let tombstonesFeature: UInt32 = 1 << 0
    /// The segment was written anew, with some of its frames.
    package static let rewrittenFeature: UInt32 = 1 << 1
    private static let knownReaderFeatures = tombstonesFeature | rewrittenFeature
    private static let hashOffset = 4088

    package var storeID: StoreID
    package var segment: UInt32
    package var generation: UInt32
    package var segmentSalt: UInt64
    package var storeSalt: UInt64
    /// The end of the previous segment behind its trailer; zero in the first segment.
    package var previousEnd: Position
    package var previousLastFrameHash: UInt64
    package var firstFrameSequence: UInt64
    package var createdAt: UInt64
    /// Features, by their bits, that every reader must know.
    package var readerFeatures: UInt32
    /// Features, by their bits, that a reader may ignore and a writer may not; this version knows none.
    package var writerFeatures: UInt32
    package var writerEpoch: UInt32
    package var preallocatedByteCount: UInt32

    package init(
        storeID: StoreID, segment: UInt32, segmentSalt: UInt64, storeSalt: UInt64, previousEnd: Position,
        previousLastFrameHash: UInt64, firstFrameSequence: UInt64, createdAt: UInt64, writerEpoch: UInt32
    ) {
        self.storeID = storeID
        self.segment = segment
        self.segmentSalt = segmentSalt
        self.storeSalt = storeSalt
        self.previousEnd = previousEnd
        self.previousLastFrameHash = previousLastFrameHash
        self.firstFrameSequence = firstFrameSequence
        self.createdAt = createdAt
        self.writerEpoch = writerEpoch
        generation = 0
        readerFeatures = 0
        writerFeatures = 0
        preallocatedByteCount = 0
    }
}

extension SegmentHeader {
    /// The 4096 bytes as stored.
    package var encoded: [UInt8] {
        var bytes = Self.magic
        bytes.reserveCapacity(Self.byteCount)
        bytes.append(littleEndian: Self.formatMajor)
        bytes.append(littleEndian: readerFeatures == 0 ? Self.formatMinor : Self.featureFormatMinor)
        bytes.append(littleEndian: UInt32(Self.byteCount))
        bytes.append(contentsOf: storeID.bytes)
        bytes.append(littleEndian: segment)
        bytes.append(littleEndian: generation)
        bytes.append(littleEndian: segmentSalt)
        bytes.append(littleEndian: storeSalt)
        bytes.append(littleEndian: previousEnd.rawValue)
        bytes.append(littleEndian: previousLastFrameHash)
        bytes.append(littleEndian: firstFrameSequence)
        bytes.append(littleEndian: createdAt)
        // No features that all may ignore, and a reserved word.
        for features in [readerFeatures, writerFeatures, 0, 0] { bytes.append(littleEndian: features) }
        bytes.append(littleEndian: writerEpoch)
        bytes.append(littleEndian: preallocatedByteCount)
        // No dictionaries: their count, their table and what is free up to the hash are zero.
        bytes.append(contentsOf: repeatElement(0, count: Self.hashOffset - bytes.count))
        bytes.append(littleEndian: XXH3.hash(bytes.rawSpan, seed: 0))
        return bytes
    }

    /// Reads and verifies the header.
    package init(parsing bytes: RawSpan) throws(FormatError) {
        guard bytes.byteCount >= 12 else { throw .truncated(needed: Self.byteCount, available: bytes.byteCount) }
        guard bytes.extracting(0..<8).hasSameBytes(as: Self.magic.rawSpan) else { throw .wrongMagic }
        let major: UInt16 = bytes.load(at: 8)
        let minor: UInt16 = bytes.load(at: 10)
        // A later version may hash differently, so that it is believed without.
        guard major <= Self.formatMajor else { throw .unsupportedVersion(major: Int(major), minor: Int(minor)) }
        guard bytes.byteCount >= Self.byteCount else {
            throw .truncated(needed: Self.byteCount, available: bytes.byteCount)
        }
        let expected: UInt64 = bytes.load(at: Self.hashOffset)
        let actual = XXH3.hash(bytes.extracting(0..<Self.hashOffset), seed: 0)
        guard actual == expected else { throw .hashMismatch(.segmentHeader, expected: expected, actual: actual) }
        // Before that, zeros behind the magic are what a crash left of a write.
        guard major == Self.formatMajor else { throw .unsupportedVersion(major: Int(major), minor: Int(minor)) }
        guard bytes.load(at: 12, as: UInt32.self) == UInt32(Self.byteCount) else {
            throw .invalidField("segment header length")
        }
        let features: UInt32 = bytes.load(at: 88)
        let unknown = features & ~Self.knownReaderFeatures
        guard unknown == 0 else { throw .unsupportedFeatures(unknown) }
        guard bytes.load(at: 112, as: UInt16.self) == 0 else {
            throw .invalidField("dictionaries without their feature")
        }
        guard bytes.load(at: 72, as: UInt64.self) <= FormatLimit.firstFrameSequenceMax else {
            throw .invalidField("first frame sequence of a segment")
        }
        self.init(
            storeID: StoreID(loading: bytes, at: 16), segment: bytes.load(at: 32), segmentSalt: bytes.load(at: 40),
            storeSalt: bytes.load(at: 48), previousEnd: Position(rawValue: bytes.load(at: 56)),
            previousLastFrameHash: bytes.load(at: 64), firstFrameSequence: bytes.load(at: 72),
            createdAt: bytes.load(at: 80), writerEpoch: bytes.load(at: 104))
        generation = bytes.load(at: 36)
        readerFeatures = features
        writerFeatures = bytes.load(at: 92)
        preallocatedByteCount = bytes.load(at: 108)
    }
}
