import CommitBaseline
import FluxFormat
import FluxStore
import Foundation

/// One way to append durably.
enum Contender: String, CaseIterable {
    case baseline = "C, log alone"
    case log = "log alone"
    case store = "index on"
}

/// Producers that append executions of 2 KiB for a time, each one after the other.
struct CommitRun {
    var producerCount: Int
    var seconds = 2.0
    /// Nanoseconds of a sync that touches no disk; 0 for the disk.
    var slowNanoseconds: UInt64

    func measure(_ contender: Contender) async throws -> CommitFigures {
        let folder = FileManager.default.temporaryDirectory.appending(path: "flux-commit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path(percentEncoded: false)
        switch contender {
        case .baseline: return try measureBaseline(in: path)
        case .log:
            let log = try BareLog(at: path)
            defer { log.close() }
            return try await measure { try await log.append($0) }
        case .store:
            let store = try EventStore.open(at: path)
            let figures = try await measure { try await store.append($0) }
            await store.close()
            return figures
        }
    }

    private func measure(_ append: @escaping @Sendable (Execution) async throws -> Void) async throws -> CommitFigures {
        bench_sync_begin(slowNanoseconds)
        let start = ContinuousClock.now
        let end = start.advanced(by: .seconds(seconds))
        let latencies = try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for producer in 0..<producerCount {
                group.addTask { try await Self.produce(producer, until: end, append) }
            }
            return try await group.reduce(into: [UInt64]()) { $0 += $1 }
        }
        let elapsed = (ContinuousClock.now - start) / .nanoseconds(1)
        return try figures(latencies, nanoseconds: UInt64(elapsed))
    }

    private static func produce(
        _ producer: Int, until end: ContinuousClock.Instant, _ append: (Execution) async throws -> Void
    ) async throws -> [UInt64] {
        var execution = SampleExecution.make(producer)
        var latencies: [UInt64] = []
        var start = ContinuousClock.now
        while start < end {
            execution.id = SampleExecution.id(producer, latencies.count)
            try await append(execution)
            let now = ContinuousClock.now
            latencies.append(UInt64((now - start) / .nanoseconds(1)))
            start = now
        }
        return latencies
    }

    private func measureBaseline(in path: String) throws -> CommitFigures {
        let sections = (0..<producerCount).map { SampleExecution.sections(SampleExecution.make($0)) }
        // The C side reads them until it returns, and this owns them.
        let blocks = sections.map { Block($0.heads + $0.bodies) }
        let views = zip(sections, blocks).map { section, block in
            commit_sections(
                heads: block.bytes.baseAddress, heads_byte_count: section.heads.count,
                bodies: block.bytes.baseAddress.map { $0 + section.heads.count },
                bodies_byte_count: section.bodies.count)
        }
        bench_sync_begin(slowNanoseconds)
        let totals = bench_group_commit(path, views, producerCount, UInt64(seconds * 1e9))
        defer { free(totals.latencies) }
        guard !totals.has_failed else { throw CommitError("the baseline could not write in \(path)") }
        let latencies = Array(UnsafeBufferPointer(start: totals.latencies, count: Int(totals.append_count)))
        return try withExtendedLifetime(blocks) { try figures(latencies, nanoseconds: totals.nanoseconds) }
    }

    private func figures(_ latencies: [UInt64], nanoseconds: UInt64) throws -> CommitFigures {
        var groups = [UInt64](repeating: 0, count: 1 << 16)
        groups.removeLast(groups.count - bench_sync_groups(&groups, groups.count))
        return try CommitFigures(
            latencies: latencies, nanoseconds: nanoseconds, syncCount: bench_sync_count(), groups: groups)
    }

    /// Bytes at a place that does not move.
    private final class Block {
        let bytes: UnsafeMutableBufferPointer<UInt8>

        init(_ bytes: [UInt8]) {
            self.bytes = .allocate(capacity: bytes.count)
            _ = self.bytes.initialize(from: bytes)
        }

        deinit { bytes.deallocate() }
    }
}
