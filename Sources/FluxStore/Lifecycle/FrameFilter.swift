import FluxFormat
import FluxIndex
import FluxLog

/// Which frames of the log are of executions that are still there: the log has frames of others until their segments go.
struct FrameFilter: Sendable {
    private let dead: Set<ExecutionID>
    /// Where executions are looked up that may have begun in what was dropped; `nil` where nothing was.
    private let source: IndexSource?

    /// Reads the deletions. O(deletions).
    init(_ source: IndexSource, extent: LogExtent) throws(StoreError) {
        let found = try source.read { (index) throws(IndexError) in try index.deadExecutions() }
        dead = Set(found.map(\.id))
        self.source = extent.firstFrameSequence > 0 ? source : nil
    }

    /// Whether the events of a frame belong to an execution that is there.
    func takes(_ header: FrameHeader) throws(LogError) -> Bool {
        guard !dead.contains(header.executionID) else { return false }
        guard let source, !header.flags.contains(.executionFirst) else { return true }
        do throws(StoreError) {
            return try source.read { (index) throws(IndexError) in
                try index.summary(of: header.executionID).map { $0.firstFrameSequence <= header.frameSequence } ?? false
            }
        } catch {
            throw .broken(path: "the index", reason: error.message)
        }
    }
}
