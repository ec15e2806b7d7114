import CoreMetrics
import Synchronization

/// Metrics that keep every value.
final class TestMetrics: MetricsFactory {
    /// What kind of metric was asked for, in the words of the documentation.
    enum Kind: String {
        case counter, recorder, gauge, timer
    }

    /// One metric.
    struct Metric {
        let kind: Kind
        let dimensions: [String: String]
        var values: [Int64] = []
    }

    private let state = Mutex<[String: Metric]>([:])

    /// All metrics by name.
    var all: [String: Metric] { state.withLock(\.self) }

    /// The values of one, in order; without the prefix of all names.
    subscript(name: String) -> [Int64] { state.withLock { $0["flux_store_\(name)"]?.values ?? [] } }

    /// Their sum.
    func sum(_ name: String) -> Int64 { self[name].reduce(0, +) }

    fileprivate func add(_ value: Int64, to label: String) { state.withLock { $0[label]?.values.append(value) } }

    private func make(_ label: String, _ kind: Kind, _ dimensions: [(String, String)]) -> TestMetric {
        state.withLock { state in
            guard state[label] == nil else { return }
            state[label] = Metric(kind: kind, dimensions: Dictionary(uniqueKeysWithValues: dimensions))
        }
        return TestMetric(label: label, metrics: self)
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        make(label, .counter, dimensions)
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        make(label, aggregate ? .recorder : .gauge, dimensions)
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        make(label, .timer, dimensions)
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}

/// Hands values to a ``TestMetrics``.
private final class TestMetric: CounterHandler, RecorderHandler, TimerHandler {
    let label: String
    let metrics: TestMetrics

    init(label: String, metrics: TestMetrics) {
        self.label = label
        self.metrics = metrics
    }

    func increment(by amount: Int64) { metrics.add(amount, to: label) }
    func reset() {}
    func record(_ value: Int64) { metrics.add(value, to: label) }
    func record(_ value: Double) { metrics.add(Int64(value), to: label) }
    func recordNanoseconds(_ duration: Int64) { metrics.add(duration, to: label) }
}
