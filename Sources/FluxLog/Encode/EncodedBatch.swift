package import FluxFormat

/// A frame as it will stand in the log, but for what only the writer knows.
package struct EncodedFrame: Sendable {
    /// Without the fields that the writer stamps.
    package var header: FrameHeader
    /// The stored payload with its padding.
    package var payload: [UInt8]
    /// META of record 0, in frames that begin or end an execution.
    package var metadata: EncodedMetadata?
}

/// META with its bytes, of which the seal keeps a copy.
package struct EncodedMetadata: Sendable {
    package let value: ExecutionMetadata
    let bytes: [UInt8]

    init(_ value: ExecutionMetadata) {
        self.value = value
        bytes = value.encoded
    }
}

/// Frames that are stored together or not at all.
package struct EncodedBatch: Sendable {
    package var executionID: ExecutionID
    package var frames: [EncodedFrame]
    /// The number of its first event in the execution.
    package var firstEvent: UInt64
    package var eventCount: UInt64
    /// Whether no batch of the execution follows.
    package var isLast: Bool

    /// Bytes in the log.
    package var byteCount: Int { frames.reduce(0) { $0 + $1.header.frameByteCount } }
}

/// Compresses and hashes sections into frames. Works on the caller's task; the writer only stamps.
package struct FrameEncoder: Sendable {
    /// Seeds the hashes of payloads.
    let storeSalt: UInt64

    package init(storeSalt: UInt64) {
        self.storeSalt = storeSalt
    }

    /// Makes an EVENTS frame.
    func encode(
        _ builder: consuming FrameBuilder, executionID: ExecutionID, flags: FrameFlags, firstEvent: UInt64,
        eventCount: Int, metadata: ExecutionMetadata?
    ) -> EncodedFrame {
        var (prologue, heads, bodies) = builder.finish()
        let compressedHeads = LZ4.compress(heads)
        let compressedBodies = LZ4.compress(bodies)
        var stored = compressedBodies ?? bodies
        let bodiesByteCount = stored.count
        stored.padToWord()
        prologue.headsStored = UInt32(compressedHeads?.count ?? heads.count)
        prologue.bodiesHash = XXH3.hash(stored.rawSpan, seed: storeSalt)
        var payload = prologue.encoded
        payload.reserveCapacity(payload.count + heads.count + stored.count + 8)
        payload.append(contentsOf: compressedHeads ?? heads)
        payload.padToWord()
        let payloadHash = XXH3.hash(payload.rawSpan, seed: storeSalt)
        let storedByteCount = payload.count + bodiesByteCount
        payload.append(contentsOf: stored)
        let codecs = (heads: compressedHeads, bodies: compressedBodies)
        let header = FrameHeader(
            kind: .events,
            codec: code(codecs.heads) | code(codecs.bodies) << 4, flags: flags,
            storedByteCount: UInt32(storedByteCount),
            rawByteCount: UInt32(FramePrologue.byteCount + wordAligned(heads.count) + bodies.count),
            executionID: executionID, firstEvent: UInt32(firstEvent), eventCount: UInt16(eventCount),
            payloadHash: payloadHash)
        return EncodedFrame(header: header, payload: payload, metadata: metadata.map(EncodedMetadata.init))
    }

    /// Makes a frame of one section, such as a part of a seal.
    func encode(_ kind: FrameKind, _ bytes: [UInt8], flags: FrameFlags, section: UInt16, part: UInt32) -> EncodedFrame {
        let compressed = LZ4.compress(bytes)
        var payload = compressed ?? bytes
        let storedByteCount = payload.count
        payload.padToWord()
        let header = FrameHeader(
            kind: kind, codec: code(compressed), flags: flags, storedByteCount: UInt32(storedByteCount),
            rawByteCount: UInt32(bytes.count), executionID: .none, firstEvent: part, eventCount: section,
            payloadHash: XXH3.hash(payload.rawSpan, seed: storeSalt))
        return EncodedFrame(header: header, payload: payload, metadata: nil)
    }

    private func code(_ compressed: [UInt8]?) -> UInt8 {
        (compressed == nil ? SectionCodec.stored : SectionCodec.lz4).rawValue
    }
}
