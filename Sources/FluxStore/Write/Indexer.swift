import FluxFormat
import FluxIndex
import FluxLog

/// Follows the log with the index: the only connection that writes, and that makes checkpoints.
///
/// One thread calls ``start()``, then ``step()`` again and again. `@unchecked Sendable`: handed to that thread once, and
/// touched by no other.
final class Indexer: @unchecked Sendable {
    private let published: PublishedLog
    private let home: any IndexHome
    private let monitor: StoreMonitor
    private var index: MetadataIndex?
    private var appliedSinceCheckpoint = 0

    /// Transactions after which the index's write-ahead log is copied into its file.
    private static let checkpointTransactionCount = 64

    init(_ published: PublishedLog, home: any IndexHome, monitor: StoreMonitor) {
        self.published = published
        self.home = home
        self.monitor = monitor
    }

    /// Opens the index and brings it to the end of what is published; `false` where that failed and the log is closed.
    func start() -> Bool {
        do throws(StoreError) {
            let index = try home.open(reaching: published.extent)
            self.index = index
            let (applied, greatestID) = try Self.content(index)
            published.noteCaughtUp(through: applied, greatestID: greatestID)
            monitor.noteIndexed(lagFrameCount: published.lagFrameCount)
            return true
        } catch {
            index = nil
            monitor.noteIndexFailure(error)
            return published.noteFailure(error)
        }
    }

    /// Applies the groups that wait; `false` where there is nothing to do, or no index to do it with.
    func step() -> Bool {
        runErrands()
        let groups = published.groups()
        guard index != nil, !groups.isEmpty else { return false }
        apply(groups)
        return true
    }

    /// Does what waits beside the groups. Work that fails is told to who asked for it; an index that it finds damaged is
    /// met again by the next group.
    private func runErrands() {
        guard let index else { return }
        for errand in published.takeErrands() {
            do throws(IndexError) {
                try errand.body(index)
                errand.finish(.success(()))
            } catch {
                errand.finish(.failure(StoreError(error)))
            }
        }
    }

    /// Follows until the log is closed.
    func work() {
        while true {
            if index == nil {
                guard start() else { return close() }
                continue
            }
            guard let groups = published.waitForGroups() else { break }
            guard apply(groups) else { break }
            runErrands()
        }
        close()
    }

    /// Brings the index into its file.
    func close() {
        // A checkpoint that fails leaves the write-ahead log, which the next opening applies.
        try? index?.close()
        index = nil
        for errand in published.takeErrands() {
            errand.finish(.failure(StoreError(.closed, "the store was closed meanwhile; open it again")))
        }
    }

    /// Applies groups in one transaction; `false` where that failed and the log is closed.
    @discardableResult
    private func apply(_ groups: [PublishedLog.Group]) -> Bool {
        guard let index, let last = groups.last else { return true }
        do throws(IndexError) {
            try index.apply(groups.flatMap(\.frames), through: last.through)
            appliedSinceCheckpoint += 1
            if appliedSinceCheckpoint >= Self.checkpointTransactionCount {
                appliedSinceCheckpoint = 0
                try index.checkpoint()
            }
        } catch {
            // One that is damaged is opened again, which puts it away and builds another from the log.
            if error.asksForRebuild {
                self.index = nil
                published.noteIndexLost()
            }
            let failure = StoreError(error)
            monitor.noteIndexFailure(failure)
            return published.noteFailure(failure)
        }
        published.noteIndexed(groups)
        monitor.noteIndexed(lagFrameCount: published.lagFrameCount)
        return true
    }

    private static func content(
        _ index: MetadataIndex
    ) throws(StoreError) -> (applied: UInt64, greatestID: ExecutionID) {
        do throws(IndexError) {
            // What was deleted is not absent: its id takes no more events.
            let greatest = max(try index.greatestID() ?? .none, try index.greatestDeadID() ?? .none)
            return (try index.applied.nextFrameSequence, greatest)
        } catch {
            throw StoreError(error)
        }
    }
}

/// Where an index lies, and the log from which it is built.
protocol IndexHome: Sendable {
    /// Opens the index for writing and brings it to the end of this part of the log; one that cannot be read is built
    /// again.
    func open(reaching extent: LogExtent) throws(StoreError) -> MetadataIndex
}
