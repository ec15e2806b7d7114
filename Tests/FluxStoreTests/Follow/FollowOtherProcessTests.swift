import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Following what another process writes")
struct FollowOtherProcessTests {
    private let folder: QuickFolder
    private var path: String { "\(folder.path)/store" }

    init() throws {
        folder = try QuickFolder()
    }

    /// What a follower saw: each batch once, in order, without a gap.
    private struct Seen {
        var ids: Set<ExecutionID> = []
        var batchCount = 0
        var lastSequence: UInt64 = 0
        var segments: Set<UInt32> = []

        mutating func take(_ item: FollowItem) throws {
            let batch = try #require(item.batch, "\(item.words)")
            #expect(batch.checkpoint.frameSequence > lastSequence)
            #expect(ids.insert(batch.executionID).inserted, "\(batch.executionID) comes twice")
            lastSequence = batch.checkpoint.frameSequence
            segments.insert(batch.positions[0].segment)
            batchCount += 1
        }
    }

    @Test(
        "64 producers append and segments roll, two writers are killed: every batch comes once, in order, and is found")
    func producers() async throws {
        // Opened when nothing was ever stored.
        try await EventStore.open(at: path).close()
        let reader = try EventStore.open(at: path, options: .readOnly)
        var items = reader.follow().makeAsyncIterator()
        var seen = Seen()
        var acknowledgedCount = 0
        for (writer, first) in ["1", "1000000", "2000000"].enumerated() {
            // More than are waited for, so that it is at work when it is killed.
            let process = try OtherProcess("produce", path, first, "300")
            #expect(process.read() == "open\n")
            let goal = seen.batchCount + 150
            while seen.batchCount < goal {
                let item = try #require(try await items.next())
                try seen.take(item)
                guard seen.batchCount.isMultiple(of: 75), let batch = item.batch else { continue }
                // These wait until the index has all that is durable, so that no query has to be made again.
                #expect(try await reader.statistics().executions >= UInt64(seen.batchCount))
                #expect(try reader.execution(batch.executionID) != nil)
                var cursor = reader.cursor(over: batch)
                while try cursor.next() != nil {}
            }
            if writer < 2 { kill(process.identifier, SIGKILL) }
            let lines = process.finish()
            if writer == 2 { acknowledgedCount = try #require(lines.last.flatMap { Int($0) }) }
        }
        #expect(acknowledgedCount > 0)
        // A writer that opens and closes puts right what the kills left, and is the last.
        try await EventStore.open(at: path).close()
        await reader.close()
        while let item = try await items.next() { try seen.take(item) }
        #expect(seen.segments.count > 3)
        let store = try EventStore.open(at: path)
        await store.close()
        let all = try await store.batches()
        #expect(all.count == seen.batchCount && Set(all.map(\.executionID)) == seen.ids)
        #expect(try await store.statistics().executions == UInt64(seen.batchCount))
        #expect(try await reader.statistics().executions == UInt64(seen.batchCount))
        #expect(try await reader.verify().isClean)
        var cursor = try await reader.cursor()
        var eventCount: UInt64 = 0
        while try cursor.next() != nil { eventCount += 1 }
        #expect(eventCount == all.reduce(0) { $0 + $1.eventCount })
    }

    @Test("Queries of a reader see what was stored since it was opened, also once the index was built anew")
    func queries() async throws {
        _ = try await makeStore(at: path, seeds: 1..<4)
        let reader = try EventStore.open(at: path, options: .readOnly)
        for (round, seeds) in [4..<8, 8..<12, 12..<20 as Range<UInt64>].enumerated() {
            if round == 1 { try StoreFiles(path: path).deleteIndex() }
            _ = try await makeStore(at: path, seeds: seeds)
            // These wait until the index has all that is durable, which a query lacks for a moment.
            #expect(try await reader.statistics().executions == seeds.upperBound - 1)
            #expect(try reader.executions(limit: 100).executions.count == Int(seeds.upperBound) - 1)
            let last = Sample.execution(seed: seeds.upperBound - 1, eventCount: 12)
            #expect(try reader.events(of: last.id) == last.events)
            #expect(try await reader.verify().isClean)
        }
    }

    @Test("A reader that needs another index takes no lock for it, so that a writer may begin at any time")
    func noLock() async throws {
        _ = try await makeStore(at: path, seeds: 1..<4)
        let reader = try EventStore.open(at: path, options: .readOnly)
        try StoreFiles(path: path).deleteIndex()
        _ = try await makeStore(at: path, seeds: 4..<8)
        try StoreFiles(path: path).deleteIndex()
        #expect(try await reader.statistics().executions == 7)
        // The file is made by who has the lock.
        #expect(!FileManager.default.fileExists(atPath: "\(path)/index/index.db"))
        let writer = try EventStore.open(at: path)
        try await writer.append(Sample.execution(seed: 8, eventCount: 12))
        #expect(try await reader.statistics().executions == 8)
        await writer.close()
    }

    @Test("A reader of a log that is cut sees that it is another one")
    func cut() async throws {
        _ = try await makeStore(at: path, seeds: 1..<4)
        try StoreFiles(path: path).copy(to: "\(folder.path)/older")
        _ = try await makeStore(at: path, seeds: 4..<9)
        let reader = try EventStore.open(at: path, options: .readOnly)
        var items = reader.follow().makeAsyncIterator()
        for _ in 1..<9 { #expect(try await items.next()?.batch != nil) }
        // As a person who puts an older copy in place would.
        for name in ["HEAD", "seg/00000001.0000.rpl"] {
            try FileManager.default.removeItem(atPath: "\(path)/\(name)")
            try FileManager.default.copyItem(atPath: "\(folder.path)/older/\(name)", toPath: "\(path)/\(name)")
        }
        #expect(try await items.next()?.words == "rewound")
        for seed in UInt64(1)..<4 {
            let batch = try await items.next()?.batch
            #expect(batch?.executionID == Sample.execution(seed: seed, eventCount: 12).id)
        }
        await reader.close()
        #expect(try await items.next()?.words == nil)
    }
}
