/// The parts of an EVENTS payload that are read, from its front.
package enum FrameParts: Sendable {
    case prologue
    /// The prologue and the stored heads.
    case heads
    case all
}

/// The 48 bytes in front of an EVENTS payload, never compressed.
package struct FramePrologue: Sendable, Equatable {
    package static let byteCount = 48

    /// Nanoseconds since 1970 at the start of the execution; 0 where the recording has no time.
    package var wallBase: UInt64
    /// Covers the stored bodies with their padding.
    package var bodiesHash: UInt64
    package var headsStored: UInt32
    package var headsRaw: UInt32
    package var bodiesRaw: UInt32
    package var recordCount: UInt32
    /// Offset of the two offset tables in the heads.
    package var offsetsAt: UInt32
    /// Offset of the string table in the heads.
    package var stringsAt: UInt32
    package var stringCount: UInt32
    /// Payload bytes of record 0 that stand in earlier frames.
    package var payloadOffset: UInt32

    package init(
        wallBase: UInt64, bodiesHash: UInt64 = 0, headsStored: UInt32 = 0, headsRaw: UInt32, bodiesRaw: UInt32,
        recordCount: UInt32, offsetsAt: UInt32, stringsAt: UInt32, stringCount: UInt32, payloadOffset: UInt32
    ) {
        self.wallBase = wallBase
        self.bodiesHash = bodiesHash
        self.headsStored = headsStored
        self.headsRaw = headsRaw
        self.bodiesRaw = bodiesRaw
        self.recordCount = recordCount
        self.offsetsAt = offsetsAt
        self.stringsAt = stringsAt
        self.stringCount = stringCount
        self.payloadOffset = payloadOffset
    }
}

extension FramePrologue {
    /// Writes the bytes as stored to the front of `target`, which has room for ``byteCount``.
    package func encode(into target: UnsafeMutableRawBufferPointer) {
        precondition(target.count >= Self.byteCount, "a prologue has \(Self.byteCount) bytes")
        unsafe target.store(littleEndian: wallBase, at: 0)
        unsafe target.store(littleEndian: bodiesHash, at: 8)
        unsafe target.store(littleEndian: headsStored, at: 16)
        unsafe target.store(littleEndian: headsRaw, at: 20)
        unsafe target.store(littleEndian: bodiesRaw, at: 24)
        unsafe target.store(littleEndian: recordCount, at: 28)
        unsafe target.store(littleEndian: offsetsAt, at: 32)
        unsafe target.store(littleEndian: stringsAt, at: 36)
        unsafe target.store(littleEndian: stringCount, at: 40)
        unsafe target.store(littleEndian: payloadOffset, at: 44)
    }

    /// Reads the prologue of an EVENTS frame and holds its sizes against the header, and the payload against the parts of
    /// it that are to be read.
    package init(parsing payload: RawSpan, header: FrameHeader, parts: FrameParts = .all) throws(FormatError) {
        guard payload.byteCount >= Self.byteCount else {
            throw .truncated(needed: Self.byteCount, available: payload.byteCount)
        }
        wallBase = payload.load(at: 0)
        bodiesHash = payload.load(at: 8)
        headsStored = payload.load(at: 16)
        headsRaw = payload.load(at: 20)
        bodiesRaw = payload.load(at: 24)
        recordCount = payload.load(at: 28)
        offsetsAt = payload.load(at: 32)
        stringsAt = payload.load(at: 36)
        stringCount = payload.load(at: 40)
        payloadOffset = payload.load(at: 44)
        guard Self.byteCount + wordAligned(Int(headsRaw)) + Int(bodiesRaw) == Int(header.rawByteCount),
            headsStored <= headsRaw, bodiesOffset <= Int(header.storedByteCount)
        else { throw .invalidField("section sizes of a frame") }
        let byteCount: Int =
            switch parts {
            case .prologue: Self.byteCount
            case .heads: bodiesOffset
            case .all: wordAligned(Int(header.storedByteCount))
            }
        guard payload.byteCount >= byteCount else {
            throw .truncated(needed: byteCount, available: payload.byteCount)
        }
    }

    /// Where the stored bodies begin in the payload.
    package var bodiesOffset: Int { Self.byteCount + wordAligned(Int(headsStored)) }
}
