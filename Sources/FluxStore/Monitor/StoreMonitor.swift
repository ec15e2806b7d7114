import CoreMetrics
import FluxFormat
import FluxLog
import Logging
import Synchronization

/// Tells metrics and logs what happens in a store. Decides nothing: a store whose monitor is silent does the same.
///
/// Called from the store's threads, and from a caller's task only where that waits in a full queue or opens the store.
final class StoreMonitor: Sendable {
    let metrics: StoreMetrics
    /// Its thread looks after the writer: it waits for no disk.
    let completer: Completer
    let logger: Logger
    let state = Mutex(State())

    /// What was told, and what not to tell again too soon.
    struct State {
        var isDiskFull = false
        var isPoisoned = false
        var isIndexFailing = false
        var overloads = RateLimit()
        var indexWaits = RateLimit()
        var indexFailures = RateLimit()
        var failedJobs = RateLimit()
    }

    /// A monitor for a store at `path`. One that only reads has no metrics.
    init(_ path: String, options: StoreOptions) {
        var logger = options.logger
        logger[metadataKey: "store"] = .string(path)
        self.logger = logger
        completer = Completer(slowNanoseconds: options.slowSyncNanoseconds)
        switch options.access {
        case .readWrite: metrics = StoreMetrics(MetricsSystem.factory, name: options.metricsName)
        case .readOnly: metrics = .none
        }
        metrics.isDiskFull.record(0)
        metrics.isPoisoned.record(0)
    }

    /// A monitor that tells no one.
    init() {
        logger = StoreOptions.silentLogger
        completer = Completer()
        metrics = .none
    }
}

// MARK: - The writer

extension StoreMonitor {
    /// A group was written.
    func noteGroup(_ batches: [WrittenBatch]) {
        var byteCount = 0
        var rawByteCount = 0
        for batch in batches {
            for frame in batch.frames {
                byteCount += frame.header.frameByteCount
                rawByteCount += Int(frame.header.rawByteCount)
            }
        }
        metrics.appendedBatches.increment(by: batches.count)
        metrics.appendedBytes.increment(by: byteCount)
        metrics.appendedRawBytes.increment(by: rawByteCount)
        metrics.groupBatches.record(batches.count)
        metrics.groupBytes.record(byteCount)
        noteRoom()
    }

    /// The writer has done what there was to do.
    func noteStep(queueByteCount: Int, indexLagFrameCount: Int) {
        metrics.queueBytes.record(queueByteCount)
        metrics.indexLagFrames.record(indexLagFrameCount)
    }

    /// The writer waits until the index has come closer.
    func noteIndexWait(lagFrameCount: Int) {
        metrics.indexWaits.increment()
        metrics.indexLagFrames.record(lagFrameCount)
        guard let count = state.withLock({ $0.indexWaits.pass(now: .now) }) else { return }
        logger.warning(
            "the writer waits for the index", metadata: ["frames": "\(lagFrameCount)", "count": "\(count)"])
    }

    /// A write failed.
    func noteFailedWrite(_ error: StoreError) {
        if error.code == .noSpace { noteFullDisk(error.message) }
    }

    /// Nothing more is written. Repeated for each append that meets it, and told once.
    func notePoisoned(_ error: StoreError) {
        guard !state.withLock({ exchange(&$0.isPoisoned, with: true) }) else { return }
        metrics.isPoisoned.record(1)
        logger.critical(
            "a write or a sync failed, nothing more is written; open the store again",
            metadata: ["reason": "\(error.message)"])
    }

    /// The disk has no room. Told once until there is room again.
    func noteFullDisk(_ reason: String) {
        guard !state.withLock({ exchange(&$0.isDiskFull, with: true) }) else { return }
        metrics.isDiskFull.record(1)
        logger.error("the disk is full, appends are refused", metadata: ["reason": "\(reason)"])
    }

    private func noteRoom() {
        guard state.withLock({ exchange(&$0.isDiskFull, with: false) }) else { return }
        metrics.isDiskFull.record(0)
        logger.notice("the disk has room again, appends go on")
    }
}

// MARK: - The queue

extension StoreMonitor {
    /// A caller waits for room in the queue.
    func noteQueueWait() { metrics.queueWaits.increment() }

    /// A caller was refused because there was none in time.
    func noteOverload(queueByteCount: Int) {
        metrics.overloads.increment()
        guard let count = state.withLock({ $0.overloads.pass(now: .now) }) else { return }
        logger.warning(
            "the queue is full, appends are refused", metadata: ["bytes": "\(queueByteCount)", "count": "\(count)"])
    }
}

// MARK: - The index

extension StoreMonitor {
    /// The index has taken what it was given.
    func noteIndexed(lagFrameCount: Int) {
        metrics.indexLagFrames.record(lagFrameCount)
        if state.withLock({ exchange(&$0.isIndexFailing, with: false) }) { logger.notice("the index goes on") }
    }

    /// The index could not be opened, or not be written.
    func noteIndexFailure(_ error: StoreError) {
        metrics.indexFailures.increment()
        state.withLock { $0.isIndexFailing = true }
        guard let count = state.withLock({ $0.indexFailures.pass(now: .now) }) else { return }
        logger.warning(
            "the index cannot go on, it is tried again",
            metadata: ["code": "\(error.code)", "reason": "\(error.message)", "count": "\(count)"])
    }

    /// An index that cannot be used was put away.
    func noteIndexRebuild(_ reason: String) {
        metrics.indexRebuilds.increment()
        logger.warning("the index is built again from the log", metadata: ["reason": "\(reason)"])
    }
}
