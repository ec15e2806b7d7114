import Foundation
import TestSupport
import Testing

@Suite("Show")
struct ShowTests {
    private let store: ImportedStore

    init() throws {
        store = try ImportedStore()
    }

    @Test("No line has more than 80 columns, and nothing of the summary is cut")
    func columns() throws {
        for execution in try store.executions() {
            let lines = try store.succeed("show", execution.id).lines
            #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.filter { $0.count > 80 })")
            let summary = lines.prefix { !$0.contains("OFFSET") }
            let whole = summary.map { $0.dropFirst(12) }.joined()
            #expect(whole.contains(execution.id) && whole.contains(execution.name) && whole.contains(execution.route))
            #expect(lines.count == summary.count + 1 + execution.events)
        }
    }

    @Test("The timeline tells number, kind, name, status and sizes of every event")
    func timeline() throws {
        let lines = try store.succeed("show", store.id("deletes_an_existing_gist")).lines
        let rows = lines.suffix(4).map { $0.split(separator: " ").map(String.init) }
        #expect(rows.map { $0[0] } == ["0", "1", "2", "3"])
        #expect(rows.allSatisfy { $0.contains("http") })
        #expect(rows.map { $0.contains("DELETE") } == [false, false, true, true])
        #expect(rows[2].suffix(3) == ["204", "2", "0"])
        #expect(rows[3].suffix(3) == ["404", "2", "76"])
    }

    @Test("JSON has a line for the execution and one for each event")
    func json() throws {
        let lines = try store.succeed("show", store.id("fake_example_responses"), "--json").lines
        #expect(lines.count == 5)
        #expect(memberNames(lines[0]).first == "id")
        #expect(lines.dropFirst().map { memberNames($0).first } == Array(repeating: "index", count: 4))
    }

    @Test(
        "An id that names none or several executions is told, and digits that are none are wrong usage",
        arguments: [
            "show", "cat",
        ])
    func ids(command: String) throws {
        let unknown = try store.run(command, "ffffffff")
        #expect(unknown.exitCode == 1 && unknown.errors.contains("no execution has an id that begins so"))
        let ambiguous = try store.run(command, "01")
        #expect(ambiguous.exitCode == 1 && ambiguous.errors.contains("several executions begin so"))
        let wrong = try store.run(command, "xyz")
        #expect(wrong.exitCode == 64 && wrong.errors.contains("'xyz'"))
        for run in [unknown, ambiguous, wrong] { #expect(run.output.isEmpty) }
    }
}
