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
            (["--name", all[3].name], { $0.name == all[3].name }),
            (["--source", "polly"], { $0.app == "polly" }),
            (["--min-duration", "100ms"], { $0.durationNanoseconds ?? 0 >= 100_000_000 }),
            (
                ["--max-duration", "0.5s", "--status", "ok", "--status", "failed"],
                { $0.durationNanoseconds.map { $0 <= 500_000_000 } ?? false && ["ok", "failed"].contains($0.status) }
            ),
            (["--tenant", "0"], { _ in true }),
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
        for condition in [
            ["--app", "nobody"], ["--fingerprint", "0"], ["--request", "0"], ["--trace", "0"], ["--sdk", "0"],
            ["--tag", "stage"], ["--tag", "stage=live"],
        ] {
            #expect(try list(condition).isEmpty)
        }
    }

    @Test("A limit keeps the newest, and the table says that there are more")
    func limit() throws {
        let all = try store.executions()
        let run = try store.run("ls", "--limit", "3")
        #expect(run.exitCode == 0 && run.errors.hasPrefix("there are more; --page-token n-"))
        try #require(run.lines.count == 4, "\(run.text)")
        #expect(run.lines[0].hasPrefix("ID "))
        for (line, execution) in zip(run.lines.dropFirst(), all) {
            let id = try #require(line.split(separator: " ").first)
            #expect(execution.id.hasPrefix(id) && id.count >= 8)
            #expect(try store.succeed("show", "\(id)").text.contains(execution.id))
        }
    }

    @Test(
        "The examples of the README run",
        arguments: [
            "ls --status failed --min-duration 250ms", "ls --group-by app", "ls --histogram --since 7d", "stats --apps",
        ])
    func examples(words: String) throws {
        let readme = try String(contentsOfFile: "\(Fixtures.root)/README.md", encoding: .utf8)
        #expect(readme.contains("`\(words) --store captures`"))
        let run = try fluxrun(words.split(separator: " ").map(String.init) + ["--store", store.path])
        #expect(run.exitCode == 0, "\(run.errors)")
    }

    @Test("A token goes on where a list ended, in both orders", arguments: [[], ["--oldest-first"]])
    func pages(order: [String]) throws {
        let all = try store.executions()
        var listed: [ListedExecution] = []
        var token: [String] = []
        repeat {
            let run = try fluxrun(["ls", "--json", "--limit", "20", "--store", store.path] + order + token)
            listed += try run.values(ListedExecution.self)
            let words = run.errors.split(separator: " ")
            token = words.firstIndex(of: "--page-token").map { ["--page-token", String(words[$0 + 1])] } ?? []
        } while !token.isEmpty
        #expect(listed == (order.isEmpty ? all : all.reversed()))
        let other = try store.run("ls", "--app", "polly", "--page-token", "n-1-1-1-1")
        #expect(other.exitCode == 1 && other.errors.contains("the page token was made by another store"))
    }

    @Test("Groups have their numbers, the largest first")
    func groups() throws {
        struct Group: Decodable {
            let value: String
            let count: Int
            let newestID: String
        }
        let all = try store.executions()
        let groups = try store.succeed("ls", "--group-by", "app", "--json").values(Group.self)
        #expect(groups.map(\.count) == groups.map(\.count).sorted(by: >))
        for group in groups {
            let members = all.filter { $0.app == group.value }
            #expect(group.count == members.count && group.newestID == members.first?.id)
        }
        #expect(groups.reduce(0) { $0 + $1.count } == all.count)
        let table = try store.run("ls", "--group-by", "app", "--limit", "1")
        #expect(table.lines.count == 2 && table.lines[0].hasPrefix("COUNT") && table.lines[0].hasSuffix("APP"))
        #expect(table.errors == "\(groups.count - 1) groups more; --limit lists them\n")
        #expect(try store.run("ls", "--group-by", "fingerprint").errors == "no execution matches\n")
    }

    @Test("A histogram draws every execution that has a time, in pipes too")
    func histogram() throws {
        struct Bar: Decodable {
            let start: String
            let count, running, ok, failed, cancelled: Int
        }
        let all = try store.executions()
        let bars = try store.succeed("ls", "--histogram", "--bars", "10", "--json").values(Bar.self)
        #expect(bars.count == 10 && bars.map(\.start) == bars.map(\.start).sorted())
        #expect(bars.reduce(0) { $0 + $1.count } == all.count { $0.startedAt != nil })
        #expect(bars.allSatisfy { $0.count == $0.running + $0.ok + $0.failed + $0.cancelled })
        let drawn = try store.run("ls", "--histogram", "--bars", "10")
        #expect(drawn.lines.count == 10 && drawn.lines.allSatisfy { $0.count <= 80 })
        for (line, bar) in zip(drawn.lines, bars) {
            #expect(line.contains { "█▒".contains($0) } == (bar.count > 0), "\(line)")
        }
        #expect(drawn.lines.contains { $0.count == 80 } && drawn.errors.hasPrefix("a bar is "))
    }

    @Test(
        "Arguments that mean nothing are wrong usage",
        arguments: [
            ["--limit", "0"], ["--since", "yesterday"], ["--status", "good"],
            ["--min-duration", "long"], ["--page-token", "x"], ["--group-by", "day"], ["--bars", "0"],
            ["--tag", "=live"], ["--histogram", "--group-by", "app"],
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
