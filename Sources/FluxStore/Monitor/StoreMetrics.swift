import CoreMetrics

/// The metrics of a store that writes, made once when it is opened. The page *Metrics and logs* has a row for each.
struct StoreMetrics: Sendable {
    let appendedBatches: Counter
    let appendedBytes: Counter
    let appendedRawBytes: Counter
    let groupBatches: Recorder
    let groupBytes: Recorder
    let queueBytes: Gauge
    let queueWaits: Counter
    let overloads: Counter
    let syncs: Counter
    let syncDuration: Timer
    let slowSyncs: Counter
    let rollDuration: Timer
    let slowRolls: Counter
    let missingSpares: Counter
    let failedJobs: Counter
    let indexLagFrames: Gauge
    let indexWaits: Counter
    let indexFailures: Counter
    let indexRebuilds: Counter
    let recoveries: Counter
    let suspectRecoveries: Counter
    let quarantinedBytes: Counter
    let isDiskFull: Gauge
    let ballastReleases: Counter
    let isPoisoned: Gauge

    /// Makes them; `name` is their dimension `store`.
    init(_ factory: any MetricsFactory, name: String?) {
        let dimensions = name.map { [("store", $0)] } ?? []
        func label(_ name: String) -> String { "flux_store_\(name)" }
        func counter(_ name: String) -> Counter {
            Counter(label: label(name), dimensions: dimensions, factory: factory)
        }
        func gauge(_ name: String) -> Gauge { Gauge(label: label(name), dimensions: dimensions, factory: factory) }
        func recorder(_ name: String) -> Recorder {
            Recorder(label: label(name), dimensions: dimensions, aggregate: true, factory: factory)
        }
        func timer(_ name: String) -> Timer { Timer(label: label(name), dimensions: dimensions, factory: factory) }
        appendedBatches = counter("appended_batches")
        appendedBytes = counter("appended_bytes")
        appendedRawBytes = counter("appended_raw_bytes")
        groupBatches = recorder("group_batches")
        groupBytes = recorder("group_bytes")
        queueBytes = gauge("queue_bytes")
        queueWaits = counter("queue_waits")
        overloads = counter("overloads")
        syncs = counter("syncs")
        syncDuration = timer("sync_duration")
        slowSyncs = counter("slow_syncs")
        rollDuration = timer("roll_duration")
        slowRolls = counter("slow_rolls")
        missingSpares = counter("missing_spares")
        failedJobs = counter("failed_jobs")
        indexLagFrames = gauge("index_lag_frames")
        indexWaits = counter("index_waits")
        indexFailures = counter("index_failures")
        indexRebuilds = counter("index_rebuilds")
        recoveries = counter("recoveries")
        suspectRecoveries = counter("suspect_recoveries")
        quarantinedBytes = counter("quarantined_bytes")
        isDiskFull = gauge("disk_full")
        ballastReleases = counter("ballast_releases")
        isPoisoned = gauge("poisoned")
    }

    /// Metrics that go nowhere.
    static let none = StoreMetrics(NOOPMetricsHandler.instance, name: nil)
}
