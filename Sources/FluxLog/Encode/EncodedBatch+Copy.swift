package import FluxFiles
import FluxFormat

extension EncodedBatch {
    /// Takes a batch out of a segment for a log with another salt. What is stored stays as it is: hashes alone differ.
    ///
    /// `frames` are those of one batch, all of events. Throws where they do not verify any more.
    package convenience init(
        copying frames: [ScannedFrame], from segment: SegmentFile<some StoredFile>, storeSalt: UInt64
    ) throws(LogError) {
        var copies: [EncodedFrame] = []
        var loader = FrameLoader()
        var decoder = FrameDecoder()
        for frame in frames {
            let header = try loader.load(
                segment.file, segment: segment.header, at: frame.position, byteCount: frame.header.frameByteCount)
            do throws(FormatError) {
                guard header == frame.header else { throw .invalidField("another frame than before") }
                copies.append(
                    try EncodedFrame(
                        copying: header, payload: loader.payload, from: segment.header.storeSalt, to: storeSalt,
                        decoder: &decoder))
            } catch {
                throw .damaged(path: segment.file.path, offset: frame.position.offset, error)
            }
        }
        guard let first = frames.first?.header else { preconditionFailure("a batch without a frame") }
        self.init(
            executionID: first.executionID, frames: copies, firstEvent: UInt64(first.firstEvent),
            eventCount: frames.reduce(0) { $0 + UInt64($1.header.eventCount) },
            isLast: frames.contains { $0.header.flags.contains(.executionLast) })
    }
}

extension EncodedFrame {
    fileprivate init(
        copying header: FrameHeader, payload stored: RawSpan, from sourceSalt: UInt64, to targetSalt: UInt64,
        decoder: inout FrameDecoder
    ) throws(FormatError) {
        try FrameDecoder.verify(header, payload: stored, storeSalt: sourceSalt)
        var metadata: EncodedMetadata?
        if !header.flags.isDisjoint(with: [.executionFirst, .executionLast]) {
            metadata = try decoder.metadata(header, payload: stored, storeSalt: sourceSalt)
        }
        var prologue = try FramePrologue(parsing: stored, header: header)
        var payload = stored.array
        prologue.bodiesHash = XXH3.hash(
            payload.rawSpan.extracting(prologue.bodiesOffset..<payload.count), seed: targetSalt)
        unsafe payload.withUnsafeMutableBytes { bytes in unsafe prologue.encode(into: bytes) }
        var header = header
        header.payloadHash = XXH3.hash(payload.rawSpan.extracting(0..<prologue.bodiesOffset), seed: targetSalt)
        self.init(header: header, payload: payload, metadata: metadata)
    }
}
