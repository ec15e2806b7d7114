import FluxFormat

/// Compresses and hashes sections into frames. Works on the caller's task; the writer only stamps.
package struct FrameEncoder: Sendable {
    /// Seeds the hashes of payloads.
    let storeSalt: UInt64
    /// Whose events are encoded.
    let tenantID: UInt32

    package init(storeSalt: UInt64, tenantID: UInt32 = 0) {
        self.storeSalt = storeSalt
        self.tenantID = tenantID
    }

    /// Makes an EVENTS frame.
    func encode(
        _ builder: consuming FrameBuilder, executionID: ExecutionID, flags: FrameFlags, firstEvent: UInt64,
        eventCount: Int, metadata: EncodedMetadata?
    ) -> EncodedFrame {
        var (prologue, heads, bodies) = builder.finish()
        var codec: UInt8 = 0
        var storedByteCount = 0
        var payloadHash: UInt64 = 0
        let capacity = FramePrologue.byteCount + wordAligned(heads.count) + wordAligned(bodies.count)
        let payload = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            let target = UnsafeMutableRawBufferPointer(target)
            let storedHeads = unsafe Self.store(heads, in: target, at: FramePrologue.byteCount)
            let bodiesOffset = storedHeads.paddedEnd
            let storedBodies = unsafe Self.store(bodies, in: target, at: bodiesOffset)
            count = storedBodies.paddedEnd
            prologue.headsStored = UInt32(storedHeads.end - FramePrologue.byteCount)
            prologue.bodiesHash = unsafe hash(target[bodiesOffset..<count])
            unsafe prologue.encode(into: target)
            payloadHash = unsafe hash(target[0..<bodiesOffset])
            storedByteCount = storedBodies.end
            codec = storedHeads.codec.rawValue | storedBodies.codec.rawValue << 4
        }
        var header = FrameHeader(
            kind: .events, codec: codec, flags: flags, storedByteCount: UInt32(storedByteCount),
            rawByteCount: UInt32(FramePrologue.byteCount + wordAligned(heads.count) + bodies.count),
            executionID: executionID, firstEvent: UInt32(firstEvent), eventCount: UInt16(eventCount),
            payloadHash: payloadHash)
        header.tenantID = tenantID
        // A batch may wait for long, and counts with its stored bytes.
        let isMostlyEmpty = payload.count < capacity / 2
        return EncodedFrame(header: header, payload: isMostlyEmpty ? Array(payload[...]) : payload, metadata: metadata)
    }

    /// Makes a frame of one section, such as a part of a seal.
    func encode(_ kind: FrameKind, _ bytes: [UInt8], flags: FrameFlags, section: UInt16, part: UInt32) -> EncodedFrame {
        var codec = SectionCodec.stored
        var storedByteCount = 0
        // Without capacity it would be the empty array that all threads share, to which the initializer writes its count.
        let capacity = max(wordAligned(bytes.count), 8)
        let payload = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            let stored = unsafe Self.store(bytes, in: UnsafeMutableRawBufferPointer(target), at: 0)
            (codec, storedByteCount, count) = (stored.codec, stored.end, stored.paddedEnd)
        }
        let header = FrameHeader(
            kind: kind, codec: codec.rawValue, flags: flags, storedByteCount: UInt32(storedByteCount),
            rawByteCount: UInt32(bytes.count), executionID: .none, firstEvent: part, eventCount: section,
            payloadHash: XXH3.hash(payload.rawSpan, seed: storeSalt))
        return EncodedFrame(header: header, payload: payload, metadata: nil)
    }

    /// A section as it stands in a payload: behind its last byte, and behind the zeros that follow up to a word.
    private struct StoredSection {
        let codec: SectionCodec
        let end: Int
        var paddedEnd: Int { wordAligned(end) }
    }

    /// Puts a section into a payload, compressed where that saves an eighth. `target` has room for it as it is.
    private static func store(
        _ section: [UInt8], in target: UnsafeMutableRawBufferPointer, at offset: Int
    ) -> StoredSection {
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...])
        let compressed = unsafe LZ4.compress(section, into: room)
        if compressed == nil {
            unsafe section.withUnsafeBytes { bytes in unsafe room.copyMemory(from: bytes) }
        }
        let stored = StoredSection(
            codec: compressed == nil ? .stored : .lz4, end: offset + (compressed ?? section.count))
        for place in stored.end..<stored.paddedEnd { unsafe target[place] = 0 }
        return stored
    }

    private func hash(_ bytes: Slice<UnsafeMutableRawBufferPointer>) -> UInt64 {
        let bytes = unsafe UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(rebasing: bytes))
        return XXH3.hash(unsafe RawSpan(_unsafeBytes: bytes), seed: storeSalt)
    }
}
