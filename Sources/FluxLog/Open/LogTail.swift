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
        var unreadableEnd = Position.zero
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
                // Its hashes verify, so if it cannot be read it was not torn.
                unreadableEnd = Position(segment: segment.name.segment, offset: scan.offset)
                batch.append((frame, try Self.metadata(of: frame, scan.payload, &decoder, segment)))
                unreadableEnd = .zero
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
        let promised = max(unreadableEnd, try Self.promisedEnd(in: segment, from: end))
        let endPosition = Position(segment: segment.name.segment, offset: end)
        rest = promised > endPosition ? .damaged(reason, promisedEnd: promised) : .torn(reason)
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
    private static func promisedEnd(
        in segment: SegmentFile<some StoredFile>, from start: Int
    ) throws(LogError) -> Position {
        let windowByteCount = 1 << 20
        var promised = Position.zero
        var offset = start
        while offset < segment.byteCount {
            let bytes: [UInt8]
            do throws(IOError) {
                bytes = try segment.file.read(
                    byteCount: min(windowByteCount + FrameHeader.byteCount, segment.byteCount - offset), at: offset)
            } catch {
                throw .io(error)
            }
            for place in stride(from: 0, to: min(windowByteCount, bytes.count - FrameHeader.byteCount + 1), by: 8)
            where bytes.rawSpan.load(at: place, as: UInt32.self) == FrameHeader.magic {
                let header = try? FrameHeader(
                    parsing: bytes.rawSpan.extracting(place..<place + FrameHeader.byteCount),
                    at: Position(segment: segment.name.segment, offset: offset + place),
                    segmentSalt: segment.header.segmentSalt)
                if let header { promised = max(promised, header.durableEnd) }
            }
            offset += windowByteCount
        }
        return promised
    }
}
