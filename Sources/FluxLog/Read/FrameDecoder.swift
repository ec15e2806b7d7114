package import FluxFormat

/// Verifies a frame's payload and decodes its sections into one arena, which it reuses for frame after frame.
@safe
package struct FrameDecoder: ~Copyable {
    private var arena = ByteBuffer()

    /// The records of the frame that was decoded last, META included; none before the first, and behind an error.
    ///
    /// Their addresses are those of the arena and of the payload that was given. Both stay as they are until the next
    /// frame, and the caller lets nobody use a view for longer.
    @unsafe package private(set) var records = FrameRecords()

    /// Where a decoded section lies. One that is stored as it is stays where it was read.
    private enum Section {
        case arena(Range<Int>)
        case payload(Range<Int>)
    }

    package init() {}

    /// Makes the arena ready for the next frame. Views of the last one are void; in debug builds they show it.
    package mutating func invalidate() {
        unsafe records = FrameRecords()
        arena.scribble()
    }

    /// Verifies and decodes an EVENTS frame, or its heads alone: then the payload need not reach further.
    package mutating func decode(
        _ header: FrameHeader, payload: RawSpan, storeSalt: UInt64, parts: FrameParts = .all
    ) throws(FormatError) {
        unsafe records = FrameRecords()
        let prologue = try FramePrologue(parsing: payload, header: header, parts: parts)
        try Self.verifyHeads(header, prologue, payload: payload, storeSalt: storeSalt)
        let headsByteCount = Int(prologue.headsRaw)
        let bodiesByteCount = parts == .all ? Int(prologue.bodiesRaw) : 0
        let bodiesStart = wordAligned(headsByteCount)
        arena.reserve(bodiesStart + bodiesByteCount)
        let headsAt = try place(
            header.headsCodec, stored: FramePrologue.byteCount..<FramePrologue.byteCount + Int(prologue.headsStored),
            of: payload, at: 0..<headsByteCount)
        guard parts == .all else {
            let heads = span(headsAt, payload: payload)
            unsafe records = try FrameRecords(proving: heads, bodies: nil, prologue: prologue, header: header)
            return
        }
        try Self.verifyBodies(prologue, payload: payload, storeSalt: storeSalt)
        let bodiesAt = try place(
            header.bodiesCodec, stored: prologue.bodiesOffset..<Int(header.storedByteCount), of: payload,
            at: bodiesStart..<bodiesStart + bodiesByteCount)
        let heads = span(headsAt, payload: payload)
        let bodies = span(bodiesAt, payload: payload)
        unsafe records = try FrameRecords(proving: heads, bodies: bodies, prologue: prologue, header: header)
    }

    /// Records of the frame that was decoded last, META included.
    package var recordCount: Int { unsafe records.count }

    /// Whether record 0 of that frame is META.
    package var hasMetadata: Bool { unsafe records.hasMetadata }

    /// A record of the frame that was decoded last, bodies included. Traps when there is none.
    ///
    /// The caller owns the decoder and the payload that it decoded, and hands the view out for no longer than both stay
    /// as they are.
    @unsafe
    @_lifetime(immortal)
    package func record(at index: Int) -> EventView {
        precondition(index >= 0 && index < recordCount, "record(at:) outside of the decoded frame")
        return unsafe records.record(at: index)
    }
}

extension FrameDecoder {
    /// META of record 0, without touching the bodies. Voids the frame that was decoded last.
    package mutating func metadata(
        _ header: FrameHeader, payload: RawSpan, storeSalt: UInt64
    ) throws(FormatError) -> EncodedMetadata? {
        // The arena is used for these heads: records of the frame before cannot be read any more.
        unsafe records = FrameRecords()
        let prologue = try FramePrologue(parsing: payload, header: header)
        try Self.verifyHeads(header, prologue, payload: payload, storeSalt: storeSalt)
        let byteCount = Int(prologue.headsRaw)
        arena.reserve(byteCount)
        let heads = try place(
            header.headsCodec, stored: FramePrologue.byteCount..<FramePrologue.byteCount + Int(prologue.headsStored),
            of: payload, at: 0..<byteCount)
        return try FrameContents.metadata(inHeads: span(heads, payload: payload), prologue: prologue)
    }

    /// Holds the payload of any frame against its hashes, without decoding it.
    package static func verify(_ header: FrameHeader, payload: RawSpan, storeSalt: UInt64) throws(FormatError) {
        guard header.frameKind == .events else {
            return try hold(.heads, payload, header.payloadHash, storeSalt)
        }
        let prologue = try FramePrologue(parsing: payload, header: header)
        try verifyHeads(header, prologue, payload: payload, storeSalt: storeSalt)
        try verifyBodies(prologue, payload: payload, storeSalt: storeSalt)
    }

    private static func verifyHeads(
        _ header: FrameHeader, _ prologue: FramePrologue, payload: RawSpan, storeSalt: UInt64
    ) throws(FormatError) {
        try hold(.heads, payload.extracting(0..<prologue.bodiesOffset), header.payloadHash, storeSalt)
    }

    private static func verifyBodies(
        _ prologue: FramePrologue, payload: RawSpan, storeSalt: UInt64
    ) throws(FormatError) {
        let bodies = payload.extracting(prologue.bodiesOffset..<payload.byteCount)
        try hold(.bodies, bodies, prologue.bodiesHash, storeSalt)
    }

    private static func hold(
        _ structure: FormatError.Structure, _ bytes: RawSpan, _ expected: UInt64, _ salt: UInt64
    ) throws(FormatError) {
        let actual = XXH3.hash(bytes, seed: salt)
        guard actual == expected else { throw .hashMismatch(structure, expected: expected, actual: actual) }
    }

    /// Decodes one section into its range of the arena, or leaves a stored one in the payload.
    private mutating func place(
        _ codec: SectionCodec?, stored: Range<Int>, of payload: RawSpan, at range: Range<Int>
    ) throws(FormatError) -> Section {
        switch codec {
        case .stored:
            guard stored.count == range.count else { throw .invalidField("length of a stored section") }
            return .payload(stored)
        case .lz4:
            let block = payload.extracting(stored)
            try unsafe arena.withMutableBytes(range) { (target) throws(FormatError) in
                try unsafe LZ4.decompress(block, into: target)
            }
            return .arena(range)
        case .lz4WithDictionary, nil: throw .invalidField("a codec that this version does not know")
        }
    }

    /// The bytes of a section, for as long as the payload; who hands them out of this type shortens that.
    @_lifetime(copy payload)
    private borrowing func span(_ section: Section, payload: RawSpan) -> RawSpan {
        switch section {
        case .arena(let range): unsafe _overrideLifetime(arena.unownedSpan(range), copying: payload)
        case .payload(let range): payload.extracting(range)
        }
    }
}
