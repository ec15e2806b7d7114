import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Which frames of the log are of executions that were there when the value was made: the log has frames of others until
/// their segments go.
struct FrameFilter<Files: FileSystem>: Sendable {
    /// Answers of the files that are kept.
    private static var foundCountMax: Int { 1024 }

    private let dead: Set<ExecutionID>
    /// Where executions are looked up that may have begun in what was dropped; `nil` where nothing was.
    private let source: IndexSource?
    /// The files of that time.
    private let table: SegmentTable<Files>
    /// The first segment that was not dropped, and the sequence of its first frame.
    private let firstSegment: UInt32
    private let firstSequence: UInt64
    /// Executions that the index does not have, and whether they begin in the files.
    private var found: [ExecutionID: Bool] = [:]

    /// Reads the deletions. `table` is held. O(deletions).
    init(_ source: IndexSource, extent: LogExtent, table: SegmentTable<Files>) throws(StoreError) {
        let deletions = try source.read { (index) throws(IndexError) in try index.deadExecutions() }
        dead = Set(deletions.map(\.id))
        self.source = extent.firstFrameSequence > 0 ? source : nil
        self.table = table
        firstSegment = extent.segments.first ?? 1
        firstSequence = extent.firstFrameSequence
    }

    /// Whether the events of a frame belong to an execution that was there.
    mutating func takes(_ frame: ScannedFrame) throws(LogError) -> Bool {
        let header = frame.header
        guard !dead.contains(header.executionID) else { return false }
        guard let source else { return true }
        guard !header.flags.contains(.executionFirst) else {
            if !found.isEmpty { found[header.executionID] = nil }
            return true
        }
        if try isIndexed(header, source) { return true }
        // It was gone before, or went since.
        if let isThere = found[header.executionID] { return isThere }
        let isThere = try table.begins(header.executionID, from: firstSegment, before: frame.position)
        if found.count >= Self.foundCountMax { found.removeAll() }
        found[header.executionID] = isThere
        return isThere
    }

    private func isIndexed(_ header: FrameHeader, _ source: IndexSource) throws(LogError) -> Bool {
        do throws(StoreError) {
            let row = try source.read { (index) throws(IndexError) in try index.summary(of: header.executionID) }
            // What is being dropped may have its row yet.
            guard let first = row?.firstFrameSequence else { return false }
            return first >= firstSequence && first <= header.frameSequence
        } catch {
            throw .broken(path: "the index", reason: error.message)
        }
    }
}
