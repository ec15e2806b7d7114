import FluxFormat

/// Collects what the seal of the active segment will tell. See `Seal` on the format page.
struct SealBuilder {
    /// Bytes at which the writer rolls early.
    static let byteCountMax = 16 << 20

    private let firstFrameSequence: UInt64
    private let encoder: FrameEncoder
    private var frames: [(frame: SealedFrame, id: ExecutionID)] = []
    /// Most of the seal, encoded as it grows: a roll waits for the rest of it.
    private var records: SealSectionParts
    private(set) var statistics = SealStatistics()

    init(firstFrameSequence: UInt64, encoder: FrameEncoder) {
        self.firstFrameSequence = firstFrameSequence
        self.encoder = encoder
        records = SealSectionParts(.metadata, encoder: encoder)
    }

    var frameCount: Int { frames.count }

    /// An upper bound of the seal's bytes.
    var byteCount: Int {
        frames.count * (SealedFrame.byteCount + SealedExecution.byteCount + 2) + records.byteCount
            + 16 * (statistics.tenantByteCounts.count + statistics.kindCount) + 4096
    }

    /// Adds the frames of batches that were written.
    mutating func add(_ group: StagedGroup, _ batches: ArraySlice<EncodedBatch>) {
        var place = 0
        for batch in batches {
            for index in batch.frames.indices {
                add(
                    group.frames[place].header, offset: group.frames[place].position.offset,
                    metadata: batch.frames[index].metadata)
                place += 1
            }
        }
    }

    /// Adds a frame that was written, with META of record 0 where it has one.
    mutating func add(_ header: FrameHeader, offset: Int, metadata: EncodedMetadata?) {
        if let metadata {
            records.append(
                SealedRecord(
                    id: header.executionID, frameIndex: UInt32(frames.count), kind: EventKind.metadata.rawValue,
                    bytes: metadata.bytes))
        }
        statistics.add(header, metadata: metadata)
        let frame = SealedFrame(header, offset: offset, firstFrameSequence: firstFrameSequence)
        frames.append((frame, header.executionID))
    }

    /// The frames of the seal, in the order in which they are written, and the number of executions.
    func finish() -> (frames: [EncodedFrame], executionCount: Int) {
        let (executions, ordinals) = directory()
        var parts: [EncodedFrame] = []
        for section in SealSection.allCases {
            parts += frames(of: section, executions: executions, ordinals: ordinals)
        }
        parts[0].header.flags.insert(.batchFirst)
        parts[parts.count - 1].header.flags.insert(.batchLast)
        return (parts, executions.count)
    }

    /// The executions by their ids, and for each frame the place of its execution among them. Sorting beats hashing:
    /// most ids come in order.
    private func directory() -> (executions: [SealedExecution], ordinals: [UInt32]) {
        var executions: [SealedExecution] = []
        var ordinals = [UInt32](repeating: .max, count: frames.count)
        var places = frames.indices.filter { frames[$0].id != .none }.map { (id: frames[$0].id, index: $0) }
        places.sort { ($0.id, $0.index) < ($1.id, $1.index) }
        for (id, index) in places {
            if executions.last?.id != id {
                executions.append(SealedExecution(id: id, firstFrameIndex: UInt32(index), frameCount: 0))
            }
            executions[executions.count - 1].frameCount += 1
            ordinals[index] = UInt32(executions.count - 1)
        }
        return (executions, ordinals)
    }

    private func frames(
        of section: SealSection, executions: [SealedExecution], ordinals: [UInt32]
    ) -> [EncodedFrame] {
        var bytes: [UInt8] = []
        switch section {
        case .frames:
            bytes.reserveCapacity(frames.count * SealedFrame.byteCount)
            for (entry, ordinal) in zip(frames, ordinals) {
                var frame = entry.frame
                frame.executionOrdinal = ordinal
                frame.append(to: &bytes)
            }
        case .executions:
            bytes.reserveCapacity(executions.count * SealedExecution.byteCount)
            for execution in executions { execution.append(to: &bytes) }
        case .metadata: return records.finish()
        case .filter:
            var filter = BloomFilter(idCount: executions.count)
            for execution in executions { filter.insert(execution.id) }
            bytes = filter.encoded
        case .statistics: bytes = statistics.encoded
        }
        var parts = SealSectionParts(section, encoder: encoder)
        parts.append(bytes)
        return parts.finish()
    }
}
