import CoreMetrics
import FluxFormat
import FluxStore
import Foundation
import Logging
import TestSupport
import Testing

@Suite("Metrics and logs of a store")
struct StoreMetricsTests {
    let folder: QuickFolder
    let metrics = TestMetrics()
    let log = TestLog()

    init() throws {
        folder = try QuickFolder()
    }

    private func open(_ options: StoreOptions = StoreOptions()) throws -> EventStore {
        var options = options
        options.logger = log.logger
        return try withMetricsFactory(metrics) { try EventStore.open(at: folder.path, options: options) }
    }

    @Test("Appends, groups, syncs and rolls are counted as they happen")
    func counts() async throws {
        let executions = (1...20).map { Sample.execution(seed: $0, eventCount: 6) }
        let store = try open(
            StoreOptions(segmentByteCountMax: 16 << 10, metricsName: "orders", slowSyncThreshold: .seconds(3600)))
        for execution in executions { try await store.append(execution) }
        #expect(try await store.append(executions[0]).isDuplicate)
        let statistics = try await store.statistics()
        await store.close()

        #expect(metrics.sum("appended_batches") == 20)
        #expect(metrics.sum("appended_bytes") == Int64(statistics.storedByteCount))
        #expect(metrics.sum("appended_raw_bytes") == Int64(statistics.rawByteCount))
        #expect(statistics.rawByteCount > statistics.storedByteCount)
        #expect(metrics.sum("group_batches") == 20)
        #expect(metrics.sum("group_bytes") == metrics.sum("appended_bytes"))
        #expect(metrics["group_bytes"].count == metrics["group_batches"].count)
        // One caller alone has a sync for each append; closing in order has one more, and none for a segment that is sealed.
        #expect(metrics.sum("syncs") == 21)
        #expect(metrics["sync_duration"].count == 21 && metrics["sync_duration"].allSatisfy { $0 > 0 })
        #expect(metrics["roll_duration"].count == (try StoreFiles(path: folder.path).segments.count))
        #expect(metrics["queue_bytes"].last == 0 && metrics["index_lag_frames"].last == 0)
        #expect(metrics["disk_full"] == [0] && metrics["poisoned"] == [0])
        for name in ["overloads", "slow_syncs", "index_failures", "index_rebuilds", "recoveries"] {
            #expect(metrics[name].isEmpty, "\(name)")
        }
        #expect(metrics.all.values.allSatisfy { $0.dimensions == ["store": "orders"] })
    }

    @Test("A store without a name has metrics without dimensions, and one that reads has none")
    func dimensions() async throws {
        await (try open()).close()
        #expect(metrics.all.count > 20 && metrics.all.values.allSatisfy(\.dimensions.isEmpty))
        let reading = TestMetrics()
        _ = try withMetricsFactory(reading) { try EventStore.open(at: folder.path, options: .readOnly) }
        #expect(reading.all.isEmpty)
    }

    @Test(
        "An unfinished write that is cut off is counted with its bytes, and told with its place; one that looks complete too",
        arguments: [false, true])
    func recovery(isSuspect: Bool) async throws {
        var store = try open()
        try await store.append(Sample.execution(seed: 1, eventCount: 5))
        let last = try #require(try await store.append(Sample.execution(seed: 2, eventCount: 5)).position)
        await store.close()
        let files = StoreFiles(path: folder.path)
        let segment = try files.segments[0]
        try files.deleteEvidence()
        if isSuspect {
            try StoreFiles.flip(segment, at: last.offset + 300)
        } else {
            try StoreFiles.cut(segment, at: last.offset + 200)
        }
        let byteCountMax = try StoreFiles.byteCount(segment) - last.offset

        store = try open()
        let line = try #require(log.lines("an unfinished write was cut off").first)
        #expect(line.level == .warning && line.metadata["end"] == "\(last)")
        #expect(line.metadata["isSuspect"] == "\(isSuspect)")
        let copy = try #require(line.metadata["quarantine"])
        // Without the zeros at its end.
        let byteCount = try StoreFiles.byteCount(copy)
        #expect(byteCount > 0 && byteCount <= byteCountMax && copy.hasSuffix(".suspect") == isSuspect)
        #expect(line.metadata["bytes"] == "\(byteCount)")
        #expect(metrics["recoveries"] == [1] && metrics["quarantined_bytes"] == [Int64(byteCount)])
        #expect(metrics.sum("suspect_recoveries") == (isSuspect ? 1 : 0))
        await store.close()
    }

    @Test("An index that is damaged is counted and told when it is built again")
    func rebuild() async throws {
        var store = try open()
        try await store.append(Sample.execution(seed: 1, eventCount: 5))
        await store.close()
        try Data("no database".utf8).write(to: URL(filePath: "\(folder.path)/index/index.db"))
        store = try open()
        #expect(try await store.statistics().executions == 1)
        #expect(metrics["index_rebuilds"] == [1])
        #expect(
            log.lines("the index is built again from the log").first?.metadata["reason"]?.contains("index.db") == true)
        await store.close()
    }

    @Test("Opening is told with its place and time, and so is that it was refused")
    func opening() async throws {
        let store = try open()
        try await store.append(Sample.execution(seed: 1, eventCount: 5))
        let opened = try #require(log.lines("the store is open").first)
        #expect(opened.level == .info && opened.metadata["store"] == folder.path)
        #expect(opened.metadata["access"] == "readWrite" && opened.metadata["segments"] == "0")
        #expect(opened.metadata["durationNanoseconds"].flatMap(UInt64.init) ?? 0 > 0)
        #expect(await storeError { try open() }?.code == .locked)
        let refused = try #require(log.lines("the store was not opened").first)
        #expect(refused.level == .warning && refused.metadata["code"] == "locked")
        await store.close()
        try StoreFiles.flip(try StoreFiles(path: folder.path).segments[0], at: 5000)
        #expect(await storeError { try open() }?.code == .damaged)
        #expect(log.lines("the store was not opened").last?.level == .error)
        _ = try open(.readOnly)
        #expect(log.lines("the store is not sound").first?.metadata["reason"]?.contains("stored durably") == true)
    }

    @Test("No line has anything of an event, nor route and tags")
    func secrets() async throws {
        let secret = "7c6f2d9e-secret"
        var event = Event(kind: .http, sequence: 0, descriptor: Array(secret.utf8), payload: Array(secret.utf8))
        event.name = secret
        let metadata = ExecutionMetadata(
            app: "shop", name: "handler", source: "test", route: secret, status: .ok, tags: ["key": secret])
        var store = try open()
        try await store.append(Execution(id: ExecutionID(high: 1, low: 2), metadata: metadata, events: [event]))
        await store.close()
        let files = StoreFiles(path: folder.path)
        for harm in [5200, 4300, 4120] {
            try? StoreFiles.flip(try files.segments[0], at: min(harm, try StoreFiles.byteCount(files.segments[0]) - 1))
            _ = await storeError { try open() }
            store = try open(.readOnly)
        }
        #expect(log.lines.count > 4)
        #expect(!log.lines.contains { "\($0)".contains(secret) })
    }
}
