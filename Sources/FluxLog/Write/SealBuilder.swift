import FluxFormat

/// Collects what the seal of the active segment will tell. See `Seal` on the format page.
struct SealBuilder {
    /// Bytes at which the writer rolls early.
    static let byteCountMax = 16 << 20
    /// Raw bytes of one SEAL frame.
    private static let partByteCount = FormatLimit.frameByteCountMax

    private let firstFrameSequence: UInt64
    private var frames: [(frame: SealedFrame, id: ExecutionID)] = []
    private var records: [SealedRecord] = []
    private var recordByteCount = 0
    private(set) var statistics = SealStatistics()

    init(firstFrameSequence: UInt64) {
        self.firstFrameSequence = firstFrameSequence
    }

    var frameCount: Int { frames.count }

    /// An upper bound of the seal's bytes.
    var byteCount: Int {
        frames.count * (SealedFrame.byteCount + SealedExecution.byteCount + 2) + recordByteCount
            + 16 * (statistics.tenantByteCounts.count + statistics.kindCounts.count) + 4096
    }

    /// Adds a frame that was written, with META of record 0 where it has one.
    mutating func add(_ header: FrameHeader, offset: Int, metadata: EncodedMetadata?) {
        if let metadata {
            let record = SealedRecord(
                id: header.executionID, frameIndex: UInt32(frames.count), kind: EventKind.metadata.rawValue,
                bytes: metadata.bytes)
            recordByteCount += SealedRecord.fixedByteCount + wordAligned(record.bytes.count)
            records.append(record)
        }
        statistics.add(header, metadata: metadata?.value)
        let frame = SealedFrame(header, offset: offset, firstFrameSequence: firstFrameSequence)
        frames.append((frame, header.executionID))
    }

    /// The sections in parts of at most 1 MiB, in the order in which they are written, and the number of executions.
    func finish() -> (parts: [(section: SealSection, part: UInt32, bytes: [UInt8])], executionCount: Int) {
        var executions: [ExecutionID: SealedExecution] = [:]
        for (index, entry) in frames.enumerated() where entry.id != .none {
            executions[
                entry.id, default: SealedExecution(id: entry.id, firstFrameIndex: UInt32(index), frameCount: 0)
            ].frameCount += 1
        }
        let sorted = executions.values.sorted { $0.id < $1.id }
        var ordinals: [ExecutionID: UInt32] = [:]
        for (ordinal, execution) in sorted.enumerated() { ordinals[execution.id] = UInt32(ordinal) }
        var parts: [(section: SealSection, part: UInt32, bytes: [UInt8])] = []
        for section in SealSection.allCases {
            let bytes = bytes(of: section, executions: sorted, ordinals: ordinals)
            var start = 0
            repeat {
                let end = min(start + Self.partByteCount, bytes.count)
                parts.append((section, UInt32(start / Self.partByteCount), Array(bytes[start..<end])))
                start = end
            } while start < bytes.count
        }
        return (parts, sorted.count)
    }

    private func bytes(
        of section: SealSection, executions: [SealedExecution], ordinals: [ExecutionID: UInt32]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        switch section {
        case .frames:
            for entry in frames {
                var frame = entry.frame
                frame.executionOrdinal = ordinals[entry.id] ?? .max
                frame.append(to: &bytes)
            }
        case .executions:
            for execution in executions { execution.append(to: &bytes) }
        case .metadata:
            for record in records { record.append(to: &bytes) }
        case .filter:
            var filter = BloomFilter(idCount: executions.count)
            for execution in executions { filter.insert(execution.id) }
            bytes = filter.encoded
        case .statistics:
            bytes = statistics.encoded
        }
        return bytes
    }
}
