import FluxFormat
import Testing

/// Bytes typed by hand from the tables of the format page. Their hashes come from another implementation of XXH3.
@Suite("Segment header and trailer, byte by byte")
struct SegmentBytesTests {
    /// Bytes 0 to 111; zeros follow up to the hash.
    static let headerBytes = bytes(
        """
           0: 89 52 50 4C 0D 0A 1A 31 | magic
           8: 01 00                   | formatMajor
          10: 00 00                   | formatMinor
          12: 00 10 00 00             | byte count of the header
          16: 10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F | store id
          32: 07 00 00 00             | segment
          36: 02 00 00 00             | generation
          40: EF CD AB 89 67 45 23 01 | segment salt
          48: 10 32 54 76 98 BA DC FE | store salt
          56: 40 20 00 00 06 00 00 00 | previous end: segment 6, byte 0x2040
          64: 88 77 66 55 44 33 22 11 | hash of the last frame before
          72: 51 00 00 00 00 00 00 00 | first frame sequence
          80: 15 CD 85 3D FE 9C 97 17 | created
          88: 00 00 00 00             | features for every reader
          92: 00 00 00 00             | features for every writer
          96: 00 00 00 00             | features for nobody
         100: 00 00 00 00             | zero
         104: 03 00 00 00             | writer epoch
         108: 00 00 10 00             | preallocated bytes
        """)
    static let headerHash: [UInt8] = [0xBC, 0xF9, 0xD8, 0x9B, 0xE5, 0xB8, 0x87, 0xAE]
    static let wholeHeader = headerBytes + [UInt8](repeating: 0, count: 4088 - 112) + headerHash
    static let segmentSalt: UInt64 = 0x0123_4567_89AB_CDEF

    @Test("The header is read from the typed bytes, and written as they are")
    func header() throws {
        let header = try SegmentHeader(parsing: Self.wholeHeader.rawSpan)
        #expect(header.storeID.description == "10111213-1415-1617-1819-1a1b1c1d1e1f")
        #expect(header.segment == 7)
        #expect(header.generation == 2)
        #expect(header.segmentSalt == Self.segmentSalt)
        #expect(header.storeSalt == 0xFEDC_BA98_7654_3210)
        #expect(header.previousEnd == Position(segment: 6, offset: 0x2040))
        #expect(header.previousLastFrameHash == 0x1122_3344_5566_7788)
        #expect(header.firstFrameSequence == 0x51)
        #expect(header.createdAt == 1_700_000_000_123_456_789)
        #expect(header.writerFeatures == 0)
        #expect(header.writerEpoch == 3)
        #expect(header.preallocatedByteCount == 1 << 20)
        #expect(header.encoded == Self.wholeHeader)
    }

    static let trailerBytes = bytes(
        """
           0: 52 50 4C 53 45 41 4C 31 | magic RPLSEAL1
           8: 50 11 00 00 07 00 00 00 | first SEAL frame: segment 7, byte 0x1150
          16: 06 00 00 00             | frames
          20: 01 00 00 00             | executions
          24: 51 00 00 00 00 00 00 00 | first frame sequence
          32: 11 22 33 44 55 66 77 88 | hash of the last frame
          40: 00 00 2A 36 FE 9C 97 17 | least start
          48: 00 00 2A 36 FE 9C 97 17 | greatest start
          56: AA C6 70 BB B1 8B D3 98 | hash
        """)

    @Test("The trailer is read from the typed bytes, and written as they are")
    func trailer() throws {
        let trailer = try SegmentTrailer(parsing: Self.trailerBytes.rawSpan, segmentSalt: Self.segmentSalt)
        #expect(
            trailer
                == SegmentTrailer(
                    sealPosition: Position(segment: 7, offset: 0x1150), frameCount: 6, executionCount: 1,
                    firstFrameSequence: 0x51, lastFrameHash: 0x8877_6655_4433_2211,
                    wallFirst: 1_700_000_000_000_000_000, wallLast: 1_700_000_000_000_000_000))
        #expect(trailer.encoded(segmentSalt: Self.segmentSalt) == Self.trailerBytes)
    }

    @Test("A later major version is named before the hash is looked at; the next minor version is read")
    func versions() throws {
        let later = Self.wholeHeader.flipped(at: 8, 3)
        #expect(throws: FormatError.unsupportedVersion(major: 2, minor: 0)) {
            try SegmentHeader(parsing: later.rawSpan)
        }
        let earlier = Self.rehashed(Self.wholeHeader.flipped(at: 8, 1))
        #expect(throws: FormatError.unsupportedVersion(major: 0, minor: 0)) {
            try SegmentHeader(parsing: earlier.rawSpan)
        }
        var minor = Self.wholeHeader
        minor[10] = 1
        #expect(throws: Never.self) { try SegmentHeader(parsing: Self.rehashed(minor).rawSpan) }
    }

    @Test("A header of which only the front was written is damaged, wherever it ends, and of no other version")
    func torn() {
        for end in 0..<SegmentHeader.byteCount where Self.wholeHeader[end...].contains(where: { $0 != 0 }) {
            let torn = Array(Self.wholeHeader[..<end]) + Array(repeating: 0, count: SegmentHeader.byteCount - end)
            #expect { try SegmentHeader(parsing: torn.rawSpan) } throws: { error in
                switch error as? FormatError {
                case .wrongMagic, .hashMismatch: true
                default: false
                }
            }
        }
    }

    @Test("Features are refused by readers, left to writers, or ignored, by where they stand")
    func features() throws {
        let incompatible = Self.rehashed(Self.wholeHeader.flipped(at: 89, 0x10))
        #expect(throws: FormatError.unsupportedFeatures(0x1000)) {
            try SegmentHeader(parsing: incompatible.rawSpan)
        }
        let forWriters = try SegmentHeader(parsing: Self.rehashed(Self.wholeHeader.flipped(at: 92, 4)).rawSpan)
        #expect(forWriters.writerFeatures == 4)
        let ignored = Self.rehashed(Self.wholeHeader.flipped(at: 96, 4))
        #expect(throws: Never.self) { try SegmentHeader(parsing: ignored.rawSpan) }
    }

    @Test("Behind a right hash, fields that no writer writes are refused", arguments: [12, 79, 112])
    func invalidFields(offset: Int) {
        let header = Self.rehashed(Self.wholeHeader.flipped(at: offset, 0x80))
        #expect { try SegmentHeader(parsing: header.rawSpan) } throws: { error in
            guard case FormatError.invalidField = error else { return false }
            return true
        }
    }

    @Test("A slot of HEAD is read up to the greatest generation that can be followed by others")
    func headGeneration() throws {
        for (generation, isRead) in [(FormatLimit.headGenerationMax, true), (FormatLimit.headGenerationMax + 1, false)]
        {
            let slot = HeadSlot(
                storeID: StoreID(high: 1, low: 2), generation: generation, state: .clean, durableEnd: .zero,
                nextFrameSequence: 1, lastFrameHash: 0, oldestSegment: 1, writerEpoch: 1)
            let bytes = slot.encoded(inSlot: 0)
            #expect((try? HeadSlot(parsing: bytes.rawSpan, slot: 0)) == (isRead ? slot : nil))
        }
    }

    /// The header with the hash that its bytes have.
    static func rehashed(_ header: [UInt8]) -> [UInt8] {
        var bytes = header
        bytes.store(XXH3.hash(bytes.rawSpan.extracting(0..<4088), seed: 0), at: 4088)
        return bytes
    }

    @Test("XXH3 gives the values of another implementation")
    func hashes() {
        let text = Array("abc".utf8)
        #expect(XXH3.hash([UInt8]().rawSpan, seed: 0) == 0x2D06_8005_38D3_94C2)
        #expect(XXH3.hash(text.rawSpan, seed: 0) == 0x78AF_5F94_892F_3950)
        #expect(XXH3.hash(text.rawSpan, seed: 0xFEDC_BA98_7654_3210) == 0x5C3C_0696_C616_FA15)
        let wide = XXH3.hash128(text.rawSpan)
        #expect(wide.high == 0x06B0_5AB6_733A_6185 && wide.low == 0x78AF_5F94_892F_3950)
    }
}
