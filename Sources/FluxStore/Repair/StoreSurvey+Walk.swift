import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

extension StoreSurvey {
    /// Reads all of a store. Beside a live writer it ends where HEAD says.
    package init(of path: String) throws(StoreError) {
        try self.init(of: path, isWriterAlive: StoreLock.isHeld(path, files: PosixFileSystem()))
    }

    /// Reads all of a store, or up to where HEAD says. Whoever holds the store's lock is no writer beside itself.
    init(of path: String, isWriterAlive: Bool) throws(StoreError) {
        let files = PosixFileSystem()
        try StoreFolder(path: path, files: files).check()
        do throws(LogError) {
            let directory = try LogDirectory(path, files: files, access: .read)
            let storeID = directory.segments.last?.header.storeID ?? directory.head?.storeID
            let evidence = IndexKeeper.evidence(in: path, of: storeID)
            let log = try LogSurvey(path, files: files, evidence: evidence)
            let head = log.directory.head
            damage = log.directory.damage.map(\.description)
            if let head { promises.append(Promise(source: "HEAD", head.evidence)) }
            if evidence != .none { promises.append(Promise(source: "index", evidence)) }
            let promised = evidence.combined(with: head?.evidence ?? .none)
            let visibleEnd = isWriterAlive ? head?.durableEnd : nil
            for segment in log.segments where visibleEnd.map({ segment.number <= $0.segment }) ?? true {
                segments.append(
                    try Self.walk(segment, of: log, promised: promised, visibleEnd: visibleEnd))
            }
            nameExecutions(in: path, storeID: storeID, evidence: evidence)
        } catch {
            throw StoreError(error)
        }
    }

    private static func walk(
        _ segment: SurveyedSegment, of log: LogSurvey<PosixFileSystem>, promised: LogEvidence, visibleEnd: Position?
    ) throws(LogError) -> Segment {
        var found = Segment(number: segment.number, path: segment.path, state: .missing)
        guard let listed = segment.listed else {
            if segment.failure != nil { found.state = .damaged }
            found.losses = [
                Loss(path: segment.path, start: 0, reason: segment.failure?.description ?? "the file is missing")
            ]
            return found
        }
        found.state = listed.isSealed ? .sealed : segment.isEndLost ? .damaged : .active
        found.byteCount = listed.byteCount
        let file = try log.open(listed)
        let end = visibleEnd.flatMap { $0.segment == segment.number ? $0.offset : nil }
        var walk = BatchWalk(file, end: end)
        let directory = SealDirectory(file)
        while let part = try walk.next() {
            switch part {
            case .batch(let frames):
                found.frameCount += frames.count
                found.eventCount += frames.reduce(0) { $0 + UInt64($1.header.eventCount) }
                for frame in frames where frame.header.frameKind == .tombstone {
                    found.deleted.insert(frame.header.executionID)
                }
                found.endOfBatches = walk.walkedEnd
            case .lost(let range):
                found.losses.append(Loss(range, path: segment.path, directory: directory))
            }
        }
        found.deleted.formUnion(directory.deleted)
        if walk.trailer != nil { found.state = .sealed }
        if let failure = directory.failure, found.losses.isEmpty {
            found.losses.append(Loss(path: segment.path, start: listed.end.offset, reason: failure.description))
            found.losses[0].isNamed = true
        }
        guard end == nil, walk.trailer == nil, !listed.isSealed else { return found }
        let promise = segment.isEndLost ? log.promise(of: segment) : promised
        found.close(with: promise, walkedEnd: walk.walkedEnd, nextFrameSequence: walk.nextFrameSequence)
        return found
    }
}

extension StoreSurvey.Segment {
    /// Takes what was promised and not found for lost, and what no one was promised for torn.
    fileprivate mutating func close(with promise: LogEvidence, walkedEnd: Int, nextFrameSequence: UInt64) {
        let isBeyond = promise.end > Position(segment: number, offset: walkedEnd)
        let isHere = promise.end.segment == number
        let tail = losses.last.flatMap { $0.start >= walkedEnd ? $0 : nil }
        if isBeyond, isHere || tail == nil {
            // A segment that is followed and lacks its end tells nothing of how much.
            var loss =
                tail
                ?? StoreSurvey.Loss(path: path, start: walkedEnd, reason: "the segment ends here, and was longer")
            if isHere {
                loss.end = max(loss.end ?? 0, promise.end.offset)
                loss.frameCount =
                    promise.nextFrameSequence > nextFrameSequence ? promise.nextFrameSequence - nextFrameSequence : 0
            }
            if tail != nil { losses.removeLast() }
            if isHere || tail != nil { losses.append(loss) }
        } else if !isBeyond, state == .active, tail != nil {
            losses[losses.count - 1].isTorn = true
        }
    }
}

extension StoreSurvey.Promise {
    fileprivate init(source: String, _ evidence: LogEvidence) {
        self.init(source: source, end: evidence.end, nextFrameSequence: evidence.nextFrameSequence)
    }
}

extension StoreSurvey.Loss {
    fileprivate init(_ range: LostRange, path: String, directory: SealDirectory) {
        self.init(path: path, start: range.start, end: range.end, frameCount: range.frameCount, reason: range.words)
        executions = range.executions
        if let named = directory.executions(in: range.start..<range.end) {
            executions.formUnion(named)
            isNamed = true
        }
    }
}

extension LostRange {
    /// The reason without the file's path, which stands before it.
    fileprivate var words: String {
        guard case .damaged(_, let offset, let error) = reason else { return reason.description }
        return "damaged at byte \(offset): \(error)"
    }
}

/// What a seal says of the frames before it.
private struct SealDirectory {
    private let seal: SegmentSeal?
    /// What is wrong with the seal of a sealed segment.
    let failure: LogError?

    init(_ segment: SegmentFile<PosixFile>) {
        guard let trailer = segment.trailer else {
            (seal, failure) = (nil, nil)
            return
        }
        do throws(LogError) {
            seal = try SegmentSeal(
                reading: segment.file, segment: segment.header, trailer: trailer, end: segment.framesEnd)
            failure = nil
        } catch {
            (seal, failure) = (nil, error)
        }
    }

    /// The executions of which a range has frames; `nil` without a seal.
    func executions(in range: Range<Int>) -> Set<ExecutionID>? {
        seal.map { Self.executions(of: $0) { range.contains(Int($0.offset)) } }
    }

    /// The executions that were deleted: a damaged tombstone brings none of them back.
    var deleted: Set<ExecutionID> {
        seal.map { Self.executions(of: $0) { $0.kind == FrameKind.tombstone.rawValue } } ?? []
    }

    private static func executions(of seal: SegmentSeal, where isMeant: (SealedFrame) -> Bool) -> Set<ExecutionID> {
        seal.frames.reduce(into: Set()) { ids, frame in
            if isMeant(frame), Int(frame.executionOrdinal) < seal.executions.count {
                ids.insert(seal.executions[Int(frame.executionOrdinal)].id)
            }
        }
    }
}
