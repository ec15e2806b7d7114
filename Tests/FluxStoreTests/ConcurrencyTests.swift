import FluxFormat
import FluxStore
import Synchronization
import TestSupport
import Testing

@testable import FluxIndex

/// Tells readers that there is nothing more to wait for.
private final class Ending: Sendable {
    private let flag = Atomic(false)

    var hasCome: Bool { flag.load(ordering: .relaxed) }

    func come() { flag.store(true, ordering: .relaxed) }
}

@Suite("Concurrency")
struct ConcurrencyTests {
    @Test("Every append that returned is seen by the next query, with 16 writers, readers and walkers beside them")
    func readYourWrites() async throws {
        let folder = try QuickFolder()
        let store = try EventStore.open(at: folder.path, options: StoreOptions(segmentByteCountMax: 128 << 10))
        let ending = Ending()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    while !ending.hasCome {
                        for row in try store.executions(limit: 20).executions {
                            // What is listed can be read, whole.
                            #expect(try store.events(of: row.id).count == Int(row.nextEvent))
                        }
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                while !ending.hasCome {
                    let report = try await store.verify()
                    #expect(report.isClean, "\(report.findings)")
                    let before = try await store.statistics().events
                    var cursor = try await store.cursor()
                    var count: UInt64 = 0
                    while let event = try cursor.next() { count += event.payload.byteCount >= 0 ? 1 : 0 }
                    #expect(count >= before)
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { writers in
                for writer in 0..<16 as Range<UInt64> {
                    writers.addTask {
                        for seed in writer * 100..<writer * 100 + 12 {
                            let execution = Sample.execution(seed: seed, eventCount: 1 + Int(seed % 30))
                            try await store.append(execution)
                            #expect(try store.execution(execution.id)?.nextEvent == UInt64(execution.events.count))
                            let query = ExecutionQuery(
                                app: execution.metadata.app, startedAtFirst: execution.metadata.startedAt,
                                startedAtEnd: execution.metadata.startedAt.map { $0 + 1 })
                            #expect(try store.executions(matching: query).executions.map(\.id) == [execution.id])
                        }
                    }
                }
                try await writers.waitForAll()
            }
            ending.come()
            try await group.waitForAll()
        }
        #expect(try await store.statistics().executions == 16 * 12)
        await store.close()
    }

    @Test("A query sees an append that the index cannot take; a count says why it waits")
    func indexBehind() async throws {
        let folder = try QuickFolder()
        let store = try EventStore.open(at: folder.path)
        try await store.append(Sample.execution(seed: 1, eventCount: 3))
        let execution = Sample.execution(seed: 2, eventCount: 3)
        // The index is there, and not only on its way.
        #expect(try await store.statistics().executions == 1)
        // Another connection keeps the index from being written for longer than the store waits.
        let database = try SQLiteDatabase(path: "\(folder.path)/index/index.db", access: .readWrite)
        try database.run("BEGIN IMMEDIATE")
        try await store.append(execution)
        #expect(try store.execution(execution.id)?.nextEvent == 3)
        #expect(try store.events(of: execution.id) == execution.events)
        #expect(Set(try store.executions().executions.map(\.id)).contains(execution.id))
        let error = await storeError { try await store.statistics() }
        #expect(
            error?.code == .index && error?.message.contains("in use by another process") == true, "\(error as Any)")
        try database.run("ROLLBACK")
        #expect(try store.execution(execution.id)?.nextEvent == 3)
        #expect(try store.events(of: execution.id) == execution.events)
        await store.close()
    }
}
