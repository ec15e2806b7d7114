import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// What a follower may see of a log.
struct FollowView: Sendable {
    var storeID: StoreID
    /// Everything that no recovery drops.
    var durable: LogExtent
    /// The sequence behind the last frame that is known, durable or not.
    var nextFrameSequence: UInt64
    /// Counts how often the log was found to be another than before.
    var resetCount = 0
}

/// Reads the batches of a log in order, from a checkpoint on, and goes on where the log has grown.
///
/// Scans the segment of the checkpoint from its start, at most one segment, then every frame once. Holds the file that it
/// reads, a window of it, and the headers of one batch.
struct LogFollower<Files: FileSystem>: ~Copyable {
    private let table: SegmentTable<Files>
    /// What was handed out last, or is to be gone on from; `nil` for the oldest batch that there is.
    private var last: FollowCheckpoint?
    /// Whether ``last`` was held against the frame of its sequence.
    private var isProven = false
    private var scan = SegmentScan<Files.File>()
    private var segment: SegmentFile<Files.File>?
    private var decoder = FrameDecoder()
    /// Frames of a batch whose last one is not read yet.
    private var pending: [ScannedFrame] = []
    private var metadata: ExecutionMetadata?
    private var resetCount = 0
    /// What was seen last. It is read to its end before one looks again.
    private var view: FollowView?

    init(_ table: SegmentTable<Files>, from checkpoint: FollowCheckpoint?) {
        self.table = table
        last = checkpoint
    }

    /// The next item, or `nil` where what may be seen has none yet. `look` says what may be seen: it is called where that
    /// was read to its end, and where something is wrong with it, since a file has gone meanwhile, or does not verify. What
    /// is wrong twice in a row is thrown.
    mutating func next(_ look: () -> FollowView) throws(LogError) -> FollowItem? {
        var isFresh = false
        var before: LogError?
        while true {
            do throws(LogError) {
                if let view, let item = try next(in: view) { return item }
                if isFresh { return nil }
            } catch {
                guard error != before else { throw error }
                switch error {
                // Retention drops a segment once HEAD says that it is going to.
                case .expired: break
                case .io(let cause) where cause.isMissing: break
                // All of the segment is read again, and of it nothing twice that was handed out.
                case .damaged, .broken: leave()
                default: throw error
                }
                before = error
            }
            view = look()
            isFresh = true
        }
    }

    private mutating func next(in view: FollowView) throws(LogError) -> FollowItem? {
        if view.resetCount != resetCount {
            resetCount = view.resetCount
            leave()
        }
        if segment == nil, let item = try begin(in: view) { return item }
        while segment != nil {
            try extend(to: view.durable)
            while let frame = try scan.next(verifyingPayload: false) {
                if let item = try take(frame, in: view) { return item }
            }
            guard let (next, item) = try nextSegment(in: view.durable) else { return nil }
            enter(next)
            if let item { return item }
        }
        return nil
    }
}

extension LogFollower {
    /// Enters the segment with the frame behind ``last``; returns what is to be told of the way there.
    private mutating func begin(in view: FollowView) throws(LogError) -> FollowItem? {
        // Of a log without an id nothing was ever stored.
        if let checkpoint = last, checkpoint.storeID == StoreID(high: 0, low: 0) { last = nil }
        if let checkpoint = last,
            checkpoint.storeID != view.storeID || checkpoint.frameSequence >= max(1, view.nextFrameSequence)
        {
            return rewind(from: checkpoint)
        }
        guard let oldest = view.durable.segments.first else { return nil }
        let first = try open(oldest)
        guard let checkpoint = last else {
            enter(first)
            return nil
        }
        let next = checkpoint.frameSequence + 1
        guard next >= first.header.firstFrameSequence else {
            enter(first)
            return expire(next, before: first.header)
        }
        guard next > first.header.firstFrameSequence else {
            isProven = true
            // At the start of a log there is no frame to hold it against.
            guard checkpoint.frameSequence == 0 || checkpoint.frameHash == first.header.previousLastFrameHash else {
                return rewind(from: checkpoint)
            }
            enter(first)
            return nil
        }
        let found = try segment(with: checkpoint.frameSequence, in: view.durable) ?? first
        guard found.header.writerEpoch == checkpoint.writerEpoch else { return rewind(from: checkpoint) }
        enter(found)
        return nil
    }

    /// The last segment that begins at the sequence or before. O(log segments), each opened.
    private func segment(
        with sequence: UInt64, in extent: LogExtent
    ) throws(LogError) -> SegmentFile<Files.File>? {
        var found: SegmentFile<Files.File>?
        var low = 0
        var high = extent.segments.count
        while low < high {
            let middle = (low + high) / 2
            let segment = try open(extent.segments[middle])
            if segment.header.firstFrameSequence <= sequence {
                (found, low) = (segment, middle + 1)
            } else {
                high = middle
            }
        }
        return found
    }

    private func open(_ number: UInt32) throws(LogError) -> SegmentFile<Files.File> {
        try table.reopened(number)
    }

    private mutating func enter(_ next: SegmentFile<Files.File>) {
        segment = next
        pending.removeAll(keepingCapacity: true)
        scan.begin(next.file, segment: next.header, end: SegmentHeader.byteCount)
    }

    private mutating func leave() {
        segment = nil
        isProven = false
        pending.removeAll()
        scan.stop()
    }

    /// Goes back to the oldest batch.
    private mutating func rewind(from checkpoint: FollowCheckpoint) -> FollowItem {
        leave()
        last = nil
        return .rewound(from: checkpoint)
    }

    /// Passes over frames that are gone, up to the segment that has the next ones.
    private mutating func expire(_ sequence: UInt64, before header: SegmentHeader) -> FollowItem {
        last = FollowCheckpoint(
            storeID: header.storeID, frameSequence: header.firstFrameSequence - 1, writerEpoch: header.writerEpoch,
            frameHash: header.previousLastFrameHash)
        isProven = true
        return .expired(sequence..<header.firstFrameSequence)
    }
}

extension LogFollower {
    /// Lets the scan see what is durable of its segment.
    private mutating func extend(to extent: LogExtent) throws(LogError) {
        guard let current = segment else { return }
        let number = current.name.segment
        if current.isSealed {
            scan.extend(to: min(current.framesEnd, extent.end.segment == number ? extent.end.offset : .max))
        } else if extent.end.segment == number {
            scan.extend(to: extent.end.offset)
        } else if extent.end.segment > number {
            // It was sealed since it was opened. Its name may be gone, but the file is held.
            let sealed = try sealedEnd(of: current)
            scan.extend(to: sealed.framesEnd)
            segment = sealed
        }
    }

    /// The same file with its trailer, found at its end or where the next segment says.
    private func sealedEnd(of current: SegmentFile<Files.File>) throws(LogError) -> SegmentFile<Files.File> {
        let byteCount: Int
        do throws(IOError) {
            byteCount = try current.file.byteCount()
        } catch {
            throw .io(error)
        }
        let grown = SegmentFile(
            name: current.name, file: current.file, header: current.header, trailer: nil, byteCount: byteCount)
        if let sealed = try grown.sealed(endingAt: byteCount) { return sealed }
        let end = try open(current.name.segment + 1).header.previousEnd
        guard end.segment == current.name.segment, let sealed = try grown.sealed(endingAt: end.offset) else {
            throw .broken(path: current.file.path, reason: "has lost its end: it is followed but not sealed")
        }
        return sealed
    }

    /// The segment behind the one that is read to its end, and what is to be told of the way there.
    private mutating func nextSegment(
        in extent: LogExtent
    ) throws(LogError) -> (SegmentFile<Files.File>, FollowItem?)? {
        guard let current = segment, let number = extent.segments.first(where: { $0 > current.name.segment }) else {
            return nil
        }
        let next = try open(number)
        guard number == current.name.segment + 1 else {
            let sequence = scan.nextFrameSequence
            return (next, sequence < next.header.firstFrameSequence ? expire(sequence, before: next.header) : nil)
        }
        guard next.header.previousLastFrameHash == current.trailer?.lastFrameHash else {
            throw .broken(path: next.file.path, reason: "does not continue \(current.name.fileName)")
        }
        return (next, nil)
    }

    /// Takes the next frame; returns the item that it completes.
    private mutating func take(_ frame: ScannedFrame, in view: FollowView) throws(LogError) -> FollowItem? {
        guard let segment else { return nil }
        let header = frame.header
        if let checkpoint = last, header.frameSequence <= checkpoint.frameSequence {
            guard header.frameSequence == checkpoint.frameSequence, !isProven else { return nil }
            isProven = true
            // A frame that was moved has another hash.
            let isSame = header.headerHash == checkpoint.frameHash || segment.name.generation > 0
            return isSame ? nil : rewind(from: checkpoint)
        }
        guard header.frameKind == .events else { return nil }
        do throws(FormatError) {
            guard header.flags.contains(.batchFirst) == pending.isEmpty else { throw .invalidField("batch flags") }
            if !header.flags.isDisjoint(with: [.executionFirst, .executionLast]) {
                // Used before the scan goes on, and by nobody else.
                let payload = unsafe scan.unownedPayload
                metadata = try decoder.metadata(header, payload: payload, storeSalt: segment.header.storeSalt)?.value
            }
        } catch {
            throw .damaged(path: segment.file.path, offset: frame.position.offset, error)
        }
        pending.append(frame)
        guard header.flags.contains(.batchLast) else { return nil }
        return .batch(takeBatch(of: segment.header))
    }

    private mutating func takeBatch(of segment: SegmentHeader) -> FollowedBatch {
        let first = pending[0].header
        let end = pending[pending.count - 1].header
        let checkpoint = FollowCheckpoint(
            storeID: segment.storeID, frameSequence: end.frameSequence, writerEpoch: segment.writerEpoch,
            frameHash: end.headerHash)
        let batch = FollowedBatch(
            executionID: first.executionID, firstEvent: UInt64(first.firstEvent),
            eventCount: pending.reduce(0) { $0 + UInt64($1.header.eventCount) },
            isFirst: first.flags.contains(.executionFirst),
            isLast: pending.contains { $0.header.flags.contains(.executionLast) }, metadata: metadata,
            checkpoint: checkpoint,
            locations: pending.map { frame in
                FrameLocation(
                    position: frame.position, generation: segment.generation,
                    byteCount: frame.header.frameByteCount, headerHash: frame.header.headerHash,
                    firstEvent: frame.header.firstEvent, eventCount: frame.header.eventCount)
            })
        last = checkpoint
        isProven = true
        metadata = nil
        pending.removeAll(keepingCapacity: true)
        return batch
    }
}
