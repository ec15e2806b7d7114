import FluxFormat
import FluxStore
import TestSupport
import Testing

@testable import FluxIndex

@Suite("Index with a gap")
struct IndexGapTests {
    /// A store with an execution of four pieces, then as many events as fill some frames.
    private func store(in folder: TemporaryFolder) async throws -> Execution {
        var execution = Sample.execution(seed: 1, eventCount: 200)
        var generator = SeededGenerator(seed: 3)
        execution.events[2].payload = (0..<3_000_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let store = try EventStore.open(at: folder.path)
        try await store.append(execution)
        #expect(try store.events(of: execution.id) == execution.events)
        await store.close()
        return execution
    }

    @Test(
        "A row that is missing is told, and never gives a part of an event, or events with a hole",
        arguments: [1, 3, 4, 7])
    func missingRow(number: Int) async throws {
        let folder = try TemporaryFolder()
        let execution = try await store(in: folder)
        let database = try SQLiteDatabase(path: folder.path + "/index/index.db", access: .readWrite)
        let count = try #require(try database.integer("SELECT count(*) FROM frame"))
        #expect(count > 7)
        try database.run("DELETE FROM frame WHERE ord = \(number)")
        let store = try EventStore.open(at: folder.path, options: StoreOptions(access: .readOnly))
        let error = #expect(throws: StoreError.self) { try store.events(of: execution.id) }
        #expect(error?.code == .index && error?.message.contains("index") == true, "\(error?.message ?? "")")
        #expect(try await !store.verify().isClean)
    }
}
