package import FluxFiles
package import FluxFormat

/// Walks a segment past its damage: hands out the batches that verify, each whole, and what is lost between them.
///
/// A batch with a frame that is missing or does not verify is lost with all of its frames. Memory is one window and the
/// headers of a batch; who wants the payloads reads them again.
package struct BatchWalk<File: StoredFile>: ~Copyable {
    private var scan = SegmentScan<File>()
    private var decoder = FrameDecoder()
    private let file: File
    private let segment: SegmentHeader
    private let end: Int
    /// The sequence behind the last frame, where a trailer tells it.
    private let nextSequence: UInt64?
    /// A batch that was found behind a loss.
    private var ready: [ScannedFrame]?
    private var isAtEnd = false

    /// A part of the segment, in the order of the file.
    package enum Part: Sendable {
        case batch([ScannedFrame])
        case lost(LostRange)
    }

    /// Starts behind the header of a segment.
    package init(_ segment: SegmentFile<File>, end: Int? = nil) {
        file = segment.file
        nextFrameSequence = segment.header.firstFrameSequence
        self.segment = segment.header
        self.end = min(end ?? segment.framesEnd, segment.framesEnd)
        nextSequence = segment.trailer.map { $0.firstFrameSequence + UInt64($0.frameCount) }
        scan.begin(segment.file, segment: segment.header, end: self.end)
    }

    /// Behind the last part that was handed out.
    package private(set) var walkedEnd = SegmentHeader.byteCount

    /// The sequence behind the last part that was handed out.
    package private(set) var nextFrameSequence: UInt64

    /// The trailer that the walk came to, in a segment that was not known to be sealed.
    package var trailer: SegmentTrailer? { scan.trailer }

    /// The next part, or `nil` at the end. Zeros that were reserved are no part.
    package mutating func next() throws(LogError) -> Part? {
        if let batch = ready.take() { return part(batch) }
        var batch: [ScannedFrame] = []
        var loss: LostRange?
        while !isAtEnd {
            let frame: ScannedFrame?
            do throws(LogError) {
                frame = try scan.next()
            } catch {
                if case .io = error { throw error }
                lose(&batch, at: scan.offset, sequence: scan.nextFrameSequence, error, &loss)
                isAtEnd = try !scan.resync()
                continue
            }
            guard let frame else {
                isAtEnd = true
                if !batch.isEmpty { lose(&batch, at: scan.offset, sequence: 0, damage("an unfinished batch"), &loss) }
                break
            }
            let flags = frame.header.flags
            if flags.contains(.batchFirst) != batch.isEmpty {
                let error = damage(
                    "a frame of a batch whose \(batch.isEmpty ? "first" : "last") frame is missing", at: frame)
                if batch.isEmpty { batch = [frame] }
                lose(&batch, at: frame.position.offset, sequence: frame.header.frameSequence, error, &loss)
                guard flags.contains(.batchFirst) else { continue }
            }
            batch.append(frame)
            if !frame.header.isOfBatch(of: batch[0].header) {
                let error = damage("frames of two executions in a batch", at: frame)
                lose(&batch, at: frame.position.offset, sequence: frame.header.frameSequence, error, &loss)
            } else if let error = proveContents(of: frame) {
                lose(&batch, at: frame.position.offset, sequence: frame.header.frameSequence, error, &loss)
            } else if flags.contains(.batchLast) {
                guard var loss else { return part(batch) }
                ready = batch
                loss.end = batch[0].position.offset
                loss.frameCount = batch[0].header.frameSequence - loss.firstSequence
                return .lost(loss)
            }
        }
        guard let loss else { return nil }
        return try lastLoss(loss)
    }

    private mutating func part(_ batch: [ScannedFrame]) -> Part {
        if let last = batch.last {
            walkedEnd = last.position.offset + last.header.frameByteCount
            nextFrameSequence = last.header.frameSequence + 1
        }
        return .batch(batch)
    }

    /// What is lost at the end; `nil` where nothing but zeros stands there.
    private mutating func lastLoss(_ loss: LostRange) throws(LogError) -> Part? {
        var loss = loss
        do throws(IOError) {
            loss.end = try min(end, max(loss.start, file.endOfContent(from: loss.start)))
        } catch {
            throw .io(error)
        }
        if nextSequence != nil { loss.end = end }
        guard loss.end > loss.start else { return nil }
        loss.frameCount = nextSequence.map { $0 > loss.firstSequence ? $0 - loss.firstSequence : 0 }
        loss.isAtEnd = true
        return .lost(loss)
    }

    private mutating func lose(
        _ batch: inout [ScannedFrame], at offset: Int, sequence: UInt64, _ error: LogError, _ loss: inout LostRange?
    ) {
        let first = batch.first
        var range =
            loss
            ?? LostRange(
                start: first?.position.offset ?? offset,
                firstSequence: first?.header.frameSequence ?? sequence, reason: error)
        for frame in batch where frame.header.frameKind == .events {
            range.executions.insert(frame.header.executionID)
        }
        batch.removeAll(keepingCapacity: true)
        loss = range
    }

    private func damage(_ text: String, at frame: ScannedFrame? = nil) -> LogError {
        .damaged(path: file.path, offset: frame?.position.offset ?? scan.offset, .invalidField(text))
    }

    /// Decodes the frame that was read last; hashes that hold say nothing about what a writer laid out wrongly.
    private mutating func proveContents(of frame: ScannedFrame) -> LogError? {
        guard frame.header.frameKind == .events else { return nil }
        // Used before the scan goes on, and by nobody else.
        let payload = unsafe scan.unownedPayload
        do throws(FormatError) {
            if !frame.header.flags.isDisjoint(with: [.executionFirst, .executionLast]) {
                _ = try decoder.metadata(frame.header, payload: payload, storeSalt: segment.storeSalt)
            }
            try decoder.decode(frame.header, payload: payload, storeSalt: segment.storeSalt)
        } catch {
            return .damaged(path: file.path, offset: frame.position.offset, error)
        }
        return nil
    }
}

extension FrameHeader {
    /// Whether a frame may stand in the batch that begins with `first`: one execution has it, or a seal.
    func isOfBatch(of first: FrameHeader) -> Bool {
        executionID == first.executionID && (frameKind == .seal) == (first.frameKind == .seal)
    }
}

/// Bytes of a segment that hold no batch that verifies.
package struct LostRange: Sendable, Equatable {
    /// The first byte.
    package var start: Int
    /// Behind the last byte.
    package var end = 0
    /// The sequence of the first frame that is lost.
    package var firstSequence: UInt64
    /// Frames that are lost; `nil` where nothing behind tells it.
    package var frameCount: UInt64?
    /// Executions of frames that verify, and are lost with their batch.
    package var executions: Set<ExecutionID> = []
    /// What did not verify first.
    package var reason: LogError
    /// Whether no batch follows in the segment.
    package var isAtEnd = false

    package init(start: Int, firstSequence: UInt64, reason: LogError) {
        self.start = start
        self.firstSequence = firstSequence
        self.reason = reason
    }
}
