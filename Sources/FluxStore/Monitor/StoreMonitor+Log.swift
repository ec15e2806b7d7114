import CoreMetrics
import FluxFormat
import FluxLog
import Logging
import Synchronization

/// What the log tells, on the thread that it is worked from.
extension StoreMonitor: LogObserver {
    func begin(_ step: LogStep) { completer.begin(step, now: .now) }

    func end(_ step: LogStep) {
        guard let ended = completer.end(now: .now) else { return }
        switch step {
        case .sync:
            metrics.syncs.increment()
            metrics.syncDuration.recordNanoseconds(ended.nanoseconds)
        case .roll: metrics.rollDuration.recordNanoseconds(ended.nanoseconds)
        }
        guard ended.wasReported else { return }
        logger.warning(
            "a slow \(step) has ended", metadata: ["step": "\(step)", "durationNanoseconds": "\(ended.nanoseconds)"])
    }

    func note(_ incident: LogIncident) {
        switch incident {
        case .recovered(let recovery): noteRecovery(recovery)
        case .openedWithoutRoom: noteFullDisk("what an earlier process left cannot be put right yet")
        case .spareMissing(let segment):
            metrics.missingSpares.increment()
            logger.info("the file of a segment was not made ahead of time", metadata: ["segment": "\(segment)"])
        case .ballastReleased:
            metrics.ballastReleases.increment()
            logger.notice("the ballast was released")
        case .jobFailed(let error):
            metrics.failedJobs.increment()
            guard let count = state.withLock({ $0.failedJobs.pass(now: .now) }) else { return }
            logger.warning(
                "work on files beside the commits failed", metadata: ["reason": "\(error)", "count": "\(count)"])
        }
    }

    private func noteRecovery(_ recovery: LogRecovery) {
        metrics.recoveries.increment()
        metrics.quarantinedBytes.increment(by: recovery.tornByteCount)
        if recovery.isSuspect { metrics.suspectRecoveries.increment() }
        logger.warning(
            "an unfinished write was cut off",
            metadata: [
                "end": "\(recovery.end)", "bytes": "\(recovery.tornByteCount)",
                "quarantine": "\(recovery.quarantinePath)", "isSuspect": "\(recovery.isSuspect)",
                "reason": "\(recovery.reason)",
            ])
    }
}

extension StoreMonitor {
    /// The writer has waited for the disk for too long, and still does.
    func noteSlow(_ report: DiskWatch.Report) {
        let metadata: Logger.Metadata = [
            "step": "\(report.step)", "durationNanoseconds": "\(report.nanoseconds)",
        ]
        guard !report.isStall else { return logger.error("a \(report.step) has stalled", metadata: metadata) }
        switch report.step {
        case .sync: metrics.slowSyncs.increment()
        case .roll: metrics.slowRolls.increment()
        }
        logger.warning("a \(report.step) takes long", metadata: metadata)
    }

    /// The store is open, with what was found that a person should know.
    func noteOpened(_ store: EventStore, since start: MonotonicTime) {
        // What a writer warns of was told when it was met.
        if store.writing == nil {
            for warning in store.warnings {
                logger.warning("the store is not sound", metadata: ["reason": "\(warning)"])
            }
        }
        logger.info(
            "the store is open",
            metadata: [
                "access": "\(store.options.access)", "segments": "\(store.extent.segments.count)",
                "end": "\(store.extent.end)", "durationNanoseconds": "\(MonotonicTime.now.since(start))",
            ])
    }

    /// The store could not be opened, which the caller is told by an error.
    func noteRefused(_ error: StoreError) {
        logger.log(
            level: error.code == .damaged ? .error : .warning, "the store was not opened",
            metadata: ["code": "\(error.code)", "reason": "\(error.message)"])
    }
}
