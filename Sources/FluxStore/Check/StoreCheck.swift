import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// The steps of ``EventStore/verify(_:reportingTo:)``. Holds the frames of one segment, and what is known of executions
/// that are still open there.
struct StoreCheck {
    let table: SegmentTable<PosixFileSystem>
    let extent: LogExtent
    let depth: VerifyDepth
    var report = VerifyReport()
    private var comparison: IndexComparison

    init(table: SegmentTable<PosixFileSystem>, extent: LogExtent, depth: VerifyDepth) {
        self.table = table
        self.extent = extent
        self.depth = depth
        comparison = IndexComparison(extent: extent)
    }

    mutating func find(_ place: VerifyReport.Finding.Place, _ message: String) {
        report.findings.append(VerifyReport.Finding(place: place, message: message))
    }

    /// What the index still knew of when the store was opened, and the log had no more.
    mutating func checkLoss(_ loss: String?) {
        if let loss { find(.log, loss) }
    }

    /// Names, headers and the chain between segments; HEAD, as it was before the extent was noted.
    mutating func checkDirectory(_ files: PosixFileSystem, head: LogHead?) throws(StoreError) {
        guard !extent.segments.isEmpty else { return }
        let damage = try SecondLook.settled { () throws(StoreError) in
            let damage = try FoundLog.list(table.path, files: files).damage.map(\.description)
            return (damage, damage)
        }
        for reason in damage { find(.log, reason) }
        do throws(LogError) {
            if let head, let difference = try HeadCheck(head, extent: extent, table: table).difference {
                find(.log, "\(table.path)/\(LogHead.fileName): \(difference)")
            }
        } catch {
            throw StoreError(error)
        }
    }

    /// Every segment with its seal, and the rows of the index that belong to it.
    mutating func checkSegments(_ index: IndexSource, reportingTo progress: (Double) -> Void) throws(StoreError) {
        let segmentCount = Double(extent.segments.count)
        for (place, number) in extent.segments.enumerated() {
            var check = SegmentCheck(extent: extent, depth: depth)
            do throws(LogError) {
                try check.run(try table.sealed(number)) { share in
                    progress((Double(place) + share) / segmentCount)
                }
            } catch {
                if case .io = error { throw StoreError(error) }
                // Another process has dropped it since the extent was noted.
                if case .expired = error { continue }
                check.findings.append(error.description)
            }
            report.segments += check.isRead ? 1 : 0
            report.frames += check.frameCount
            report.events += check.eventCount
            for finding in check.findings { find(.log, finding) }
            report.executions += check.frames.count { $0.header.flags.contains(.executionFirst) }
            // What could not be read of the log says nothing about its rows.
            guard !report.findings.contains(where: { $0.place == .log }) else { continue }
            comparison.take(check.frames, from: index)
        }
    }

    /// What is left to compare with the index, if all of the log could be read.
    mutating func finishIndex(_ index: IndexSource) throws(StoreError) {
        guard !report.findings.contains(where: { $0.place == .log }) else { return }
        for difference in comparison.finish(with: index) { find(.index, difference) }
    }

    /// What was cut off when the store was opened, and looks complete.
    mutating func checkQuarantine(_ files: PosixFileSystem) throws(StoreError) {
        let path = "\(table.path)/\(LogRecovery.quarantineName)"
        do throws(IOError) {
            guard try files.kind(of: path) == .directory else { return }
            for name in try files.list(path) where name.contains(LogRecovery.suspectSuffix) && !name.hasSuffix(".txt") {
                find(.quarantine, "\(path)/\(name): was cut off and looks complete; it may have been stored durably")
            }
        } catch {
            throw StoreError(error)
        }
    }
}
