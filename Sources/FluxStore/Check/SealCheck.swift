import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Holds a seal against its trailer, itself, and the frames that it tells of.
struct SealCheck {
    private let seal: SegmentSeal
    private let header: SegmentHeader
    private let path: String

    init(_ seal: SegmentSeal, _ segment: SegmentFile<PosixFile>) {
        self.seal = seal
        header = segment.header
        path = segment.file.path
    }

    /// Fields of the trailer that say something else than the seal.
    func trailerDifferences(_ trailer: SegmentTrailer) -> [String] {
        var differences: [String] = []
        func hold(_ what: String, _ isHeld: Bool) {
            if !isHeld { differences.append("\(path): the trailer has another \(what) than the seal") }
        }
        // One that was written anew says what the first one said: the next segment goes on from that.
        let isRewritten = header.generation > 0
        let frameCount = seal.frames.count + seal.sealFrameCount
        hold(
            "number of frames",
            isRewritten ? Int(trailer.frameCount) >= frameCount : Int(trailer.frameCount) == frameCount)
        hold("number of executions", Int(trailer.executionCount) == seal.executions.count)
        hold("first start", trailer.wallFirst == seal.statistics.wallFirst)
        hold("last start", trailer.wallLast == seal.statistics.wallLast)
        hold("last hash", isRewritten || trailer.lastFrameHash == seal.lastFrameHash)
        return differences
    }

    /// What the seal says otherwise than the frames of the segment, all of which verify.
    func differences(from walked: [IndexedFrame]) -> [String] {
        var differences: [String] = []
        func hold(_ what: String, _ isHeld: Bool) {
            if !isHeld { differences.append("\(path): the seal tells of other \(what) than there are") }
        }
        let ordinals = Dictionary(
            seal.executions.enumerated().map { ($1.id, UInt32($0)) }, uniquingKeysWith: { first, _ in first })
        var executions: [ExecutionID: SealedExecution] = [:]
        var statistics = SealStatistics()
        var records: [(index: Int, frame: IndexedFrame)] = []
        var expected: [SealedFrame] = []
        for (index, frame) in walked.enumerated() {
            var sealed = SealedFrame(
                frame.header, offset: frame.position.offset, firstFrameSequence: header.firstFrameSequence)
            sealed.executionOrdinal = ordinals[frame.header.executionID] ?? .max
            expected.append(sealed)
            executions[
                frame.header.executionID,
                default: SealedExecution(
                    id: frame.header.executionID, firstFrameIndex: UInt32(index), frameCount: 0)
            ].frameCount += 1
            statistics.add(frame.header, metadata: frame.metadata)
            if frame.metadata != nil { records.append((index, frame)) }
        }
        hold("frames", seal.frames == expected)
        hold("executions", seal.executions == executions.values.sorted { $0.id < $1.id })
        hold("ids in its filter", executions.keys.allSatisfy(seal.filter.mayContain))
        hold("sums", seal.statistics == statistics)
        hold("metadata", seal.records.count == records.count && zip(seal.records, records).allSatisfy(Self.isCopy))
        return differences
    }

    private static func isCopy(_ record: SealedRecord, of place: (index: Int, frame: IndexedFrame)) -> Bool {
        // META that cannot be read is no copy.
        record.id == place.frame.header.executionID && Int(record.frameIndex) == place.index
            && record.kind == EventKind.metadata.rawValue
            && (try? ExecutionMetadata(parsing: record.bytes.rawSpan)) == place.frame.metadata?.value
    }
}
