package import FluxFiles
package import FluxFormat

/// Writes a sealed segment anew without the frames of some executions.
///
/// The file has a name of its own until it is whole and synced, so a crash leaves the generation before. What it keeps has
/// the sequences that it had. Memory is a group of batches, and the seal.
package struct SegmentRewrite<Files: FileSystem>: ~Copyable {
    /// Bytes of batches that are written together.
    private static var groupByteCount: Int { 1 << 20 }

    private let source: SegmentFile<Files.File>
    private let trailer: SegmentTrailer
    private let target: ActiveSegment<Files.File>
    private var staging = StagingBuffer()
    private var decoder = FrameDecoder()
    private var group: StagedGroup
    private var batches: [EncodedBatch] = []

    /// Writes the next generation of `source` into its folder, and returns its name: durable when this returns.
    ///
    /// Frames of `dropped` that hold events are left out, and their batches are whole ones. `salt` is random. Throws
    /// `damaged` where the source does not verify: then nothing has changed.
    package static func run(
        _ source: SegmentFile<Files.File>, in directory: String, files: Files, dropping dropped: Set<ExecutionID>,
        salt: UInt64
    ) throws(LogError) -> SegmentName {
        let name = SegmentName(segment: source.name.segment, generation: source.name.generation + 1)
        let path = "\(directory)/\(name.rewriteFileName)"
        let file: Files.File
        do throws(IOError) {
            file = try files.open(path, .createIfMissing)
            try file.truncate(to: 0)
        } catch {
            throw LogError(error)
        }
        do throws(LogError) {
            var rewrite = try SegmentRewrite(source, file: file, salt: salt)
            try rewrite.copy(dropping: dropped)
            try rewrite.seal()
        } catch {
            // What is left of it is removed by the next opening.
            try? files.remove(path)
            throw error
        }
        do throws(IOError) {
            try files.rename(path, to: "\(directory)/\(name.fileName)")
            try files.syncDirectory(directory)
        } catch {
            throw LogError(error)
        }
        return name
    }

    private init(_ source: SegmentFile<Files.File>, file: Files.File, salt: UInt64) throws(LogError) {
        guard let trailer = source.trailer else { preconditionFailure("a segment that is not sealed is not rewritten") }
        self.source = source
        self.trailer = trailer
        var header = source.header
        header.generation += 1
        header.segmentSalt = salt
        header.readerFeatures |= SegmentHeader.rewrittenFeature
        do throws(IOError) {
            try file.write(header.encoded, at: 0)
        } catch {
            throw LogError(error)
        }
        target = ActiveSegment(file: file, header: header, allocatedByteCount: 0)
        group = target.emptyGroup
    }

    private mutating func copy(dropping dropped: Set<ExecutionID>) throws(LogError) {
        var scan = source.scan()
        var frames: [EncodedFrame] = []
        var firstSequence: UInt64 = 0
        while let frame = try scan.next() {
            guard frame.header.frameKind != .seal else { continue }
            guard frame.header.frameKind != .events || !dropped.contains(frame.header.executionID) else { continue }
            if frames.isEmpty { firstSequence = frame.header.frameSequence }
            // Used before the scan goes on.
            frames.append(try copied(frame, payload: scan.payload))
            guard frame.header.flags.contains(.batchLast) else { continue }
            try add(frames, firstSequence: firstSequence)
            frames.removeAll(keepingCapacity: true)
        }
        // The seal takes the last sequences of those that the trailer tells of.
        guard scan.nextFrameSequence == trailer.nextFrameSequence else {
            throw .damaged(
                path: source.file.path, offset: source.framesEnd,
                .invalidField("\(trailer.frameCount) frames in the trailer"))
        }
        try flush()
    }

    private mutating func copied(_ frame: ScannedFrame, payload: RawSpan) throws(LogError) -> EncodedFrame {
        var header = frame.header
        header.flags.insert(.rewritten)
        var metadata: EncodedMetadata?
        if header.frameKind == .events, !header.flags.isDisjoint(with: [.executionFirst, .executionLast]) {
            do throws(FormatError) {
                metadata = try decoder.metadata(header, payload: payload, storeSalt: source.header.storeSalt)
            } catch {
                throw .damaged(path: source.file.path, offset: frame.position.offset, error)
            }
        }
        return EncodedFrame(header: header, payload: payload.array, metadata: metadata)
    }

    private mutating func add(_ frames: [EncodedFrame], firstSequence: UInt64) throws(LogError) {
        group.nextFrameSequence = firstSequence
        do throws(IOError) {
            try target.stage(
                frames, in: &group, &staging, durableEnd: source.header.previousEnd, previousFrameOfExecution: .zero)
        } catch {
            throw LogError(error)
        }
        batches.append(
            EncodedBatch(
                executionID: frames[0].header.executionID, frames: frames, firstEvent: 0, eventCount: 0, isLast: false))
        if group.end - target.endPosition.offset >= Self.groupByteCount { try flush() }
    }

    private mutating func flush() throws(LogError) {
        do throws(IOError) {
            try target.write(group, &staging, batches: batches[...])
        } catch {
            throw LogError(error)
        }
        batches.removeAll(keepingCapacity: true)
        group = target.emptyGroup
    }

    private mutating func seal() throws(LogError) {
        do throws(SegmentWriteError) {
            _ = try target.writeSeal(&staging, durableEnd: source.header.previousEnd, replacing: trailer)
        } catch {
            switch error {
            case .write(let cause), .sync(let cause): throw LogError(cause)
            }
        }
    }
}
