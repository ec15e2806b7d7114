/// What a slot of the file HEAD says of its log. See `HEAD` on the format page.
///
/// Evidence, never truth: it can be behind the log, and never ahead of it.
package struct HeadSlot: Sendable, Equatable {
    /// Bytes that a slot uses, hash included.
    package static let byteCount = 128
    /// Bytes from one slot to the next: none shares a page with another.
    package static let strideByteCount = 4096
    package static let count = 3
    /// The slot that is written after each sync of the log, and is never synced itself.
    package static let lazySlot = 2
    private static let magic: [UInt8] = Array("RPLHEAD1".utf8)
    private static let hashOffset = 120

    /// How the log was left.
    package enum State: UInt8, Sendable {
        /// A writer has it open, or died with it open.
        case open = 1
        /// A writer closed it: nothing stands behind ``HeadSlot/durableEnd``.
        case clean = 2
        /// A sync failed: pages of the cache may hold what the disk does not.
        case poisoned = 3
    }

    package var storeID: StoreID
    /// The greatest of the valid slots counts.
    package var generation: UInt64
    package var state: State
    /// Every byte of the log before this position was synced when the slot was written.
    package var durableEnd: Position
    /// The sequence of the first frame behind ``durableEnd``.
    package var nextFrameSequence: UInt64
    /// The header hash of the last frame before ``durableEnd``.
    package var lastFrameHash: UInt64
    /// The number of the first segment that belongs to the log.
    package var oldestSegment: UInt32
    package var writerEpoch: UInt32

    package init(
        storeID: StoreID, generation: UInt64, state: State, durableEnd: Position, nextFrameSequence: UInt64,
        lastFrameHash: UInt64, oldestSegment: UInt32, writerEpoch: UInt32
    ) {
        self.storeID = storeID
        self.generation = generation
        self.state = state
        self.durableEnd = durableEnd
        self.nextFrameSequence = nextFrameSequence
        self.lastFrameHash = lastFrameHash
        self.oldestSegment = oldestSegment
        self.writerEpoch = writerEpoch
    }
}

extension HeadSlot {
    /// The bytes as they stand in a slot of the file.
    package func encoded(inSlot slot: Int) -> [UInt8] {
        var bytes = Self.magic
        bytes.reserveCapacity(Self.byteCount)
        bytes.append(littleEndian: SegmentHeader.formatMajor)
        bytes.append(littleEndian: SegmentHeader.formatMinor)
        bytes.append(littleEndian: UInt32(slot))
        bytes.append(contentsOf: storeID.bytes)
        bytes.append(littleEndian: generation)
        bytes.append(littleEndian: durableEnd.rawValue)
        bytes.append(littleEndian: nextFrameSequence)
        bytes.append(littleEndian: lastFrameHash)
        bytes.append(littleEndian: oldestSegment)
        bytes.append(littleEndian: writerEpoch)
        bytes.append(littleEndian: UInt64(state.rawValue))
        bytes.append(contentsOf: repeatElement(0, count: Self.hashOffset - bytes.count))
        bytes.append(littleEndian: XXH3.hash(bytes.rawSpan, seed: 0))
        return bytes
    }

    /// Reads and verifies what stands in a slot.
    package init(parsing bytes: RawSpan, slot: Int) throws(FormatError) {
        guard bytes.byteCount >= Self.byteCount else {
            throw .truncated(needed: Self.byteCount, available: bytes.byteCount)
        }
        guard bytes.extracting(0..<8).hasSameBytes(as: Self.magic.rawSpan) else { throw .wrongMagic }
        let major: UInt16 = bytes.load(at: 8)
        guard major == SegmentHeader.formatMajor else {
            throw .unsupportedVersion(major: Int(major), minor: Int(bytes.load(at: 10, as: UInt16.self)))
        }
        let expected: UInt64 = bytes.load(at: Self.hashOffset)
        let actual = XXH3.hash(bytes.extracting(0..<Self.hashOffset), seed: 0)
        guard actual == expected else { throw .hashMismatch(.head, expected: expected, actual: actual) }
        guard bytes.load(at: 12, as: UInt32.self) == UInt32(slot) else { throw .invalidField("a slot's number") }
        guard let state = State(rawValue: UInt8(truncatingIfNeeded: bytes.load(at: 72, as: UInt64.self))) else {
            throw .invalidField("state of a log")
        }
        guard bytes.load(at: 32, as: UInt64.self) <= FormatLimit.headGenerationMax else {
            throw .invalidField("generation of a slot")
        }
        self.init(
            storeID: StoreID(loading: bytes, at: 16), generation: bytes.load(at: 32), state: state,
            durableEnd: Position(rawValue: bytes.load(at: 40)), nextFrameSequence: bytes.load(at: 48),
            lastFrameHash: bytes.load(at: 56), oldestSegment: bytes.load(at: 64), writerEpoch: bytes.load(at: 68))
    }
}
