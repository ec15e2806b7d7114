import FluxFormat
import FluxStore
import TestSupport
import Testing

@Suite("Round trip")
struct RoundTripTests {
    @Test(
        "Every event comes back as it was appended, from this store and after opening it again",
        arguments: [0, 1, 24, 4000])
    func eventsComeBack(eventCount: Int) async throws {
        let folder = try TemporaryFolder()
        let executions = (0..<3).map { Sample.execution(seed: UInt64($0 + 1), eventCount: eventCount) }
        let store = try EventStore.open(at: folder.path)
        for execution in executions {
            let receipt = try await store.append(execution)
            #expect(!receipt.isDuplicate)
        }
        for execution in executions { #expect(try store.events(of: execution.id) == execution.events) }
        await store.close()
        let reopened = try EventStore.open(at: folder.path, options: StoreOptions(access: .readOnly))
        #expect(reopened.warnings.isEmpty)
        for execution in executions {
            #expect(try reopened.events(of: execution.id) == execution.events)
            let summary = try #require(try reopened.execution(execution.id))
            #expect(summary.metadata.app == execution.metadata.app)
            #expect(summary.metadata.tags == execution.metadata.tags)
            #expect(summary.metadata.eventCount == UInt64(eventCount))
        }
        let report = try await reopened.verify()
        #expect(report.isClean, "\(report.findings)")
        #expect(report.events == 3 * eventCount)
    }

    @Test("An event of many pieces comes back whole, and its pieces one by one")
    func pieces() async throws {
        let folder = try TemporaryFolder()
        let store = try EventStore.open(at: folder.path)
        var execution = Sample.execution(seed: 9, eventCount: 5)
        var generator = SeededGenerator(seed: 3)
        execution.events[2].payload = (0..<3_000_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        execution.events[4].payload = Array(repeating: 5, count: 960 << 10)
        try await store.append(execution)
        #expect(try store.events(of: execution.id) == execution.events)
        var cursor = try store.cursor(over: execution.id)
        var pieces: [Int] = []
        while let event = try cursor.next() {
            if event.index == 2 { pieces.append(event.payload.byteCount) }
        }
        #expect(pieces == [983040, 983040, 983040, 50880])
        let report = try await store.verify()
        #expect(report.isClean, "\(report.findings)")
    }

    @Test("Appending the same execution again stores nothing")
    func duplicates() async throws {
        let folder = try TemporaryFolder()
        let execution = Sample.execution(seed: 1, eventCount: 30)
        let store = try EventStore.open(at: folder.path)
        try await store.append(execution)
        let before = try await store.statistics()
        #expect(try await store.append(execution).isDuplicate)
        #expect(try await store.statistics() == before)
        await store.close()
    }

    @Test("Segments roll, seal and chain; the store stays whole over several openings")
    func rolling() async throws {
        let folder = try TemporaryFolder()
        let options = StoreOptions(segmentByteCountMax: 64 << 10)
        for round in 0..<3 {
            let store = try EventStore.open(at: folder.path, options: options)
            #expect(store.warnings.isEmpty)
            for seed in 0..<20 {
                try await store.append(Sample.execution(seed: UInt64(round * 20 + seed), eventCount: 24))
            }
            await store.close()
        }
        let store = try EventStore.open(at: folder.path, options: StoreOptions(access: .readOnly))
        let report = try await store.verify()
        #expect(report.isClean, "\(report.findings)")
        #expect(report.segments > 5)
        #expect(report.executions == 60)
        var cursor = try await store.cursor()
        var count = 0
        while let event = try cursor.next() {
            count += event.payload.byteCount >= 0 ? 1 : 0
        }
        #expect(count == 60 * 24)
    }
}
