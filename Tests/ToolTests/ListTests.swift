import Foundation
import TestSupport
import Testing

@Suite("List")
struct ListTests {
    private let store: ImportedStore

    init() throws {
        store = try ImportedStore()
    }

    private func list(_ arguments: [String]) throws -> [ListedExecution] {
        let run = try fluxrun(["ls", "--json", "--limit", "1000", "--store", store.path] + arguments)
        #expect(run.exitCode == 0 && run.errors.isEmpty, "\(run.errors)")
        return try run.values(ListedExecution.self)
    }

    @Test("JSON has the documented members in their order")
    func json() throws {
        let lines = try store.succeed("ls", "--json").lines
        #expect(lines.count == Fixtures.executionCount)
        for line in lines {
            #expect(
                memberNames(line) == [
                    "id", "app", "name", "route", "status", "startedAt", "durationNanoseconds", "events",
                    "interactions", "source",
                ])
        }
    }

    @Test("The newest start comes first, and executions without one last")
    func newestFirst() throws {
        let starts = try store.executions().map { $0.startedAt ?? "" }
        #expect(starts.first == "2022-02-19T05:56:54.149000000Z" && starts.last == "")
        #expect(starts == starts.sorted(by: >))
    }

    @Test("Conditions leave exactly what meets them")
    func conditions() throws {
        let all = try store.executions()
        let route = "/users/netflix"
        let cases: [([String], (ListedExecution) -> Bool)] = [
            (["--app", "polly"], { $0.app == "polly" }),
            (["--route", route], { $0.route == route }),
            (["--status", "ok"], { $0.status == "ok" }),
            (["--since", "2014-01-01"], { ($0.startedAt ?? "") >= "2014-01-01" }),
            (["--until", "2014-01-01"], { $0.startedAt.map { $0 < "2014-01-01" } ?? false }),
            (
                ["--since", "2014-01-14T00:19:19Z", "--until", "2019-01-01", "--app", "vcr-ruby-json"],
                {
                    $0.app == "vcr-ruby-json" && "2014-01-14T00:19:19" <= $0.startedAt ?? ""
                        && $0.startedAt ?? "" < "2019"
                }
            ),
        ]
        for (arguments, isMet) in cases {
            let expected = all.filter(isMet)
            #expect(!expected.isEmpty, "\(arguments)")
            #expect(try list(arguments) == expected, "\(arguments)")
        }
        #expect(try list(["--status", "failed"]) == all.filter { $0.status == "failed" })
        #expect(try list(["--app", "nobody"]).isEmpty)
    }

    @Test("A limit keeps the newest, and the table says that there are more")
    func limit() throws {
        let all = try store.executions()
        let run = try store.run("ls", "--limit", "3")
        #expect(run.exitCode == 0 && run.errors == "there are more; --limit lists them\n")
        try #require(run.lines.count == 4, "\(run.text)")
        #expect(run.lines[0].hasPrefix("ID "))
        for (line, execution) in zip(run.lines.dropFirst(), all) {
            let id = try #require(line.split(separator: " ").first)
            #expect(execution.id.hasPrefix(id) && id.count >= 8)
            #expect(try store.succeed("show", "\(id)").text.contains(execution.id))
        }
    }

    @Test(
        "Arguments that mean nothing are wrong usage",
        arguments: [
            ["--limit", "0"], ["--since", "yesterday"], ["--status", "good"],
        ])
    func wrongUsage(arguments: [String]) throws {
        let run = try fluxrun(["ls", "--store", store.path] + arguments)
        #expect(run.exitCode == 64 && run.output.isEmpty && run.errors.contains(arguments[0]), "\(run.errors)")
    }

    @Test("Where no store is, the error names the place")
    func noStore() throws {
        let path = "\(store.folder.path)/nowhere"
        let run = try fluxrun("ls", "--store", path)
        #expect(run.exitCode == 1 && run.output.isEmpty)
        #expect(run.errors == "Error: \(path): there is no store; fluxrun import makes one\n")
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
