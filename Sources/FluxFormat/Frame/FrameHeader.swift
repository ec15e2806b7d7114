/// What a frame holds; the upper bit marks kinds that a reader may skip when it does not know them.
package enum FrameKind: UInt8, Sendable {
    case events = 1
    case tombstone = 4
    case dictionary = 5
    case seal = 8

    package static let skippableBit: UInt8 = 0x80
}

/// How a section of a frame is compressed.
package enum SectionCodec: UInt8, Sendable {
    case stored = 0
    case lz4 = 1
    case lz4WithDictionary = 2
}

/// What a frame means to its batch and its execution.
package struct FrameFlags: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The first frame of a batch.
    package static let batchFirst = FrameFlags(rawValue: 1 << 0)
    /// The last frame of a batch.
    package static let batchLast = FrameFlags(rawValue: 1 << 1)
    /// The first frame of an execution; record 0 is META as known at its start.
    package static let executionFirst = FrameFlags(rawValue: 1 << 2)
    /// The last frame that brings META: record 0 is the whole of it, and the execution takes no more batches.
    package static let executionLast = FrameFlags(rawValue: 1 << 3)
    /// Record 0 of the frame is a piece of an event that more pieces follow.
    package static let eventContinues = FrameFlags(rawValue: 1 << 4)
    /// The frame was moved from an earlier generation of its segment.
    package static let rewritten = FrameFlags(rawValue: 1 << 5)
}

/// The 96 bytes in front of every frame. See `Frame header` on the format page.
package struct FrameHeader: Sendable, Equatable {
    package static let byteCount = 96
    package static let magic: UInt32 = 0x3146_5052  // "RPF1"
    private static let headerWords = 12
    private static let hashedByteCount = 88

    /// The kind as stored; ``frameKind`` is `nil` for kinds that may be skipped.
    package var kind: UInt8
    package var codec: UInt8
    package var flags: FrameFlags
    /// Payload bytes in the log, without padding.
    package var storedByteCount: UInt32
    /// Payload bytes once decoded.
    package var rawByteCount: UInt32
    package var frameSequence: UInt64
    /// Every byte of the log before this position was synced when the frame was written.
    package var durableEnd: Position
    package var previousFrameHash: UInt64
    package var executionID: ExecutionID
    package var previousFrameOfExecution: Position
    package var firstEvent: UInt32
    package var eventCount: UInt16
    package var dictionaryID: UInt16
    package var tenantID: UInt32
    package var keyID: UInt32
    package var payloadHash: UInt64
    /// Zero until the writer stamps the frame.
    package var headerHash: UInt64

    /// A template: what the writer stamps is zero.
    package init(
        kind: FrameKind, codec: UInt8, flags: FrameFlags = [], storedByteCount: UInt32, rawByteCount: UInt32,
        executionID: ExecutionID, firstEvent: UInt32, eventCount: UInt16, payloadHash: UInt64
    ) {
        self.kind = kind.rawValue
        self.codec = codec
        self.flags = flags
        self.storedByteCount = storedByteCount
        self.rawByteCount = rawByteCount
        self.executionID = executionID
        self.firstEvent = firstEvent
        self.eventCount = eventCount
        self.payloadHash = payloadHash
        frameSequence = 0
        durableEnd = .zero
        previousFrameHash = 0
        previousFrameOfExecution = .zero
        dictionaryID = 0
        tenantID = 0
        keyID = 0
        headerHash = 0
    }

    /// The known kind; `nil` for one that may be skipped.
    package var frameKind: FrameKind? { FrameKind(rawValue: kind) }

    /// Whether the frame says something of an execution: its events, or that it is deleted.
    package var isOfExecution: Bool { frameKind == .events || frameKind == .tombstone }

    /// The codec of the heads, or of the whole payload in frames that have no heads.
    package var headsCodec: SectionCodec? { SectionCodec(rawValue: codec & 0xF) }

    /// The codec of the bodies.
    package var bodiesCodec: SectionCodec? { SectionCodec(rawValue: codec >> 4) }

    /// Bytes of the frame in the log, with header and padding.
    package var frameByteCount: Int { Self.byteCount + wordAligned(Int(storedByteCount)) }
}

extension FrameHeader {
    /// Writes the bytes as they stand at `position` of a segment with this salt, and returns the hash in them.
    ///
    /// `target` has room for ``byteCount`` bytes.
    @discardableResult
    package func encode(
        into target: UnsafeMutableRawBufferPointer, at position: Position, segmentSalt: UInt64
    ) -> UInt64 {
        precondition(target.count >= Self.byteCount, "a frame header has \(Self.byteCount) bytes")
        unsafe target.store(littleEndian: Self.magic, at: 0)
        unsafe target.store(littleEndian: UInt8(Self.headerWords), at: 4)
        unsafe target.store(littleEndian: kind, at: 5)
        unsafe target.store(littleEndian: codec, at: 6)
        unsafe target.store(littleEndian: flags.rawValue, at: 7)
        unsafe target.store(littleEndian: storedByteCount, at: 8)
        unsafe target.store(littleEndian: rawByteCount, at: 12)
        unsafe target.store(littleEndian: frameSequence, at: 16)
        unsafe target.store(littleEndian: durableEnd.rawValue, at: 24)
        unsafe target.store(littleEndian: previousFrameHash, at: 32)
        unsafe target.store(littleEndian: executionID.high.bigEndian.littleEndian, at: 40)
        unsafe target.store(littleEndian: executionID.low.bigEndian.littleEndian, at: 48)
        unsafe target.store(littleEndian: previousFrameOfExecution.rawValue, at: 56)
        unsafe target.store(littleEndian: firstEvent, at: 64)
        unsafe target.store(littleEndian: eventCount, at: 68)
        unsafe target.store(littleEndian: dictionaryID, at: 70)
        unsafe target.store(littleEndian: tenantID, at: 72)
        unsafe target.store(littleEndian: keyID, at: 76)
        unsafe target.store(littleEndian: payloadHash, at: 80)
        let hashed = unsafe RawSpan(
            _unsafeBytes: UnsafeRawBufferPointer(rebasing: target[0..<Self.hashedByteCount]))
        let hash = XXH3.hash(hashed, seed: Self.seed(at: position, segmentSalt: segmentSalt))
        unsafe target.store(littleEndian: hash, at: Self.hashedByteCount)
        return hash
    }

    /// The bytes as they stand at `position` of a segment with this salt, and the hash in them.
    package func encoded(at position: Position, segmentSalt: UInt64) -> (bytes: [UInt8], headerHash: UInt64) {
        var hash: UInt64 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCount) { target, count in
            hash = unsafe encode(
                into: UnsafeMutableRawBufferPointer(target), at: position, segmentSalt: segmentSalt)
            count = Self.byteCount
        }
        return (bytes, hash)
    }

    /// Reads and verifies the header of the frame at `position`.
    package init(parsing bytes: RawSpan, at position: Position, segmentSalt: UInt64) throws(FormatError) {
        guard bytes.byteCount >= Self.byteCount else {
            throw .truncated(needed: Self.byteCount, available: bytes.byteCount)
        }
        guard bytes.load(at: 0, as: UInt32.self) == Self.magic else { throw .wrongMagic }
        let seed = Self.seed(at: position, segmentSalt: segmentSalt)
        let actual = XXH3.hash(bytes.extracting(0..<Self.hashedByteCount), seed: seed)
        let expected: UInt64 = bytes.load(at: Self.hashedByteCount)
        guard actual == expected else { throw .hashMismatch(.frameHeader, expected: expected, actual: actual) }
        let words: UInt8 = bytes.load(at: 4)
        guard words == UInt8(Self.headerWords) else { throw .invalidField("a frame header of \(words) words") }
        let kind: UInt8 = bytes.load(at: 5)
        guard FrameKind(rawValue: kind) != nil || kind & FrameKind.skippableBit != 0 else {
            throw .invalidField("frame kind \(kind)")
        }
        self.kind = kind
        codec = bytes.load(at: 6)
        flags = FrameFlags(rawValue: bytes.load(at: 7))
        storedByteCount = bytes.load(at: 8)
        rawByteCount = bytes.load(at: 12)
        frameSequence = bytes.load(at: 16)
        durableEnd = Position(rawValue: bytes.load(at: 24))
        previousFrameHash = bytes.load(at: 32)
        executionID = ExecutionID(loading: bytes, at: 40)
        previousFrameOfExecution = Position(rawValue: bytes.load(at: 56))
        firstEvent = bytes.load(at: 64)
        eventCount = bytes.load(at: 68)
        dictionaryID = bytes.load(at: 70)
        tenantID = bytes.load(at: 72)
        keyID = bytes.load(at: 76)
        payloadHash = bytes.load(at: 80)
        headerHash = expected
        let limit = FormatLimit.readableFrameByteCountMax
        guard rawByteCount <= limit else { throw .tooLarge("frame", byteCount: Int(rawByteCount), limit: limit) }
        // A section that does not shrink is stored as it is, so a frame never grows.
        guard storedByteCount <= rawByteCount else { throw .invalidField("a frame larger than its decoded bytes") }
        guard headsCodec != nil, bodiesCodec != nil else { throw .invalidField("codec \(codec)") }
        guard dictionaryID == 0, keyID == 0 else { throw .invalidField("a dictionary or a key without its feature") }
    }

    /// A salt of the place: a frame that is copied elsewhere, or left over from an earlier use of the disk, does not verify.
    private static func seed(at position: Position, segmentSalt: UInt64) -> UInt64 {
        segmentSalt ^ (position.rawValue &* 0x9E37_79B9_7F4A_7C15)
    }
}
