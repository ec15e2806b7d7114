/// The parts of a seal, by the number that stands in a SEAL frame's event count.
package enum SealSection: UInt16, Sendable, CaseIterable {
    /// One entry for each frame, in log order.
    case frames = 1
    /// One entry for each execution, sorted by id.
    case executions = 2
    /// A copy of every META and TOMBSTONE record.
    case metadata = 3
    /// A Bloom filter over the ids.
    case filter = 4
    /// Counts for each tenant and kind.
    case statistics = 5
}

/// What a seal tells of one frame: 40 bytes, enough to fill the index without reading the frame.
package struct SealedFrame: Sendable, Equatable {
    package static let byteCount = 40

    package var offset: UInt32
    package var storedByteCount: UInt32
    package var rawByteCount: UInt32
    /// The execution's place among the sorted ids; `UInt32.max` for a frame of none.
    package var executionOrdinal: UInt32
    package var headerHash: UInt64
    /// The frame's sequence, counted from the segment's first.
    package var sequenceDelta: UInt32
    package var firstEvent: UInt32
    package var eventCount: UInt16
    package var flags: FrameFlags
    package var kind: UInt8
    package var tenantID: UInt32

    /// What the seal tells of a frame with this header at this place.
    package init(_ header: FrameHeader, offset: Int, firstFrameSequence: UInt64) {
        self.offset = UInt32(offset)
        storedByteCount = header.storedByteCount
        rawByteCount = header.rawByteCount
        executionOrdinal = .max
        headerHash = header.headerHash
        sequenceDelta = UInt32(header.frameSequence - firstFrameSequence)
        firstEvent = header.firstEvent
        eventCount = header.eventCount
        flags = header.flags
        kind = header.kind
        tenantID = header.tenantID
    }

    package func append(to bytes: inout [UInt8]) {
        let kinds = UInt32(eventCount) | UInt32(flags.rawValue) << 16 | UInt32(kind) << 24
        bytes.append(littleEndian: offset, storedByteCount)
        bytes.append(littleEndian: rawByteCount, executionOrdinal)
        bytes.append(littleEndian: headerHash)
        bytes.append(littleEndian: sequenceDelta, firstEvent)
        bytes.append(littleEndian: kinds, tenantID)
    }

    package init(loading bytes: RawSpan, at start: Int) {
        offset = bytes.load(at: start)
        storedByteCount = bytes.load(at: start + 4)
        rawByteCount = bytes.load(at: start + 8)
        executionOrdinal = bytes.load(at: start + 12)
        headerHash = bytes.load(at: start + 16)
        sequenceDelta = bytes.load(at: start + 24)
        firstEvent = bytes.load(at: start + 28)
        eventCount = bytes.load(at: start + 32)
        flags = FrameFlags(rawValue: bytes.load(at: start + 34))
        kind = bytes.load(at: start + 35)
        tenantID = bytes.load(at: start + 36)
    }
}

/// What a seal tells of one execution: 24 bytes.
package struct SealedExecution: Sendable, Equatable {
    package static let byteCount = 24

    package var id: ExecutionID
    /// The place of its first frame among the segment's frames.
    package var firstFrameIndex: UInt32
    package var frameCount: UInt32

    package init(id: ExecutionID, firstFrameIndex: UInt32, frameCount: UInt32) {
        self.id = id
        self.firstFrameIndex = firstFrameIndex
        self.frameCount = frameCount
    }

    package func append(to bytes: inout [UInt8]) {
        id.append(to: &bytes)
        bytes.append(littleEndian: firstFrameIndex, frameCount)
    }

    package init(loading bytes: RawSpan, at offset: Int) {
        self.init(
            id: ExecutionID(loading: bytes, at: offset), firstFrameIndex: bytes.load(at: offset + 16),
            frameCount: bytes.load(at: offset + 20))
    }
}

/// A copy of a META or TOMBSTONE record: `{16 B id, u32 frame index, u16 kind, u16 0, u32 length, u32 0, bytes, pad}`.
package struct SealedRecord: Sendable, Equatable {
    package static let fixedByteCount = 32

    package var id: ExecutionID
    /// The place of its frame among the segment's frames.
    package var frameIndex: UInt32
    package var kind: UInt16
    package var bytes: [UInt8]

    package init(id: ExecutionID, frameIndex: UInt32, kind: UInt16, bytes: [UInt8]) {
        self.id = id
        self.frameIndex = frameIndex
        self.kind = kind
        self.bytes = bytes
    }

    package func append(to target: inout [UInt8]) {
        let words = (
            id.high.bigEndian, id.low.bigEndian, (UInt64(frameIndex) | UInt64(kind) << 32).littleEndian,
            UInt64(bytes.count).littleEndian
        )
        unsafe withUnsafeBytes(of: words) { unsafe target.append(contentsOf: $0) }
        target.append(contentsOf: bytes)
        target.padToWord()
    }

    /// Reads the record at `offset` and moves `offset` behind it.
    package init(parsing source: RawSpan, at offset: inout Int) throws(FormatError) {
        let available = source.byteCount - offset
        guard available >= Self.fixedByteCount else {
            throw .truncated(needed: Self.fixedByteCount, available: available)
        }
        let length = Int(source.load(at: offset + 24, as: UInt32.self))
        let start = offset + Self.fixedByteCount
        guard length <= source.byteCount - start else {
            throw .truncated(needed: length, available: source.byteCount - start)
        }
        self.init(
            id: ExecutionID(loading: source, at: offset), frameIndex: source.load(at: offset + 16),
            kind: source.load(at: offset + 20), bytes: source.extracting(start..<start + length).array)
        offset = min(wordAligned(start + length), source.byteCount)
    }
}

extension FrameHeader {
    /// What a seal tells of a frame's header: enough for an index, not to verify anything.
    package init(_ frame: SealedFrame, executionID: ExecutionID, firstFrameSequence: UInt64) {
        self.init(
            kind: .events, codec: 0, flags: frame.flags, storedByteCount: frame.storedByteCount,
            rawByteCount: frame.rawByteCount, executionID: executionID, firstEvent: frame.firstEvent,
            eventCount: frame.eventCount, payloadHash: 0)
        kind = frame.kind
        frameSequence = firstFrameSequence + UInt64(frame.sequenceDelta)
        tenantID = frame.tenantID
        headerHash = frame.headerHash
    }
}
