import FluxFormat
import FluxIndex
import FluxLog

/// Compares the rows of an index with those that the log gives, segment by segment.
///
/// Each frame is counted once; an execution is compared when it has ended, and those that never do at the end.
struct IndexComparison {
    private let extent: LogExtent
    /// Executions that have not ended.
    private var open: [ExecutionID: IndexedExecution] = [:]
    private var executionCount: UInt64 = 0
    /// Executions that the index does not have, and the sequences of their first frames: a tombstone may follow.
    private var missing: [ExecutionID: UInt64] = [:]
    private var differences: [String] = []

    /// Differences after which the comparison ends.
    private static let differenceCountMax = 10

    init(extent: LogExtent) {
        self.extent = extent
    }

    /// Takes the next frames of the log, and compares the executions that end there.
    mutating func take(_ frames: [IndexedFrame], from source: IndexSource) {
        guard differences.count < Self.differenceCountMax else { return }
        var ended: [ExecutionID: IndexedExecution] = [:]
        for frame in frames {
            let id = frame.header.executionID
            if frame.header.frameKind == .tombstone {
                open[id] = nil
                ended[id] = nil
                missing[id] = nil
            } else if frame.header.flags.contains(.executionFirst) {
                open[id] = IndexedExecution(beginning: frame)
            } else {
                // One that began in what retention has dropped is gone as a whole.
                open[id]?.add(frame)
            }
            // The frame that ends an execution may be the first of its batch.
            if frame.header.flags.contains(.batchLast), open[id]?.isFinished == true {
                ended[id] = open.removeValue(forKey: id)
            }
        }
        compare(ended, source)
    }

    /// Compares what is left, and counts.
    mutating func finish(with source: IndexSource) -> [String] {
        if differences.count < Self.differenceCountMax { compare(open, source) }
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

    private mutating func compare(_ executions: [ExecutionID: IndexedExecution], _ source: IndexSource) {
        guard !executions.isEmpty else { return }
        let expected = executions.values.sorted { $0.summary.firstFrameSequence < $1.summary.firstFrameSequence }
        do throws(StoreError) {
            let found = try source.read { (index) throws(IndexError) in try Self.compare(index, expected) }
            differences += found.differing.map { "the index differs from the log at execution \($0)" }
            executionCount += UInt64(expected.count - found.missing.count)
            for row in found.missing { missing[row.summary.id] = row.summary.firstFrameSequence }
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
