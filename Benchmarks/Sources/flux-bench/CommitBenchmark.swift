import CBenchSync
import FluxFormat
import FluxStore
import Foundation

/// Durable appends of 256 producers beside those of one, with a sync of a millisecond, index and all.
struct CommitBenchmark {
    /// Appends a second of 256 producers to those of one. The goal, for the log alone, is 50.
    private static let floor = 20.0
    private static let seconds = 2.0
    private static let slowNanoseconds: UInt64 = 1_000_000

    /// One line of the table.
    private struct Figures {
        var perSecond: Double
        var median: Double
        var nearlyAll: Double
        var perSync: Double
    }

    func run() async throws -> Bool {
        print("executions of 2 KiB, durable; a sync takes 1 ms and touches no disk")
        print("producers   appends/s   p50 ms   p99 ms   appends a sync")
        let one = try await measure(producerCount: 1, slowNanoseconds: Self.slowNanoseconds)
        show(1, one)
        show(16, try await measure(producerCount: 16, slowNanoseconds: Self.slowNanoseconds))
        let many = try await measure(producerCount: 256, slowNanoseconds: Self.slowNanoseconds)
        show(256, many)
        print("the same on the disk of this machine")
        show(1, try await measure(producerCount: 1, slowNanoseconds: 0))
        show(256, try await measure(producerCount: 256, slowNanoseconds: 0))
        let ratio = many.perSecond / one.perSecond
        print(String(format: "256 producers / one = %.1f; p99 / p50 = %.1f", ratio, many.nearlyAll / many.median))
        let isHeld = ratio >= Self.floor
        print("floor \(Self.floor): \(isHeld ? "held" : "MISSED"); goal 50: \(ratio >= 50 ? "reached" : "not reached")")
        return isHeld
    }

    private func show(_ producerCount: Int, _ figures: Figures) {
        print(
            String(
                format: "%9d %11.0f %8.2f %8.2f %16.1f", producerCount, figures.perSecond, figures.median,
                figures.nearlyAll, figures.perSync))
    }

    private func measure(producerCount: Int, slowNanoseconds: UInt64) async throws -> Figures {
        let folder = FileManager.default.temporaryDirectory.appending(path: "flux-bench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try EventStore.open(at: folder.path(percentEncoded: false))
        bench_slow_sync(slowNanoseconds)
        let syncCount = bench_sync_count()
        let start = ContinuousClock.now
        let end = start.advanced(by: .seconds(Self.seconds))
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for producer in 0..<producerCount {
                group.addTask { try await Self.produce(UInt64(producer), store, until: end) }
            }
            return try await group.reduce(into: [Double]()) { $0 += $1 }
        }
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let syncs = bench_sync_count() - syncCount
        bench_slow_sync(0)
        await store.close()
        let sorted = times.sorted()
        guard sorted.count > 10 else { throw BenchmarkError("too few appends to measure") }
        return Figures(
            perSecond: Double(sorted.count) / elapsed, median: sorted[sorted.count / 2] * 1000,
            nearlyAll: sorted[sorted.count * 99 / 100] * 1000, perSync: Double(sorted.count) / Double(max(1, syncs)))
    }

    private static func produce(
        _ producer: UInt64, _ store: EventStore, until end: ContinuousClock.Instant
    ) async throws -> [Double] {
        var generator = SplitMix64(seed: producer)
        var execution = GeneratedExecutions.tiny(count: 1, seed: producer)[0]
        let text = (0..<160).map { #"{"item":\#((Int(producer) + $0) % 977)}"# }.joined()
        execution.events[0].payload = Array(text.utf8.prefix(2000))
        var times: [Double] = []
        var milliseconds: UInt64 = 1_700_000_000_000
        while ContinuousClock.now < end {
            milliseconds += 1
            execution.id = ExecutionID(
                unixMilliseconds: milliseconds, bits: (generator.next(), generator.next()))
            let start = ContinuousClock.now
            try await store.append(execution)
            times.append((ContinuousClock.now - start) / .seconds(1))
        }
        return times
    }
}
