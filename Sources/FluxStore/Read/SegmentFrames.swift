import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// The frames of events and the tombstones of one segment as an index takes them: from its seal, or where that cannot be read, from the
/// frames themselves.
struct SegmentFrames: Sendable {
    let all: [IndexedFrame]
    /// The filter of the seal; `nil` without one.
    let filter: BloomFilter?

    /// Of a segment without a seal, reads the frames that end before a byte.
    init(of file: SegmentFile<some StoredFile>, before end: Int = .max) throws(LogError) {
        if let trailer = file.trailer,
            let seal = try? SegmentSeal(
                reading: file.file, segment: file.header, trailer: trailer, end: file.framesEnd),
            let frames = try? seal.frames(of: file.header)
        {
            (all, filter) = (frames, seal.filter)
        } else {
            (all, filter) = (try Self.scanned(file, before: end), nil)
        }
    }

    private static func scanned<File: StoredFile>(
        _ file: SegmentFile<File>, before end: Int
    ) throws(LogError) -> [IndexedFrame] {
        var scan = SegmentScan<File>()
        scan.begin(file.file, segment: file.header, end: min(end, file.framesEnd))
        var decoder = FrameDecoder()
        var frames: [IndexedFrame] = []
        while let frame = try scan.next(verifyingPayload: false) {
            guard frame.header.isOfExecution else { continue }
            let (entry, damage) = IndexedFrame.read(frame, segment: file, payload: scan.payload, decoder: &decoder)
            if let damage { throw damage }
            frames.append(entry)
        }
        return frames
    }
}

extension SegmentSeal {
    /// The frames of events and tombstones as an index takes them, from the seal alone; throws what does not fit in it.
    func frames(of header: SegmentHeader) throws(FormatError) -> [IndexedFrame] {
        var metadata: [Int: EncodedMetadata] = [:]
        for record in records where record.kind == EventKind.metadata.rawValue {
            metadata[Int(record.frameIndex)] = try EncodedMetadata(parsing: record.bytes.rawSpan)
        }
        var indexed: [IndexedFrame] = []
        indexed.reserveCapacity(frames.count)
        for (index, sealed) in frames.enumerated()
        where [FrameKind.events.rawValue, FrameKind.tombstone.rawValue].contains(sealed.kind) {
            let hasMetadata = !sealed.flags.isDisjoint(with: [.executionFirst, .executionLast])
            guard Int(sealed.executionOrdinal) < executions.count, hasMetadata == (metadata[index] != nil) else {
                throw .invalidField("a seal that does not say whose frame \(index) is, or what begins or ends there")
            }
            indexed.append(
                IndexedFrame(
                    header: FrameHeader(
                        sealed, executionID: executions[Int(sealed.executionOrdinal)].id,
                        firstFrameSequence: header.firstFrameSequence),
                    position: Position(segment: header.segment, offset: Int(sealed.offset)),
                    generation: header.generation, metadata: metadata[index]))
        }
        return indexed
    }
}
