package import FluxFiles
package import FluxFormat

/// What the walk over the last segment found.
package struct LogTail: Sendable {
    /// Behind the last whole batch, or behind the trailer.
    package private(set) var end: Int
    /// The frames of events up to there.
    package private(set) var frames: [ScannedFrame] = []
    /// META of those that have it, by their place in ``frames``.
    package private(set) var metadata: [Int: EncodedMetadata] = [:]
    package private(set) var lastFrameHash: UInt64
    package private(set) var nextFrameSequence: UInt64
    /// The trailer that ends the segment, where one does.
    package private(set) var trailer: SegmentTrailer?
    /// What stands behind ``end``, if anything does.
    package private(set) var rest = Rest.nothing
    /// Behind the last byte that is not zero; ``end`` where none follows it.
    package private(set) var contentEnd: Int

    package enum Rest: Sendable, Equatable {
        /// Nothing, or zeros that were reserved.
        case nothing
        /// What a crash leaves: a batch that was never acknowledged.
        case torn(LogError)
        /// A frame that looks complete and does not verify, and that nothing else speaks for: a torn write over older
        /// bytes, or damage in the last batch.
        case suspect(LogError)
        /// Bytes from ``LogTail/end`` on do not verify though something says that they were synced, or they verify
        /// and cannot be read.
        case damaged(LogError, promised: LogEvidence)
    }
}

extension LogTail {
    /// Walks an unsealed segment from its start and verifies everything.
    ///
    /// Reads the whole file once; keeps the headers, and META where there is one. `evidence` is what is known of the log
    /// from elsewhere.
    package init(walking segment: SegmentFile<some StoredFile>, evidence: LogEvidence) throws(LogError) {
        end = SegmentHeader.byteCount
        contentEnd = end
        lastFrameHash = segment.header.previousLastFrameHash
        nextFrameSequence = segment.header.firstFrameSequence
        let (failure, unreadable) = try walk(segment)
        let behind = try TailContent(of: segment, from: end)
        contentEnd = max(behind.end, end)
        let promised = behind.promise.combined(with: evidence).combined(with: unreadable)
        let path = segment.file.path
        if promised.isBeyond(Position(segment: segment.name.segment, offset: end)) {
            let reason = failure ?? .damaged(path: path, offset: end, .invalidField("the log ends here"))
            rest = .damaged(reason, promised: promised)
        } else if contentEnd > end {
            let reason = failure ?? .damaged(path: path, offset: end, .invalidField("an unfinished batch"))
            rest = try TornWrite.isTorn(segment, failure: failure, end: end) ? .torn(reason) : .suspect(reason)
        }
    }

    /// Takes whole batches until something does not verify, which is returned; and what a frame says that verifies and
    /// cannot be read all the same, so that it was not torn.
    private mutating func walk(
        _ segment: SegmentFile<some StoredFile>
    ) throws(LogError) -> (failure: LogError?, unreadable: LogEvidence) {
        var scan = segment.scan()
        var decoder = FrameDecoder()
        var batch: [(ScannedFrame, EncodedMetadata?)] = []
        var unreadable = LogEvidence.none
        do throws(LogError) {
            while let frame = try scan.next() {
                let flags = frame.header.flags
                guard flags.contains(.batchFirst) == batch.isEmpty,
                    batch.first.map({ frame.header.isOfBatch(of: $0.0.header) }) ?? true
                else {
                    throw .damaged(
                        path: segment.file.path, offset: frame.position.offset, .invalidField("batch flags"))
                }
                let behind = LogEvidence(
                    end: Position(segment: segment.name.segment, offset: scan.offset),
                    nextFrameSequence: scan.nextFrameSequence)
                do throws(LogError) {
                    batch.append((frame, try Self.metadata(of: frame, scan.payload, &decoder, segment)))
                } catch {
                    unreadable = behind
                    throw error
                }
                // A seal counts once its trailer stands behind it.
                guard flags.contains(.batchLast), frame.header.frameKind != .seal else { continue }
                take(&batch, end: scan.offset, hash: scan.previousFrameHash, next: scan.nextFrameSequence)
            }
            if let found = scan.trailer {
                trailer = found
                take(
                    &batch, end: scan.offset + SegmentTrailer.byteCount, hash: scan.previousFrameHash,
                    next: scan.nextFrameSequence)
            }
        } catch {
            if case .io = error { throw error }
            return (error, unreadable)
        }
        return (nil, .none)
    }

    private mutating func take(
        _ batch: inout [(ScannedFrame, EncodedMetadata?)], end: Int, hash: UInt64, next: UInt64
    ) {
        for (frame, found) in batch where frame.header.frameKind != .seal {
            if let found { metadata[frames.count] = found }
            frames.append(frame)
        }
        self.end = end
        lastFrameHash = hash
        nextFrameSequence = next
        batch.removeAll(keepingCapacity: true)
    }

    private static func metadata(
        of frame: ScannedFrame, _ payload: RawSpan, _ decoder: inout FrameDecoder,
        _ segment: SegmentFile<some StoredFile>
    ) throws(LogError) -> EncodedMetadata? {
        guard frame.header.frameKind == .events,
            !frame.header.flags.isDisjoint(with: [.executionFirst, .executionLast])
        else { return nil }
        do throws(FormatError) {
            return try decoder.metadata(frame.header, payload: payload, storeSalt: segment.header.storeSalt)
        } catch {
            throw .damaged(path: segment.file.path, offset: frame.position.offset, error)
        }
    }
}
