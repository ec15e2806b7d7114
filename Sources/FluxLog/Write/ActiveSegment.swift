import FluxFiles
import FluxFormat

/// What a new segment takes from the one before.
struct SegmentChain {
    var nextSegment: UInt32
    var previousEnd: Position
    var lastFrameHash: UInt64
    var nextFrameSequence: UInt64

    /// The chain of a store without segments.
    static let start = SegmentChain(nextSegment: 1, previousEnd: .zero, lastFrameHash: 0, nextFrameSequence: 1)
}

/// Which of the two calls that store bytes failed.
enum SegmentWriteError: Error {
    /// Nothing more than some of the bytes may stand behind the end.
    case write(IOError)
    /// What is on the disk cannot be told any more.
    case sync(IOError)
}

/// The segment that is being appended to.
final class ActiveSegment<File: StoredFile> {
    let file: File
    let header: SegmentHeader
    /// Behind the last durable batch.
    private(set) var end: Int
    private(set) var lastFrameHash: UInt64
    private(set) var nextFrameSequence: UInt64
    private var seal: SealBuilder

    /// A segment that has nothing but its header.
    init(file: File, header: SegmentHeader) {
        self.file = file
        self.header = header
        end = SegmentHeader.byteCount
        lastFrameHash = header.previousLastFrameHash
        nextFrameSequence = header.firstFrameSequence
        seal = SealBuilder(firstFrameSequence: header.firstFrameSequence)
    }

    /// A segment that was walked.
    convenience init(_ segment: SegmentFile<File>, tail: LogTail) {
        self.init(file: segment.file, header: segment.header)
        end = tail.end
        lastFrameHash = tail.lastFrameHash
        nextFrameSequence = tail.nextFrameSequence
        for (index, frame) in tail.frames.enumerated() {
            seal.add(frame.header, offset: frame.position.offset, metadata: tail.metadata[index])
        }
    }

    var hasFrames: Bool { end > SegmentHeader.byteCount }

    /// An upper bound of the bytes that sealing takes.
    var sealByteCount: Int { seal.byteCount + SegmentTrailer.byteCount }

    /// Stamps, writes and syncs frames. Nothing of the segment's state has changed when it throws.
    func write(
        _ frames: [EncodedFrame], durableEnd: Position, previousFrameOfExecution: Position
    ) throws(SegmentWriteError) -> [ScannedFrame] {
        let stamped = stamp(frames, durableEnd: durableEnd, previousFrameOfExecution: previousFrameOfExecution)
        try store(stamped.bytes)
        for (frame, encoded) in zip(stamped.frames, frames) {
            seal.add(frame.header, offset: frame.position.offset, metadata: encoded.metadata)
        }
        commit(stamped)
        return stamped.frames
    }

    /// Writes seal and trailer as one batch and tells how the next segment begins.
    func writeSeal(encoder: FrameEncoder, durableEnd: Position) throws(SegmentWriteError) -> SegmentChain {
        let (parts, executionCount) = seal.finish()
        var frames = parts.map { part in
            encoder.encode(.seal, part.bytes, flags: [], section: part.section.rawValue, part: part.part)
        }
        frames[0].header.flags.insert(.batchFirst)
        frames[frames.count - 1].header.flags.insert(.batchLast)
        var stamped = stamp(frames, durableEnd: durableEnd, previousFrameOfExecution: .zero)
        let trailer = SegmentTrailer(
            sealPosition: Position(segment: header.segment, offset: end),
            frameCount: UInt32(seal.frameCount + frames.count), executionCount: UInt32(executionCount),
            firstFrameSequence: header.firstFrameSequence,
            lastFrameHash: stamped.lastFrameHash, wallFirst: seal.wallFirst, wallLast: seal.wallLast)
        stamped.bytes.append(contentsOf: trailer.encoded(segmentSalt: header.segmentSalt))
        try store(stamped.bytes)
        commit(stamped)
        return SegmentChain(
            nextSegment: header.segment + 1, previousEnd: Position(segment: header.segment, offset: end),
            lastFrameHash: lastFrameHash, nextFrameSequence: nextFrameSequence)
    }
}

extension ActiveSegment {
    /// Frames with everything that only the writer knows, and their bytes.
    private struct Stamped {
        var bytes: [UInt8] = []
        var frames: [ScannedFrame] = []
        var lastFrameHash: UInt64
    }

    private func stamp(
        _ frames: [EncodedFrame], durableEnd: Position, previousFrameOfExecution: Position
    ) -> Stamped {
        var stamped = Stamped(lastFrameHash: lastFrameHash)
        stamped.bytes.reserveCapacity(frames.reduce(SegmentTrailer.byteCount) { $0 + $1.header.frameByteCount })
        var previous = previousFrameOfExecution
        for (index, frame) in frames.enumerated() {
            var header = frame.header
            let position = Position(segment: self.header.segment, offset: end + stamped.bytes.count)
            header.frameSequence = nextFrameSequence + UInt64(index)
            header.durableEnd = durableEnd
            header.previousFrameHash = stamped.lastFrameHash
            header.previousFrameOfExecution = previous
            let encoded = header.encoded(at: position, segmentSalt: self.header.segmentSalt)
            header.headerHash = encoded.headerHash
            stamped.lastFrameHash = encoded.headerHash
            stamped.bytes.append(contentsOf: encoded.bytes)
            stamped.bytes.append(contentsOf: frame.payload)
            stamped.frames.append(ScannedFrame(header: header, position: position))
            if header.frameKind == .events { previous = position }
        }
        return stamped
    }

    /// Writes bytes behind the end and makes them durable.
    private func store(_ bytes: [UInt8]) throws(SegmentWriteError) {
        do throws(IOError) {
            try file.write(bytes, at: end)
        } catch {
            throw .write(error)
        }
        do throws(IOError) {
            try file.sync()
        } catch {
            throw .sync(error)
        }
    }

    private func commit(_ stamped: Stamped) {
        end += stamped.bytes.count
        lastFrameHash = stamped.lastFrameHash
        nextFrameSequence += UInt64(stamped.frames.count)
    }
}
