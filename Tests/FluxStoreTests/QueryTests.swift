import FluxFormat
import FluxStore
import TestSupport
import Testing

@testable import FluxIndex

@Suite("Queries of a store")
struct QueryTests {
    private static let queries = [
        ExecutionQuery(), ExecutionQuery(app: "shop-1"), ExecutionQuery(name: "handler", source: "test"),
        ExecutionQuery(statuses: [.failed, .cancelled]), ExecutionQuery(durationNanosecondsMin: 12_000),
        ExecutionQuery(app: "shop-0", durationNanosecondsMax: 20_000), ExecutionQuery(tags: ["seed": "7"]),
        ExecutionQuery(tagKeys: ["seed"]), ExecutionQuery(tagKeys: ["nothing"]),
        ExecutionQuery(startedAtFirst: Sample.startedAt(5), startedAtEnd: Sample.startedAt(17)),
    ]

    @Test("Pages with a part of the store outside of the index give what a plain pass gives, in both orders")
    func overlaid() async throws {
        let folder = try QuickFolder()
        let store = try EventStore.open(at: folder.path)
        let executions = (0..<30).map { Sample.execution(seed: UInt64($0), eventCount: 2) }
        for execution in executions.prefix(20) { try await store.append(execution) }
        // The index holds the first twenty, and is kept from the others.
        #expect(try await store.statistics().executions == 20)
        let database = try SQLiteDatabase(path: "\(folder.path)/index/index.db", access: .readWrite)
        try database.run("BEGIN IMMEDIATE")
        for execution in executions.dropFirst(20) { try await store.append(execution) }
        for query in Self.queries {
            for order in ExecutionOrder.allCases {
                let matching = executions.filter { query.matches($0.metadata, tenantID: 0) }.map(\.id)
                let expected = order == .oldestFirst ? matching : matching.reversed()
                for (limit, examinedMax) in [(1, 1), (3, 25), (4, 1000), (100, 1000)] {
                    var listed: [ExecutionID] = []
                    var token: PageToken?
                    repeat {
                        let page = try store.executions(
                            matching: query, order: order, limit: limit, after: token, examinedMax: examinedMax)
                        #expect(page.executions.count <= limit)
                        listed += page.executions.map(\.id)
                        token = page.nextPageToken
                    } while token != nil
                    #expect(listed == expected, "\(order) \(limit) \(query)")
                }
            }
        }
        try database.run("ROLLBACK")
        await store.close()
    }

    @Test("Counts, groups and histograms see every append that returned before")
    func counts() async throws {
        let folder = try QuickFolder()
        let store = try EventStore.open(at: folder.path)
        for seed in 0..<12 {
            try await store.append(Sample.execution(seed: UInt64(seed), eventCount: 2))
            #expect(try await store.count() == UInt64(seed) + 1)
            #expect(try await store.groups(by: .app).executionCount == UInt64(seed) + 1)
        }
        let groups = try await store.groups(by: .status, order: .lastSeen).groups
        #expect(groups.map(\.value) == ["ok", "failed"] && groups.map(\.count) == [9, 3])
        let halves = try await store.histogram(from: Sample.startedAt(0), to: Sample.startedAt(12), bucketCount: 2)
        #expect(halves.buckets.map(\.count) == [6, 6] && halves.buckets[0].counts == [.failed: 2, .ok: 4])
        let long = try await store.histogram(matching: ExecutionQuery(app: "shop-0"), bucketNanoseconds: 3_000_000)
        #expect(long.buckets.map(\.count) == [1, 1, 1, 1])
        let error = await storeError { try await store.histogram(from: 0, bucketNanoseconds: 1) }
        #expect(error?.code == .invalid && error?.message.contains("over 10000") == true)
        await store.close()
    }

    @Test("A token is refused with another query and with the other order")
    func tokens() async throws {
        let folder = try QuickFolder()
        let store = try EventStore.open(at: folder.path)
        for seed in 0..<3 { try await store.append(Sample.execution(seed: UInt64(seed), eventCount: 1)) }
        let token = try #require(try store.executions(limit: 1).nextPageToken)
        let query = await storeError { try store.executions(matching: ExecutionQuery(app: "a"), after: token) }
        #expect(query?.code == .foreignToken && query?.message.contains("another query") == true)
        let order = await storeError { try store.executions(order: .oldestFirst, after: token) }
        #expect(order?.code == .foreignToken && order?.message.contains("other order") == true)
        await store.close()
    }

    @Test("Each app has its figures, and each segment those of its header and trailer")
    func tables() async throws {
        let folder = try QuickFolder()
        let store = try EventStore.open(at: folder.path)
        for seed in 0..<9 { try await store.append(Sample.execution(seed: UInt64(seed), eventCount: 4)) }
        let apps = try await store.appStatistics()
        #expect(apps.map(\.executions) == [3, 3, 3] && apps.map(\.events) == [12, 12, 12])
        #expect(apps.reduce(0) { $0 + $1.storedByteCount } == (try await store.statistics().storedByteCount))
        let segments = try store.segmentStatistics()
        #expect(segments.map(\.segment) == [1] && segments[0].executions == nil && !segments[0].isSealed)
        await store.close()
    }
}
