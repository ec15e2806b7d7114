import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@testable import FluxStore

@Suite("Retention")
struct RetentionTests {
    private static let options = StoreOptions(segmentByteCountMax: 16 << 10)
    private let folder: QuickFolder
    private let files: StoreFiles

    init() throws {
        folder = try QuickFolder()
        files = StoreFiles(path: folder.path)
    }

    /// A store of several segments, open for writing.
    private func open(seeds: Range<UInt64> = 0..<40) async throws -> (EventStore, [Execution]) {
        let executions = try await makeStore(at: files.path, seeds: seeds, options: Self.options)
        return (try EventStore.open(at: files.path, options: Self.options), executions)
    }

    /// What is there is the end of what was stored, each whole.
    private func expectSuffix(_ store: EventStore, of executions: [Execution]) throws -> Int {
        let ids = Set(try store.executions(limit: 1000).executions.map(\.id))
        let kept = executions.filter { ids.contains($0.id) }
        #expect(kept.map(\.id) == executions.suffix(kept.count).map(\.id))
        for execution in kept { #expect(try store.events(of: execution.id) == execution.events) }
        for execution in executions.dropLast(kept.count) {
            #expect(try store.execution(execution.id) == nil)
            #expect(throws: StoreError.self) { try store.events(of: execution.id) }
        }
        return kept.count
    }

    @Test("By bytes: the oldest segments go with their files, and executions are whole or gone, over restarts too")
    func bytes() async throws {
        let (store, executions) = try await open()
        let before = try files.segments.count
        let policy = RetentionPolicy(maxByteCount: 40_000)
        let foreseen = try await store.retain(policy, isDryRun: true)
        #expect(try files.segments.count == before)
        let report = try await store.retain(policy)
        #expect(report == foreseen && report.segments > 2 && report.keptByteCount <= 40_000 && report.heldFiles == 0)
        #expect(try files.segments.count == before - report.segments)
        let keptCount = try expectSuffix(store, of: executions)
        #expect(keptCount == executions.count - report.executions && keptCount > 0)
        #expect(try await store.verify().findings == [])
        #expect(try await store.retain(policy).segments == 0)
        await store.close()
        for isIndexKept in [true, false] {
            if !isIndexKept { try files.deleteIndex() }
            let reader = try EventStore.open(at: files.path, options: .readOnly)
            #expect(reader.warnings == [])
            #expect(try expectSuffix(reader, of: executions) == keptCount)
            #expect(try await reader.verify().findings == [])
        }
        let again = try EventStore.open(at: files.path, options: Self.options)
        #expect(try expectSuffix(again, of: executions) == keptCount)
        #expect(try await again.append(executions[0]).isDuplicate == false)
        #expect(try await again.append(executions[executions.count - 1]).isDuplicate)
        #expect(try again.events(of: executions[0].id) == executions[0].events)
        await again.close()
    }

    @Test("The last segment is never dropped")
    func lastSegment() async throws {
        let (store, _) = try await open()
        let report = try await store.retain(RetentionPolicy(maxByteCount: 0))
        #expect(report.segments > 2)
        #expect(try files.segments.count == 1)
        #expect(try await store.verify().findings == [])
        await store.close()
    }

    @Test("A cursor that is held goes on to its end, and its files go when it goes")
    func heldCursor() async throws {
        let (store, executions) = try await open()
        let before = try files.segments.count
        func walk() async throws {
            var cursor = try await store.cursor()
            guard try cursor.next() != nil else { throw StoreError(.noExecution, "nothing is there") }
            let report = try await store.retain(RetentionPolicy(maxByteCount: 0))
            #expect(report.heldFiles == report.segments)
            #expect(try files.segments.count == before)
            var count = 1
            while try cursor.next() != nil { count += 1 }
            #expect(count == executions.reduce(0) { $0 + $1.events.count })
        }
        try await walk()
        #expect(try files.segments.count == 1)
        await store.close()
    }

    @Test("A reader of another process whose segment is gone is told that it expired")
    func otherReader() async throws {
        let (store, executions) = try await open()
        let reader = try EventStore.open(at: files.path, options: .readOnly)
        var cursor = try reader.cursor(over: executions[0].id)
        try await store.retain(RetentionPolicy(maxByteCount: 0))
        do {
            _ = try cursor.next()
            Issue.record("a segment that is gone was read")
        } catch {
            #expect(error.code == .expired && error.message.contains("retention"))
        }
        await store.close()
    }

    @Test("An execution that goes on behind what was dropped is gone, and its next part is told to begin anew")
    func runningExecution() async throws {
        let running = Sample.execution(seed: 500, eventCount: 4)
        let store = try EventStore.open(at: files.path, options: Self.options)
        func part(_ range: Range<Int>) -> EventBatch {
            EventBatch(
                executionID: running.id, firstEvent: UInt64(range.lowerBound), events: Array(running.events[range]),
                metadata: running.metadata, isLast: false)
        }
        try await store.append(part(0..<1))
        for seed in 0..<20 as Range<UInt64> { try await store.append(Sample.execution(seed: seed, eventCount: 12)) }
        try await store.append(part(1..<2))
        let report = try await store.retain(RetentionPolicy(maxByteCount: 0))
        #expect(report.segments > 1)
        #expect(try store.execution(running.id) == nil)
        let error = await storeError { try await store.append(part(2..<3)) }
        #expect(error?.code == .expectedEvent)
        #expect(try await store.verify().findings == [])
        await store.close()
        try files.deleteIndex()
        let again = try EventStore.open(at: files.path, options: Self.options)
        #expect(try again.execution(running.id) == nil)
        try await again.append(part(0..<1))
        #expect(try again.execution(running.id)?.nextEvent == 1)
        #expect(try await again.verify().findings == [])
        await again.close()
    }

    @Test("Leftovers of a crash behind HEAD are removed, and a segment that is missing behind them is damage")
    func leftovers() async throws {
        let (store, executions) = try await open()
        let before = try files.segments
        let copy = try QuickFolder()
        try files.copy(to: copy.path)
        let report = try await store.retain(RetentionPolicy(maxByteCount: 40_000))
        let keptCount = try store.executions(limit: 1000).executions.count
        await store.close()
        for segment in before.prefix(report.segments) {
            let name = URL(filePath: segment).lastPathComponent
            try FileManager.default.copyItem(atPath: "\(copy.path)/seg/\(name)", toPath: segment)
        }
        let reader = try EventStore.open(at: files.path, options: .readOnly)
        #expect(try expectSuffix(reader, of: executions) == keptCount)
        let again = try EventStore.open(at: files.path, options: Self.options)
        #expect(try files.segments.count == before.count - report.segments)
        #expect(try expectSuffix(again, of: executions) == keptCount)
        await again.close()
        try FileManager.default.removeItem(atPath: try #require(files.segments.first))
        #expect(await storeError { try EventStore.open(at: files.path) }?.code == .damaged)
    }

    @Test("A tail that is cut by hand leaves HEAD the word where the log begins")
    func cutTail() async throws {
        let (store, executions) = try await open()
        try await store.retain(RetentionPolicy(maxByteCount: 40_000))
        await store.close()
        for isSealed in [false, true] {
            if isSealed {
                let again = try EventStore.open(at: files.path, options: Self.options)
                try await again.scavenge(.all)
                await again.close()
            }
            #expect(try TailCut(of: files.path).isWhole)
            let again = try EventStore.open(at: files.path, options: Self.options)
            #expect(try expectSuffix(again, of: executions) > 0)
            #expect(try await again.verify().findings == [])
            await again.close()
        }
    }

    @Test("What is to be dropped is decided by age and size, oldest first, and stops at what is kept")
    func plan() {
        func segment(_ number: UInt32, _ byteCount: UInt64, end: UInt64?, isSealed: Bool = true)
            -> RetentionPlan.Segment
        {
            RetentionPlan.Segment(number: number, byteCount: byteCount, isSealed: isSealed, end: end)
        }
        let second: UInt64 = 1_000_000_000
        let segments = [
            segment(3, 10, end: 10 * second), segment(4, 20, end: 20 * second), segment(5, 30, end: 15 * second),
            segment(6, 5, end: nil, isSealed: false),
        ]
        func dropped(_ policy: RetentionPolicy, _ list: [RetentionPlan.Segment]? = nil) -> [UInt32] {
            RetentionPlan(list ?? segments, policy: policy, now: 30 * second).dropped.map(\.number)
        }
        #expect(dropped(RetentionPolicy()) == [])
        #expect(dropped(RetentionPolicy(maxAge: .seconds(20))) == [])
        #expect(dropped(RetentionPolicy(maxAge: .milliseconds(19_999))) == [3])
        // The third is older than the second, which keeps it.
        #expect(dropped(RetentionPolicy(maxAge: .seconds(12))) == [3])
        #expect(dropped(RetentionPolicy(maxAge: .seconds(1))) == [3, 4, 5])
        #expect(dropped(RetentionPolicy(maxByteCount: 65)) == [])
        #expect(dropped(RetentionPolicy(maxByteCount: 64)) == [3])
        #expect(dropped(RetentionPolicy(maxByteCount: 0)) == [3, 4, 5])
        #expect(dropped(RetentionPolicy(maxByteCount: 0), []) == [])
        #expect(RetentionPlan(segments, policy: RetentionPolicy(maxByteCount: 40), now: 0).keptByteCount == 35)
    }
}
