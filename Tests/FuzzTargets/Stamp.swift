import FluxFormat

/// Hashes as the format page has them, computed here once more.
enum Stamp {
    static let storeID = StoreID(high: 0x0011_2233_4455_4677, low: 0x8899_AABB_CCDD_EEFF)
    static let segmentSalt: UInt64 = 0x0123_4567_89AB_CDEF
    static let storeSalt: UInt64 = 0xFEDC_BA98_7654_3210
    private static let frameByteCount = 96
    private static let prologueByteCount = 48

    /// The header of a store's first segment.
    static let header = SegmentHeader(
        storeID: storeID, segment: 1, segmentSalt: segmentSalt, storeSalt: storeSalt, previousEnd: .zero,
        previousLastFrameHash: 0, firstFrameSequence: 1, createdAt: 1, writerEpoch: 1)

    /// What the next segment goes on from.
    struct Link {
        var lastHash: UInt64 = 0
        var nextSequence: UInt64 = 1
        var end = Position.zero
    }

    /// Puts the frames of a segment right, from an offset on, as far as they follow each other, and a trailer behind them.
    static func frames(
        _ bytes: inout [UInt8], from start: Int, segment: UInt32, segmentSalt: UInt64 = segmentSalt,
        storeSalt: UInt64 = storeSalt, _ level: StampLevel, _ link: inout Link
    ) {
        guard level != .none else { return }
        var offset = start
        let firstSequence = link.nextSequence
        while let frame = Frame(in: bytes, at: offset) {
            if level == .chain {
                bytes.store(link.nextSequence, at: offset + 16)
                bytes.store(link.lastHash, at: offset + 32)
            }
            if frame.end <= bytes.count { stampPayload(frame, in: &bytes, storeSalt) }
            let hash = headerHash(frame, in: bytes, segment, segmentSalt)
            bytes.store(hash, at: offset + 88)
            guard frame.end <= bytes.count else { break }
            link.lastHash = hash
            link.nextSequence &+= 1
            offset = frame.end
        }
        if bytes.count >= offset + 64, Array(bytes[offset..<offset + 8]) == Array("RPLSEAL1".utf8) {
            if level == .chain {
                bytes.store(firstSequence, at: offset + 24)
                bytes.store(link.lastHash, at: offset + 32)
            }
            bytes.store(hash(bytes, offset..<offset + 56, seed: segmentSalt), at: offset + 56)
            offset += 64
        }
        link.end = Position(segment: segment, offset: offset)
    }

    private static func stampPayload(_ frame: Frame, in bytes: inout [UInt8], _ salt: UInt64) {
        if let bodies = frame.bodies(in: bytes) {
            bytes.store(hash(bytes, bodies, seed: salt), at: frame.payload.lowerBound + 8)
        }
        bytes.store(hash(bytes, frame.hashed(in: bytes), seed: salt), at: frame.start + 80)
    }

    /// Whether the hashes of a frame at an offset hold.
    static func holds(_ bytes: [UInt8], at offset: Int, segment: UInt32, header: SegmentHeader) -> Bool {
        guard let frame = Frame(in: bytes, at: offset), frame.end <= bytes.count else { return false }
        let bodiesHold = frame.bodies(in: bytes).map { bodies in
            hash(bytes, bodies, seed: header.storeSalt)
                == bytes.rawSpan.load(at: frame.payload.lowerBound + 8, as: UInt64.self)
        }
        return bodiesHold ?? true
            && hash(bytes, frame.hashed(in: bytes), seed: header.storeSalt)
                == bytes.rawSpan.load(at: offset + 80, as: UInt64.self)
            && headerHash(frame, in: bytes, segment, header.segmentSalt)
                == bytes.rawSpan.load(at: offset + 88, as: UInt64.self)
    }

    private static func headerHash(
        _ frame: Frame, in bytes: [UInt8], _ segment: UInt32, _ salt: UInt64
    ) -> UInt64 {
        let position = UInt64(segment) << 32 | UInt64(frame.start)
        return hash(bytes, frame.start..<frame.start + 88, seed: salt ^ (position &* 0x9E37_79B9_7F4A_7C15))
    }

    static func hash(_ bytes: [UInt8], _ range: Range<Int>, seed: UInt64) -> UInt64 {
        XXH3.hash(bytes.rawSpan.extracting(range), seed: seed)
    }

    /// Where the parts of a frame stand, by its own word.
    private struct Frame {
        let start: Int
        let payload: Range<Int>
        private let isOfEvents: Bool
        var end: Int { payload.upperBound }

        init?(in bytes: [UInt8], at offset: Int) {
            guard offset + frameByteCount <= bytes.count,
                Array(bytes[offset..<offset + 4]) == Array("RPF1".utf8)
            else { return nil }
            start = offset
            let stored = Int(bytes.rawSpan.load(at: offset + 8, as: UInt32.self))
            let payloadAt = offset + frameByteCount
            payload = payloadAt..<payloadAt + wordAligned(stored)
            isOfEvents = bytes[offset + 5] == 1 && stored >= prologueByteCount
        }

        func bodies(in bytes: [UInt8]) -> Range<Int>? {
            guard isOfEvents else { return nil }
            let heads = Int(bytes.rawSpan.load(at: payload.lowerBound + 16, as: UInt32.self))
            let start = payload.lowerBound + prologueByteCount + wordAligned(heads)
            return start <= end ? start..<end : nil
        }

        func hashed(in bytes: [UInt8]) -> Range<Int> {
            bodies(in: bytes).map { payload.lowerBound..<$0.lowerBound } ?? payload
        }
    }
}
