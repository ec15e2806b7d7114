import FluxFormat
import FluxIndex

/// Names what a log has lost of which the index still knows: a file was cut, or a disk forgot what it had synced.
struct LossReport {
    /// Behind the last batch that the log has.
    let logEnd: Position
    /// A line for each execution of which frames are lost.
    let executions: [String]

    /// Compares an index with the end of the log as it was found.
    init(_ index: MetadataIndex, logEnd: Position) throws(IndexError) {
        self.logEnd = logEnd
        var lines: [String] = []
        var last: UInt64?
        while true {
            let rows = try index.allSummaries(afterN: last, limit: 1000)
            guard let end = rows.last else { break }
            for row in rows where row.frames.contains(where: { $0.position >= logEnd }) {
                lines.append("\(row.summary.id) \(row.summary.metadata.app) \(row.summary.metadata.name)")
            }
            last = end.summary.firstFrameSequence
        }
        executions = lines
    }

    /// The loss as a line for a person; `nil` where the log lacks a seal at most, which is made again.
    func line(path: String) -> String? {
        guard let first = executions.first else { return nil }
        return "\(path): the log ends at \(logEnd) and has lost frames of \(executions.count) executions that were "
            + "stored durably: \(first)\(executions.count > 1 ? " …" : "")"
    }
}
