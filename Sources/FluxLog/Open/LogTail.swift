package import FluxFiles
package import FluxFormat

/// What the walk over the active segment found.
package struct LogTail: Sendable {
    /// Behind the last whole batch.
    package var end: Int
    /// The frames up to there.
    package var frames: [ScannedFrame]
    /// META of those that have it, by their place in ``frames``.
    package var metadata: [Int: ExecutionMetadata]
    package var lastFrameHash: UInt64
    package var nextFrameSequence: UInt64
    /// What stands behind ``end``, if anything does.
    package var rest: Rest
    /// Where ``rest`` is damage: the sequence of the first frame behind the promised end.
    package var promisedNextFrameSequence: UInt64 = 0

    package enum Rest: Sendable, Equatable {
        /// Nothing: the file ends with a whole batch.
        case nothing
        /// What a crash leaves: a batch that was never acknowledged.
        case torn(LogError)
        /// Bytes from `end` on do not verify though a frame behind promises that they were synced, or they verify and
        /// cannot be read.
        case damaged(LogError, promisedEnd: Position)
    }
}

extension LogTail {
    /// Walks an unsealed segment from its start and verifies everything.
    ///
    /// Reads the whole file once; keeps the headers, and META where there is one.
    package init(walking segment: SegmentFile<some StoredFile>) throws(LogError) {
        var scan = segment.scan()
        var decoder = FrameDecoder()
        end = SegmentHeader.byteCount
        frames = []
        metadata = [:]
        lastFrameHash = segment.header.previousLastFrameHash
        nextFrameSequence = segment.header.firstFrameSequence
        rest = .nothing
        var batch: [(ScannedFrame, ExecutionMetadata?)] = []
        var failure: LogError?
        // Behind a frame whose hashes verify, so that it was not torn, and which cannot be read all the same.
        var unreadable = (end: Position.zero, nextFrameSequence: UInt64(0))
        walk: while true {
            do throws(LogError) {
                guard let frame = try scan.next() else { break walk }
                // A seal without its trailer was interrupted: it is made again.
                if frame.header.frameKind == .seal { break walk }
                let isFirst = frame.header.flags.contains(.batchFirst)
                guard isFirst == batch.isEmpty else {
                    throw .damaged(
                        path: segment.file.path, offset: frame.position.offset, .invalidField("batch flags"))
                }
                unreadable = (Position(segment: segment.name.segment, offset: scan.offset), scan.nextFrameSequence)
                batch.append((frame, try Self.metadata(of: frame, scan.payload, &decoder, segment)))
                unreadable.end = .zero
                if frame.header.flags.contains(.batchLast) {
                    commit(&batch, end: scan.offset, hash: scan.previousFrameHash)
                }
            } catch {
                if case .io = error { throw error }
                failure = error
                break walk
            }
        }
        guard end < segment.byteCount else { return }
        let reason = failure ?? .damaged(path: segment.file.path, offset: end, .invalidField("an unfinished batch"))
        let promised = try Self.promise(in: segment, from: end)
        let promise = unreadable.end > promised.end ? unreadable : promised
        let endPosition = Position(segment: segment.name.segment, offset: end)
        promisedNextFrameSequence = promise.nextFrameSequence
        rest = promise.end > endPosition ? .damaged(reason, promisedEnd: promise.end) : .torn(reason)
    }

    private mutating func commit(_ batch: inout [(ScannedFrame, ExecutionMetadata?)], end: Int, hash: UInt64) {
        for (frame, found) in batch {
            if let found { metadata[frames.count] = found }
            frames.append(frame)
        }
        self.end = end
        lastFrameHash = hash
        nextFrameSequence += UInt64(batch.count)
        batch.removeAll(keepingCapacity: true)
    }

    private static func metadata(
        of frame: ScannedFrame, _ payload: RawSpan, _ decoder: inout FrameDecoder,
        _ segment: SegmentFile<some StoredFile>
    ) throws(LogError) -> ExecutionMetadata? {
        guard frame.header.frameKind == .events,
            !frame.header.flags.isDisjoint(with: [.executionFirst, .executionLast])
        else { return nil }
        do throws(FormatError) {
            return try decoder.metadata(frame.header, payload: payload, storeSalt: segment.header.storeSalt)
        } catch {
            throw .damaged(path: segment.file.path, offset: frame.position.offset, error)
        }
    }

    /// The greatest promise of any valid header behind `start`. It raises alarms; it never brings frames back.
    ///
    /// Looks at nothing behind the size that the file had when it was opened: a live writer goes on there.
    private static func promise(
        in segment: SegmentFile<some StoredFile>, from start: Int
    ) throws(LogError) -> (end: Position, nextFrameSequence: UInt64) {
        let windowByteCount = 1 << 20
        var promise = (end: Position.zero, nextFrameSequence: UInt64(0))
        for offset in stride(from: start, to: segment.byteCount, by: windowByteCount) {
            let byteCount = min(windowByteCount + FrameHeader.byteCount, segment.byteCount - offset)
            let bytes: [UInt8]
            do throws(IOError) {
                bytes = try segment.file.read(byteCount: byteCount, at: offset)
            } catch {
                throw .io(error)
            }
            for place in stride(from: 0, to: min(windowByteCount, bytes.count - FrameHeader.byteCount + 1), by: 8)
            where bytes.rawSpan.load(at: place, as: UInt32.self) == FrameHeader.magic {
                let header = try? FrameHeader(
                    parsing: bytes.rawSpan.extracting(place..<place + FrameHeader.byteCount),
                    at: Position(segment: segment.name.segment, offset: offset + place),
                    segmentSalt: segment.header.segmentSalt)
                // All frames of a batch promise what lies before its first one.
                if let header, header.durableEnd > promise.end {
                    promise = (header.durableEnd, header.frameSequence)
                }
            }
        }
        return promise
    }
}
