import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Brings an index to the end of a log: from seals, which tell all that it holds, and where there is none from frames.
struct IndexCatchUp<Files: FileSystem> {
    /// Frames of one transaction.
    private static var batchFrameCount: Int { 2048 }

    private let table: SegmentTable<Files>
    private let extent: LogExtent

    init(_ table: SegmentTable<Files>, extent: LogExtent) {
        self.table = table
        self.extent = extent
    }

    /// Applies every frame of the extent that the index lacks.
    ///
    /// Costs nothing when there is nothing to apply. Stops at damage, which it throws: the index then ends before it, so
    /// that every later opening meets it again.
    func run(on index: MetadataIndex) throws(StoreError) {
        let applied: AppliedPosition
        do throws(IndexError) {
            try index.expire(below: extent.firstFrameSequence)
            applied = try index.applied
        } catch {
            throw StoreError(error)
        }
        try moveRows(of: index, below: applied.nextFrameSequence)
        guard applied.nextFrameSequence < extent.nextFrameSequence else { return }
        // The frames of a log without segments have a first number all the same.
        if extent.segments.isEmpty { try apply([], to: index, through: extent.applied) }
        for segment in extent.segments where segment >= applied.position.segment {
            let found: (frames: [IndexedFrame], end: AppliedPosition)
            do throws(LogError) {
                found = try frames(of: segment)
            } catch {
                throw StoreError(error)
            }
            let missing = found.frames.filter { $0.header.frameSequence >= applied.nextFrameSequence }
            try apply(missing, to: index, through: found.end)
        }
    }

    /// Whether an index has nothing of what was dropped, and names no place in a file that was given up.
    func isCurrent(_ index: MetadataIndex) throws(IndexError) -> Bool {
        guard try index.firstSequence >= extent.firstFrameSequence else { return false }
        for name in table.rewritten where extent.segments.contains(name.segment) {
            guard try index.generation(of: name.segment) == name.generation else { return false }
        }
        return true
    }

    /// Gives rows the places that their frames have in segments that were written anew, where a crash came in between.
    private func moveRows(of index: MetadataIndex, below sequence: UInt64) throws(StoreError) {
        for name in table.rewritten where extent.segments.contains(name.segment) {
            let found: UInt32
            do throws(IndexError) {
                found = try index.generation(of: name.segment)
            } catch {
                throw StoreError(error)
            }
            guard found != name.generation else { continue }
            let frames: [IndexedFrame]
            do throws(LogError) {
                frames = try SegmentFrames(of: table.sealed(name.segment)).all
            } catch {
                throw StoreError(error)
            }
            do throws(IndexError) {
                // The others are applied as they lie.
                let applied = frames.filter { $0.header.frameSequence < sequence }
                try index.move(applied, of: name.segment, to: name.generation)
            } catch {
                throw StoreError(error)
            }
        }
    }

    private func apply(
        _ frames: [IndexedFrame], to index: MetadataIndex, through end: AppliedPosition
    ) throws(StoreError) {
        var start = 0
        do throws(IndexError) {
            while frames.count - start > Self.batchFrameCount {
                // Whole batches: the place where the index ends is between two of them.
                let rest = frames[(start + Self.batchFrameCount)...]
                guard let last = rest.firstIndex(where: { $0.header.flags.contains(.batchLast) }) else { break }
                try index.apply(Array(frames[start...last]), through: AppliedPosition(behind: frames[last]))
                start = last + 1
            }
            try index.apply(Array(frames[start...]), through: end)
        } catch {
            throw StoreError(error)
        }
    }

    /// The frames of events of one segment, as far as the extent goes, and the place behind them.
    private func frames(of segment: UInt32) throws(LogError) -> (frames: [IndexedFrame], end: AppliedPosition) {
        guard segment == extent.end.segment else {
            let file = try table.sealed(segment)
            let frames = try SegmentFrames(of: file)
            let next = file.trailer?.nextFrameSequence
            return (
                frames.all,
                AppliedPosition(
                    position: file.end,
                    nextFrameSequence: next ?? (frames.all.last?.header.frameSequence).map { $0 + 1 } ?? 0)
            )
        }
        var frames: [IndexedFrame] = []
        var scan = LogScan(table, extent: extent, from: segment)
        var decoder = FrameDecoder()
        while let frame = try scan.next(verifyingPayload: false) {
            guard frame.header.isOfExecution, let file = scan.segment else { continue }
            let (entry, damage) = IndexedFrame.read(frame, segment: file, payload: scan.payload, decoder: &decoder)
            if let damage { throw damage }
            frames.append(entry)
        }
        return (frames, extent.applied)
    }
}

extension IndexCatchUp {
    /// Applies everything that can be listed, frame by frame, and returns the damage that was met.
    func scan(into index: MetadataIndex) throws(IndexError) -> [LogError] {
        try index.expire(below: extent.firstFrameSequence)
        var damage: [LogError] = []
        var scan = LogScan(table, extent: extent)
        var decoder = FrameDecoder()
        var pending: [IndexedFrame] = []
        while true {
            do throws(LogError) {
                guard let frame = try scan.next(verifyingPayload: false) else { break }
                guard frame.header.isOfExecution, let segment = scan.segment else { continue }
                let (entry, error) = IndexedFrame.read(
                    frame, segment: segment, payload: scan.payload, decoder: &decoder)
                // One whose payload is damaged is listed all the same; reading it throws.
                pending.append(entry)
                if let error { damage.append(error) }
            } catch {
                scan.skipSegment()
                damage.append(error)
            }
            if pending.count >= Self.batchFrameCount, let last = pending.last, last.header.flags.contains(.batchLast) {
                try index.apply(pending, through: AppliedPosition(behind: last))
                pending.removeAll(keepingCapacity: true)
            }
        }
        try index.apply(pending, through: extent.applied)
        return damage
    }
}

extension IndexedFrame {
    /// A frame of the log as the index takes it, and what is damaged in its payload.
    static func read(
        _ frame: ScannedFrame, segment: SegmentFile<some StoredFile>, payload: RawSpan, decoder: inout FrameDecoder
    ) -> (IndexedFrame, damage: LogError?) {
        var metadata: EncodedMetadata?
        var damage: LogError?
        do throws(FormatError) {
            if !frame.header.flags.isDisjoint(with: [.executionFirst, .executionLast]) {
                metadata = try decoder.metadata(
                    frame.header, payload: payload, storeSalt: segment.header.storeSalt)
            }
            try FrameDecoder.verify(frame.header, payload: payload, storeSalt: segment.header.storeSalt)
        } catch {
            damage = .damaged(path: segment.file.path, offset: frame.position.offset, error)
        }
        let entry = IndexedFrame(
            header: frame.header, position: frame.position, generation: segment.header.generation,
            metadata: metadata)
        return (entry, damage)
    }
}

extension LogExtent {
    /// Where an index ends that holds all of it.
    fileprivate var applied: AppliedPosition {
        AppliedPosition(position: end, nextFrameSequence: nextFrameSequence)
    }
}

extension AppliedPosition {
    /// Behind a frame that is the last of its batch.
    init(behind frame: IndexedFrame) {
        self.init(
            position: Position(
                segment: frame.position.segment, offset: frame.position.offset + frame.header.frameByteCount),
            nextFrameSequence: frame.header.frameSequence + 1)
    }
}
