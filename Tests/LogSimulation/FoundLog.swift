package import FluxFiles
package import FluxFormat
package import FluxLog

/// All that a log holds, read from its files alone, with every rule held that needs no model.
package struct FoundLog {
    package private(set) var batches: [BatchKey] = []
    /// The frames, of seals too, with the promise of each.
    package private(set) var frames: [ScannedFrame] = []
    /// The events by their executions, where they were asked for.
    package private(set) var events: [ExecutionID: [(index: UInt64, event: Event)]] = [:]
    /// Behind the last batch.
    package private(set) var end = Position.zero
    /// An execution's event in pieces may have batches of others in between.
    private var assemblers: [ExecutionID: EventAssembler] = [:]
    private var boundaries: Set<Position> = [.zero]
    private var lastPromise = Position.zero
    private var lastHash: UInt64 = 0
    private var nextSequence: UInt64 = 1

    /// Reads everything up to `limit`, or up to where the last segment ends. Damage is thrown as the log's own error.
    package init(_ path: String, files: some FileSystem, upTo limit: Position? = nil, decodes: Bool = false) throws {
        let directory = try LogDirectory(path, files: files, access: .read)
        if let damage = directory.damage.first { throw damage }
        for listed in directory.segments {
            let segment = try SegmentFile(
                opening: listed.name, in: directory.segmentDirectory, files: files, access: .read)
            try read(listed, segment, limit, directory.head, decodes: decodes)
        }
    }

    private mutating func read<File>(
        _ listed: ListedSegment, _ segment: SegmentFile<File>, _ limit: Position?, _ head: LogHead?, decodes: Bool
    ) throws {
        var framesEnd = listed.end.offset - (listed.isSealed ? SegmentTrailer.byteCount : 0)
        if let limit, limit.segment < listed.name.segment { return }
        guard segment.header.previousEnd == end, segment.header.previousLastFrameHash == lastHash,
            segment.header.firstFrameSequence == nextSequence
        else { throw Violation("chain", "\(listed.path) does not go on where the log ended, at \(end)") }
        if let limit, limit.segment == listed.name.segment, limit.offset < framesEnd {
            framesEnd = limit.offset
        } else if !listed.isSealed {
            let tail = try LogTail(walking: segment, evidence: head?.evidence ?? .none)
            if case .damaged(let error, _) = tail.rest { throw error }
            framesEnd = tail.end
        }
        boundaries.insert(Position(segment: listed.name.segment, offset: SegmentHeader.byteCount))
        try scan(segment, until: framesEnd, decodes: decodes)
        end = Position(
            segment: listed.name.segment, offset: listed.isSealed ? listed.end.offset : framesEnd)
        boundaries.insert(end)
    }

    private mutating func scan<File>(_ segment: SegmentFile<File>, until framesEnd: Int, decodes: Bool) throws {
        var scan = SegmentScan<File>()
        scan.begin(segment.file, segment: segment.header, end: framesEnd)
        var batch: BatchKey?
        var decoder = FrameDecoder()
        while let frame = try scan.next() {
            let header = frame.header
            // Held here as well as by the scan.
            guard header.previousFrameHash == lastHash, header.frameSequence == nextSequence else {
                throw Violation("chain", "the frame at \(frame.position) does not go on from the one before")
            }
            lastHash = header.headerHash
            nextSequence += 1
            frames.append(frame)
            try holdPromise(frame)
            guard header.flags.contains(.batchFirst) == (batch == nil) else {
                throw Violation("atomic", "the batch at \(frame.position) is not whole")
            }
            var key = batch ?? BatchKey(of: header)
            key.add(header, payload: scan.payload)
            batch = header.flags.contains(.batchLast) ? nil : key
            if decodes, header.frameKind == .events {
                try decoder.decode(header, payload: scan.payload, storeSalt: segment.header.storeSalt)
                for index in (decoder.hasMetadata ? 1 : 0)..<decoder.recordCount {
                    guard
                        let read = assemblers[header.executionID, default: EventAssembler()].add(
                            decoder.record(at: index))
                    else { continue }
                    events[header.executionID, default: []].append(read)
                }
            }
            guard batch == nil else { continue }
            boundaries.insert(Position(segment: frame.position.segment, offset: scan.offset))
            if header.frameKind == .events { batches.append(key) }
        }
        guard batch == nil else { throw Violation("atomic", "\(segment.file.path) ends within a batch") }
    }

    /// A promise never shrinks, ends a batch, and lies before the frame that carries it.
    private mutating func holdPromise(_ frame: ScannedFrame) throws {
        let promise = frame.header.durableEnd
        guard promise >= lastPromise, promise <= frame.position, boundaries.contains(promise) else {
            throw Violation(
                "promise", "the frame at \(frame.position) promises \(promise), the one before \(lastPromise)")
        }
        lastPromise = promise
    }
}
