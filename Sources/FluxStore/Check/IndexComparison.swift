import FluxFormat
import FluxIndex
import FluxLog

/// Compares the rows of an index with those that the log gives, segment by segment.
///
/// An index in memory takes the frames of a segment, and is thrown away with those executions that ended in it.
struct IndexComparison {
    private let storeID: StoreID
    private let extent: LogExtent
    /// Frames of executions that have not ended.
    private var open: [IndexedFrame] = []
    private var executionCount: UInt64 = 0
    /// Executions that the index does not have, and the sequences of their first frames: a tombstone may follow.
    private var missing: [ExecutionID: UInt64] = [:]
    private var differences: [String] = []

    /// Differences after which the comparison ends.
    private static let differenceCountMax = 10

    init(storeID: StoreID, extent: LogExtent) {
        self.storeID = storeID
        self.extent = extent
    }

    /// Takes the next frames of the log, and compares the executions that end there.
    mutating func take(_ frames: [IndexedFrame], from source: IndexSource) throws(StoreError) {
        guard differences.count < Self.differenceCountMax else { return }
        try compare(open + frames, source, isEnd: false)
    }

    /// Compares what is left, and counts.
    mutating func finish(with source: IndexSource) throws(StoreError) -> [String] {
        if differences.count < Self.differenceCountMax { try compare(open, source, isEnd: true) }
        do throws(StoreError) {
            let gone = try source.read { (index) throws(IndexError) in try self.gone(from: index) }
            differences += missing.keys.filter { id in !gone.contains(id) }.sorted().prefix(Self.differenceCountMax).map
            {
                "the index differs from the log at execution \($0)"
            }
            differences += try source.read { (index) throws(IndexError) -> [String] in try index.problems(limit: 5) }
            let applied = try source.read { (index) throws(IndexError) in try index.applied }
            let found = try source.read { (index) throws(IndexError) in try self.count(in: index) }
            if applied.nextFrameSequence < extent.nextFrameSequence {
                differences.append("the index ends before the log")
            }
            if found != executionCount { differences.append("the index has other executions than the log") }
        } catch {
            differences.append(error.message)
        }
        return differences
    }

    /// Executions that were deleted or dropped since the extent was noted.
    private func gone(from index: MetadataIndex) throws(IndexError) -> Set<ExecutionID> {
        let start = try index.firstSequence
        var gone: Set<ExecutionID> = []
        for (id, sequence) in missing {
            let isDead = try index.isDead(id)
            if sequence < start || isDead { gone.insert(id) }
        }
        return gone
    }

    /// Executions of an index that begin in the extent: a writer may have gone on since its end was noted.
    private func count(in index: MetadataIndex) throws(IndexError) -> UInt64 {
        let total = try index.totals().executions
        guard total != executionCount else { return total }
        var count: UInt64 = 0
        var rows = try index.allSummaries(afterN: nil, limit: 1000)
        while let last = rows.last {
            count += UInt64(rows.count { $0.summary.firstFrameSequence < extent.nextFrameSequence })
            rows = try index.allSummaries(afterN: last.summary.firstFrameSequence, limit: 1000)
        }
        return count
    }

    private mutating func compare(
        _ frames: [IndexedFrame], _ source: IndexSource, isEnd: Bool
    ) throws(StoreError) {
        guard let lastFrame = frames.last else { return }
        let rows: [IndexedExecution]
        do throws(IndexError) {
            let expected = try MetadataIndex.open(
                path: nil, storeID: (storeID.high, storeID.low), access: .readWrite)
            try expected.expire(below: extent.firstFrameSequence)
            try expected.apply(frames, through: AppliedPosition(behind: lastFrame))
            rows = try expected.allSummaries(afterN: nil, limit: frames.count)
        } catch {
            throw StoreError(error)
        }
        let compared = rows.filter { $0.isFinished || isEnd }
        let left = Set(isEnd ? [] : rows.filter { !$0.isFinished }.map(\.summary.id))
        open = frames.filter { left.contains($0.header.executionID) }
        do throws(StoreError) {
            let found = try source.read { (index) throws(IndexError) in try Self.compare(index, compared) }
            differences += found.differing.map { "the index differs from the log at execution \($0)" }
            executionCount += UInt64(compared.count - found.missing.count)
            for row in found.missing { missing[row.summary.id] = row.summary.firstFrameSequence }
            for frame in frames where frame.header.frameKind == .tombstone { missing[frame.header.executionID] = nil }
        } catch {
            differences.append(error.message)
        }
    }

    private static func compare(
        _ index: MetadataIndex, _ rows: [IndexedExecution]
    ) throws(IndexError) -> (differing: [ExecutionID], missing: [IndexedExecution]) {
        var (differing, missing): ([ExecutionID], [IndexedExecution]) = ([], [])
        for row in rows where differing.count < differenceCountMax {
            let number = row.summary.firstFrameSequence
            let other = try index.allSummaries(afterN: number == 0 ? nil : number - 1, limit: 1).first
            if let other, row == other || row.isContinued(by: other) { continue }
            if other?.summary.firstFrameSequence == number {
                differing.append(row.summary.id)
            } else {
                missing.append(row)
            }
        }
        return (differing, missing)
    }
}

extension IndexedExecution {
    /// Whether the other row is this one with more frames.
    fileprivate func isContinued(by other: IndexedExecution) -> Bool {
        other.summary.id == summary.id && !isFinished && other.frames.count > frames.count
            && other.frames.starts(with: frames)
    }
}
