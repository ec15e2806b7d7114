import FluxFiles
import FluxFormat
import FluxIndex

/// Names what a log has lost of which the index still knows: a file was cut, or a disk forgot what it had synced.
struct LossReport {
    static let directory = "quarantine"
    static let prefix = "lost-"

    let index: MetadataIndex
    let logEnd: Position
    let nextFrameSequence: UInt64

    /// Writes the report, if anything is lost, and returns a line about it.
    func write(in path: String, files: PosixFileSystem) throws(StoreError) -> String? {
        let lost: [String]
        do throws(IndexError) {
            guard try index.applied.nextFrameSequence > nextFrameSequence else { return nil }
            lost = try lostExecutions()
        } catch {
            throw StoreError(error)
        }
        let report = "\(path)/\(Self.directory)/\(Self.prefix)\(nextFrameSequence).txt"
        let head = "The log ends at \(logEnd). Of these executions it held more, which was durable once:"
        do throws(IOError) {
            try files.makeDirectory("\(path)/\(Self.directory)")
            let file = try files.open(report, .createIfMissing)
            try file.truncate(to: 0)
            try file.write(Array(([head] + lost).joined(separator: "\n").utf8 + [0x0A]), at: 0)
            try file.sync()
            try files.syncDirectory("\(path)/\(Self.directory)")
        } catch {
            throw StoreError(error)
        }
        return "the log has lost frames of \(lost.count) executions, which \(report) names"
    }

    private func lostExecutions() throws(IndexError) -> [String] {
        var lines: [String] = []
        var last: UInt64?
        while true {
            let rows = try index.allSummaries(afterN: last, limit: 1000)
            guard let end = rows.last else { return lines }
            for row in rows where row.frames.contains(where: { $0.position >= logEnd }) {
                lines.append("\(row.summary.id) \(row.summary.metadata.app) \(row.summary.metadata.name)")
            }
            last = end.summary.firstFrameSequence
        }
    }
}
