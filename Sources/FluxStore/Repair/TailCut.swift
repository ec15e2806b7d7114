import FluxFiles
package import FluxFormat
import FluxLog

/// A store whose last segment was cut where its last whole batch ends.
package struct TailCut: Sendable {
    /// What was found before the cut.
    package let survey: StoreSurvey
    /// Where the log ends.
    package let end: Position
    /// Bytes that were cut off.
    package let byteCount: Int
    /// The report beside the copy of what was cut off.
    package let reportPath: String

    /// Cuts the tail of the store at `path`, and removes HEAD and the index, which may promise more.
    ///
    /// Throws `locked` while a writer has the store, and `damaged` with nothing changed where damage lies elsewhere than
    /// in the tail of the last segment.
    package init(of path: String) throws(StoreError) {
        let files = PosixFileSystem()
        try StoreFolder(path: path, files: files).check()
        let lock = try StoreLock(path, files: files)
        // The lock is held from here on, so the survey has no writer beside it.
        survey = try StoreSurvey(of: path, isWriterAlive: false)
        if let obstacle = survey.obstacleToCut {
            throw StoreError(
                .damaged,
                "\(obstacle); nothing was changed: only damage in the tail of the last segment is cut off, "
                    + "fluxrun repair --salvage-to copies what is whole")
        }
        do throws(LogError) {
            let cut = try LogCut(path, files: files, evidence: .none)
            end = cut.end
            byteCount = cut.byteCount
            reportPath = try cut.run(report: Self.report(survey, end: cut.end, byteCount: cut.byteCount))
        } catch {
            throw StoreError(error)
        }
        do throws(IOError) {
            // The database first: without it a write-ahead log that is left is never applied.
            for suffix in ["", "-wal", "-shm"] { try files.remove(IndexKeeper.path(in: path) + suffix) }
        } catch {
            throw StoreError(error)
        }
        _ = lock
    }

    /// Whether nothing that was ever promised was cut off.
    package var isWhole: Bool { survey.isWhole }

    private static func report(_ survey: StoreSurvey, end: Position, byteCount: Int) -> [String] {
        var lines = ["cut at: \(end)", "bytes: \(byteCount)"]
        for promise in survey.promises { lines.append("\(promise.source) promised: \(promise.end)") }
        for loss in survey.segments.flatMap(\.losses) { lines.append("\(loss.isTorn ? "torn" : "lost"): \(loss.line)") }
        for id in survey.executions { lines.append("execution: \(id)") }
        return lines
    }
}
