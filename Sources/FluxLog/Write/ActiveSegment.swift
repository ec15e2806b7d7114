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

/// The segment that is being appended to.
final class ActiveSegment<File: StoredFile> {
    let file: File
    let header: SegmentHeader
    /// Behind the last batch that was written.
    private(set) var end: Int
    private(set) var lastFrameHash: UInt64
    private(set) var nextFrameSequence: UInt64
    /// Bytes that are reserved on the disk.
    private(set) var allocatedByteCount: Int
    private var seal: SealBuilder

    /// A segment that has nothing but its header.
    init(file: File, header: SegmentHeader, allocatedByteCount: Int) {
        self.file = file
        self.header = header
        self.allocatedByteCount = allocatedByteCount
        end = SegmentHeader.byteCount
        lastFrameHash = header.previousLastFrameHash
        nextFrameSequence = header.firstFrameSequence
        seal = SealBuilder(
            firstFrameSequence: header.firstFrameSequence, encoder: FrameEncoder(storeSalt: header.storeSalt))
    }

    /// A segment that was walked.
    convenience init(_ segment: SegmentFile<File>, tail: LogTail) {
        self.init(file: segment.file, header: segment.header, allocatedByteCount: segment.byteCount)
        end = tail.end
        lastFrameHash = tail.lastFrameHash
        nextFrameSequence = tail.nextFrameSequence
        for (index, frame) in tail.frames.enumerated() {
            seal.add(
                frame.header, offset: frame.position.offset, metadata: tail.metadata[index])
        }
    }

    var hasFrames: Bool { end > SegmentHeader.byteCount }

    var endPosition: Position { Position(segment: header.segment, offset: end) }

    /// An upper bound of the bytes that sealing takes.
    var sealByteCount: Int { seal.byteCount + SegmentTrailer.byteCount }

    /// A group without batches behind the end.
    var emptyGroup: StagedGroup {
        StagedGroup(end: end, lastFrameHash: lastFrameHash, nextFrameSequence: nextFrameSequence)
    }

    /// Stamps the frames of a batch for the end of a group, and writes what fills the buffer.
    ///
    /// Nothing of the segment's state changes: what stands behind its end is overwritten by the next group.
    func stage(
        _ frames: [EncodedFrame], in group: inout StagedGroup, _ buffer: inout StagingBuffer, durableEnd: Position,
        previousFrameOfExecution: Position
    ) throws(IOError) {
        var previous = previousFrameOfExecution
        let first = group.frames.count
        for index in frames.indices {
            var header = frames[index].header
            if buffer.isFull(adding: header.frameByteCount) {
                try buffer.write(to: file, at: group.end - buffer.byteCount)
            }
            let position = Position(segment: self.header.segment, offset: group.end)
            header.frameSequence = group.nextFrameSequence
            header.durableEnd = durableEnd
            header.previousFrameHash = group.lastFrameHash
            header.previousFrameOfExecution = previous
            header.headerHash = buffer.append(
                header, payload: frames[index].payload, at: position, segmentSalt: self.header.segmentSalt)
            group.end += header.frameByteCount
            group.lastFrameHash = header.headerHash
            group.nextFrameSequence += 1
            group.frames.append(ScannedFrame(header: header, position: position))
            if header.frameKind == .events { previous = position }
        }
        group.batches.append(StagedBatch(frames: first..<group.frames.count, end: group.end))
    }

    /// Writes what is left of a group; then it is part of the segment.
    func write(
        _ group: StagedGroup, _ buffer: inout StagingBuffer, batches: ArraySlice<EncodedBatch>
    ) throws(IOError) {
        try buffer.write(to: file, at: group.end - buffer.byteCount)
        seal.add(group, batches)
        move(to: group)
    }

    /// Writes seal and trailer as one batch, syncs them, and tells how the next segment begins.
    ///
    /// `original` is the trailer of the generation that this one replaces: the next segment goes on from what it says.
    func writeSeal(
        _ buffer: inout StagingBuffer, durableEnd: Position, replacing original: SegmentTrailer? = nil
    ) throws(SegmentWriteError) -> SegmentChain {
        let (frames, executionCount) = seal.finish()
        var group = emptyGroup
        if let original {
            // The last sequences of the segment: there are no more parts than the seal had that told of more frames.
            group.nextFrameSequence = original.nextFrameSequence - UInt64(frames.count)
        }
        do throws(IOError) {
            try stage(frames, in: &group, &buffer, durableEnd: durableEnd, previousFrameOfExecution: .zero)
            let trailer = SegmentTrailer(
                sealPosition: endPosition,
                frameCount: original?.frameCount ?? UInt32(seal.frameCount + frames.count),
                executionCount: UInt32(executionCount), firstFrameSequence: header.firstFrameSequence,
                lastFrameHash: original?.lastFrameHash ?? group.lastFrameHash,
                wallFirst: seal.statistics.wallFirst, wallLast: seal.statistics.wallLast)
            buffer.append(trailer.encoded(segmentSalt: header.segmentSalt))
            group.end += SegmentTrailer.byteCount
            try buffer.write(to: file, at: group.end - buffer.byteCount)
        } catch {
            throw .write(error)
        }
        do throws(IOError) {
            try file.sync()
        } catch {
            throw .sync(error)
        }
        move(to: group)
        return SegmentChain(
            nextSegment: header.segment + 1, previousEnd: endPosition, lastFrameHash: lastFrameHash,
            nextFrameSequence: nextFrameSequence)
    }

    private func move(to group: StagedGroup) {
        end = group.end
        lastFrameHash = group.lastFrameHash
        nextFrameSequence = group.nextFrameSequence
    }
}

extension ActiveSegment {
    /// Reserves room up to `byteCount`, in steps that double, so that a small store stays small.
    func reserve(_ byteCount: Int, _ options: LogOptions) throws(IOError) {
        guard byteCount > allocatedByteCount else { return }
        let doubled = max(allocatedByteCount * 2, options.reserveByteCountMin)
        let wanted = max(byteCount, min(doubled, options.segmentByteCountMax))
        do throws(IOError) {
            // Where nothing can be reserved, a write extends the file.
            allocatedByteCount = try file.allocate(wanted) ? wanted : byteCount
        } catch {
            // There may be room for what is to be written, though not for more.
            guard error.isNoSpace, wanted > byteCount else { throw error }
            allocatedByteCount = try file.allocate(byteCount) ? byteCount : allocatedByteCount
        }
    }

    /// Cuts off what stands behind the end.
    func trim() throws(IOError) {
        try file.truncate(to: end)
        allocatedByteCount = end
    }
}

/// Which of the two calls that store bytes failed.
enum SegmentWriteError: Error {
    /// Nothing more than some of the bytes may stand behind the end.
    case write(IOError)
    /// What is on the disk cannot be told any more.
    case sync(IOError)
}
