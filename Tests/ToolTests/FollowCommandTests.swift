import Foundation
import TestSupport
import Testing

@Suite("Follow")
struct FollowCommandTests {
    private struct Line: Decodable {
        let item: String?
        let execution: String?
        let events: Int?
        let checkpoint: String?
    }

    private func lines(_ run: ToolRun) throws -> [Line] { try run.values(Line.self) }

    /// Follows until so many lines that begin so are there, and is told to end by a signal.
    private func follow(
        _ store: String, _ arguments: String..., lineCount: Int, beginningWith begin: String = "",
        signal: Int32 = SIGINT
    ) throws -> ToolRun {
        let process = try ToolProcess(["follow", "--store", store] + arguments)
        #expect(process.wait { process.output.split(separator: "\n").count { $0.hasPrefix(begin) } >= lineCount })
        process.signal(signal)
        return try process.finish()
    }

    @Test("From the start every batch is printed, and from a checkpoint what comes behind it")
    func checkpoints() throws {
        let store = try ImportedStore()
        let whole = try follow(store.path, "--from", "start", "--json", lineCount: Fixtures.executionCount)
        #expect(whole.exitCode == 0, "\(whole.errors)")
        let items = try lines(whole)
        #expect(items.count == Fixtures.executionCount + 1)
        #expect(Set(items.compactMap(\.execution)) == Set(try store.executions().map(\.id)))
        #expect(items.last?.item == nil && items.last?.checkpoint == items.dropLast().last?.checkpoint)
        #expect(
            memberNames(whole.lines[0]) == [
                "item", "execution", "firstEvent", "events", "isFirst", "isLast", "app", "name", "route", "status",
                "storedBytes", "checkpoint",
            ])
        let middle = try #require(items[40].checkpoint)
        let rest = try lines(follow(store.path, "--from", middle, "--json", lineCount: 6, signal: SIGTERM))
        #expect(rest.map(\.execution) == items[41...].map(\.execution))
        #expect(rest.last?.checkpoint == items.last?.checkpoint)
    }

    @Test("It follows an import of another process, and ends with a checkpoint")
    func besideImport() throws {
        let store = try ImportedStore("har")
        let before = try store.executions().count
        let process = try ToolProcess(["follow", "--store", store.path, "--from", "start"])
        #expect(process.wait { process.output.split(separator: "\n").count >= before })
        #expect(try fluxrun("import", Fixtures.recordings, "--store", store.path).exitCode == 0)
        let count = try store.executions().count
        try #require(count > before)
        #expect(process.wait { process.output.split(separator: "\n").count >= count })
        process.signal(SIGINT)
        let run = try process.finish()
        #expect(run.exitCode == 0 && run.lines.count == count + 1)
        #expect(run.lines.last?.hasPrefix("checkpoint ") == true)
    }

    @Test("With events each batch is followed by its own")
    func events() throws {
        let store = try ImportedStore("har")
        let eventCount = try store.executions().reduce(0) { $0 + $1.events }
        let count = try store.executions().count
        let run = try follow(store.path, "--from", "start", "--json", "--events", lineCount: count + eventCount)
        #expect(run.lines.count { $0.hasPrefix("{\"index\":") } == eventCount)
        let text = try follow(store.path, "--from", "start", "--events", lineCount: eventCount, beginningWith: "── ")
        #expect(text.lines.count { $0.hasPrefix("── ") } == eventCount)
    }

    @Test("A checkpoint of another store is told of, and a text that is none is wrong usage")
    func wrongCheckpoints() throws {
        let store = try ImportedStore("har")
        let other = try ImportedStore("har")
        let seen = try follow(other.path, "--from", "start", lineCount: 1)
        let checkpoint = try #require(seen.lines.last?.split(separator: " ").last)
        let run = try follow(store.path, "--from", String(checkpoint), "--json", lineCount: 2)
        #expect(memberNames(run.lines[0]) == ["item", "from"] && run.lines[0].contains("\"rewound\""))
        #expect(try fluxrun("follow", "--store", store.path, "--from", "yesterday").exitCode == 64)
    }
}
