import FluxFormat
import FluxLog

extension FuzzTarget {
    private static let position = Position(segment: 1, offset: SegmentHeader.byteCount)

    /// One frame: its header, prologue, record table and events.
    static let payload = FuzzTarget("payload") { input in
        let level = input.stampLevel()
        // In front stands what a segment's header would take, so that the place is right.
        var bytes = [UInt8](repeating: 0, count: SegmentHeader.byteCount) + input.rest()
        var link = Stamp.Link()
        Stamp.frames(&bytes, from: SegmentHeader.byteCount, segment: 1, level, &link)
        let frame = bytes.rawSpan.extracting(SegmentHeader.byteCount..<bytes.count)
        guard
            let header = try? FrameHeader(parsing: frame, at: position, segmentSalt: Stamp.segmentSalt),
            header.frameByteCount <= frame.byteCount
        else { return }
        let written = header.encoded(at: position, segmentSalt: Stamp.segmentSalt).bytes
        try hold(written.rawSpan.hasSameBytes(as: frame.extracting(0..<96)), "a header is written otherwise")
        let payload = frame.extracting(96..<header.frameByteCount)
        guard header.frameKind == .events else { return }
        var decoder = FrameDecoder()
        let metadata = try? decoder.metadata(header, payload: payload, storeSalt: Stamp.storeSalt)
        guard let events = decode(header, payload, &decoder) else { return }
        try hold(metadata == nil || decoder.hasMetadata, "META is read of an event")
        try hold(
            (try? FrameDecoder.verify(header, payload: payload, storeSalt: Stamp.storeSalt)) != nil,
            "a frame is read whose hashes do not hold")
        try holdAgain(header, events, hasMetadata: decoder.hasMetadata)
    }

    /// Every record as an event of its own; `nil` where the frame is refused.
    private static func decode(
        _ header: FrameHeader, _ payload: RawSpan, _ decoder: inout FrameDecoder
    ) -> [Event]? {
        guard (try? decoder.decode(header, payload: payload, storeSalt: Stamp.storeSalt)) != nil else { return nil }
        var events: [Event] = []
        for index in 0..<decoder.recordCount {
            let view = decoder.record(at: index)
            events.append(
                Event(
                    kind: view.kind, flags: view.flags, encoding: view.encoding, lane: view.lane,
                    sequence: view.sequence, issued: view.issued, done: view.done,
                    offsetNanoseconds: view.offsetNanoseconds, name: view.name, descriptor: view.descriptor.array,
                    payload: view.payload.array))
        }
        return events
    }

    /// Records that were read can be written, and are read then as they were.
    private static func holdAgain(_ header: FrameHeader, _ events: [Event], hasMetadata: Bool) throws {
        var builder = FrameBuilder(wallBase: 0)
        for event in events {
            builder.append(
                event, payload: 0..<event.payload.count, hasMorePieces: event.flags.contains(.hasMorePieces))
        }
        // Texts that were damaged, or shared by many records, may have grown.
        guard builder.byteCount <= FormatLimit.readableFrameByteCountMax else { return }
        var (prologue, heads, bodies) = builder.finish()
        prologue.headsStored = UInt32(heads.count)
        heads.padToWord()
        prologue.bodiesHash = XXH3.hash(bodies.rawSpan, seed: Stamp.storeSalt)
        var payload = [UInt8](repeating: 0, count: FramePrologue.byteCount) + heads + bodies
        payload.withUnsafeMutableBytes { prologue.encode(into: $0) }
        let hashed = payload.count - bodies.count
        var copy = FrameHeader(
            kind: .events, codec: 0, flags: header.flags, storedByteCount: UInt32(payload.count),
            rawByteCount: UInt32(payload.count), executionID: header.executionID, firstEvent: header.firstEvent,
            eventCount: header.eventCount, payloadHash: Stamp.hash(payload, 0..<hashed, seed: Stamp.storeSalt))
        copy.tenantID = header.tenantID
        var decoder = FrameDecoder()
        let again = decode(copy, payload.rawSpan, &decoder)
        try hold(again == events && decoder.hasMetadata == hasMetadata, "records are not read as they were written")
    }
}
