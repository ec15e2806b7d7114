import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog
import Synchronization

/// Finds executions in the seals of segments, while the index does not hold them.
final class SealLookup<Files: FileSystem>: Sendable {
    /// Seals that are kept in memory.
    private static var keptCountMax: Int { 16 }

    private let table: SegmentTable<Files>
    /// The segments in order.
    private let segments: [UInt32]
    private let kept = Mutex<[UInt32: SegmentFrames]>([:])

    init(_ table: SegmentTable<Files>, segments: [UInt32]) {
        self.table = table
        self.segments = segments
    }

    /// The frames of an execution in the segments from one on, in order. O(segments).
    func frames(of id: ExecutionID, from first: UInt32) throws(LogError) -> [IndexedFrame] {
        var found: [IndexedFrame] = []
        for segment in segments where segment >= first { found += try frames(in: segment).frames(of: id) }
        return found
    }

    private func frames(in segment: UInt32) throws(LogError) -> SegmentFrames {
        if let frames = kept.withLock({ $0[segment] }) { return frames }
        let frames = try SegmentFrames(of: table.sealed(SegmentName(segment: segment)))
        kept.withLock { kept in
            if kept.count >= Self.keptCountMax { kept.removeAll() }
            kept[segment] = frames
        }
        return frames
    }
}

/// The frames of events of one segment as an index takes them: from its seal, or where that cannot be read, from the
/// frames themselves.
struct SegmentFrames: Sendable {
    private(set) var all: [IndexedFrame] = []
    private let seal: SegmentSeal?

    init(of file: SegmentFile<some StoredFile>) throws(LogError) {
        guard let trailer = file.trailer,
            let seal = try? SegmentSeal(
                reading: file.file, segment: file.header, trailer: trailer, end: file.framesEnd)
        else {
            seal = nil
            all = try Self.scanned(file)
            return
        }
        self.seal = seal
        do throws(FormatError) {
            all = try Self.frames(seal, of: file.header)
        } catch {
            throw .damaged(path: file.file.path, offset: trailer.sealPosition.offset, error)
        }
    }

    /// The frames of one execution, in order.
    func frames(of id: ExecutionID) -> [IndexedFrame] {
        if let seal, !seal.filter.mayContain(id) { return [] }
        return all.filter { $0.header.executionID == id }
    }

    private static func frames(_ seal: SegmentSeal, of header: SegmentHeader) throws(FormatError) -> [IndexedFrame] {
        var metadata: [UInt32: ExecutionMetadata] = [:]
        for record in seal.records where record.kind == EventKind.metadata.rawValue {
            metadata[record.frameIndex] = try ExecutionMetadata(parsing: record.bytes.rawSpan)
        }
        var frames: [IndexedFrame] = []
        frames.reserveCapacity(seal.frames.count)
        for (index, frame) in seal.frames.enumerated() where frame.kind == FrameKind.events.rawValue {
            guard Int(frame.executionOrdinal) < seal.executions.count else {
                throw .invalidField("a frame of an execution that the seal does not list")
            }
            frames.append(
                IndexedFrame(
                    header: FrameHeader(
                        frame, executionID: seal.executions[Int(frame.executionOrdinal)].id,
                        firstFrameSequence: header.firstFrameSequence),
                    position: Position(segment: header.segment, offset: Int(frame.offset)),
                    generation: header.generation, metadata: metadata[UInt32(index)]))
        }
        return frames
    }

    private static func scanned(_ file: SegmentFile<some StoredFile>) throws(LogError) -> [IndexedFrame] {
        var scan = file.scan()
        var decoder = FrameDecoder()
        var frames: [IndexedFrame] = []
        while let frame = try scan.next(verifyingPayload: false) {
            guard frame.header.frameKind == .events else { continue }
            let (entry, damage) = IndexedFrame.read(frame, segment: file, payload: scan.payload, decoder: &decoder)
            if let damage { throw damage }
            frames.append(entry)
        }
        return frames
    }
}
