import Foundation
import TestSupport
import Testing

/// A line of `import --json`.
struct ImportLine: Decodable, Hashable {
    let format: String
    let files: Int
    let failedFiles: Int
    let executions: Int
    let interactions: Int
    let bytes: Int
    let skippedDuplicates: Int
}

@Suite("Import")
struct ImportTests {
    private static let formats = ["vcr-ruby", "vcr-ruby-json", "vcrpy", "go-vcr", "har", "polly", "total"]
    private let folder: TemporaryFolder
    private var store: String { "\(folder.path)/store" }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func file(_ name: String, _ text: String) throws -> String {
        let path = "\(folder.path)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test("Every format has a line of JSON with the documented members, and the last is their sum")
    func json() throws {
        let run = try fluxrun("import", Fixtures.recordings, "--store", store, "--json")
        #expect(run.exitCode == 0 && run.errors.isEmpty, "\(run.errors)")
        let names = [
            "format", "files", "failedFiles", "executions", "interactions", "bytes", "skippedDuplicates",
        ]
        for line in run.lines { #expect(memberNames(line) == names) }
        let tallies = try run.values(ImportLine.self)
        #expect(tallies.map(\.format) == Self.formats)
        let total = try #require(tallies.last)
        #expect(total.files == 51 && total.failedFiles == 0 && total.executions == 50 && total.interactions == 100)
        #expect(total.skippedDuplicates == 50 - Fixtures.executionCount)
        let parts = tallies.dropLast()
        for member in [\ImportLine.files, \.executions, \.interactions, \.bytes, \.skippedDuplicates] {
            #expect(parts.reduce(0) { $0 + $1[keyPath: member] } == total[keyPath: member])
        }
    }

    @Test("The table has a row for each format, and says what was passed over")
    func table() throws {
        let run = try fluxrun("import", Fixtures.recordings, "--store", store)
        #expect(run.exitCode == 0)
        let words = run.lines.map { $0.split(separator: " ").map(String.init) }
        #expect(words.first?.starts(with: ["FORMAT", "FILES", "FAILED", "EXECUTIONS", "INTERACTIONS"]) == true)
        #expect(words.dropFirst().prefix(7).map { $0[0] } == Self.formats)
        #expect(words.dropFirst(3).first?.prefix(5) == ["vcrpy", "10", "0", "8", "14"])
        #expect(run.lines.last == "9 items are not HTTP and were passed over")
    }

    @Test("A second import stores nothing")
    func again() throws {
        _ = try fluxrun("import", Fixtures.recordings, "--store", store)
        let before = try fluxrun("stats", "--store", store).lines.prefix(5)
        let run = try fluxrun("import", Fixtures.recordings, "--store", store, "--json")
        #expect(run.exitCode == 0)
        for line in try run.values(ImportLine.self) { #expect(line.skippedDuplicates == line.executions) }
        #expect(before.count == 5)
        #expect(try fluxrun("stats", "--store", store).lines.prefix(5) == before)
    }

    @Test("Broken files are told with place and reason, and the rest is imported")
    func broken() throws {
        let run = try fluxrun(
            "import", Fixtures.broken, "\(Fixtures.recordings)/go-vcr", "--store", store, "--json")
        #expect(run.exitCode == 3)
        let errors = run.errors.split(separator: "\n")
        try #require(errors.count == 2, "\(run.errors)")
        #expect(errors[0].contains("hars/not-json.har: line 8, column 5: invalid JSON"))
        #expect(errors[1].contains("hars/not-valid.har: line 2, column 9 ($.log): a HAR log must have the list"))
        let tallies = try run.values(ImportLine.self)
        #expect(tallies.first { $0.format == "go-vcr" }?.executions == 5)
        #expect(tallies.last?.failedFiles == 2 && tallies.last?.executions == 5)
        let listed = try fluxrun("ls", "--store", store, "--json")
        #expect(listed.lines.count == 5 && listed.errors.isEmpty)
    }

    @Test("A file that was named and is none of a known format, empty or missing is told")
    func named() throws {
        let (empty, other) = (try file("empty.har", ""), try file("other.txt", "hello"))
        let missing = "\(folder.path)/missing"
        let run = try fluxrun("import", empty, other, missing, "--store", store)
        #expect(run.exitCode == 3)
        for expected in [
            "\(empty): the file is empty", "\(other): unknown format", "\(missing): there is no such file",
        ] {
            #expect(run.errors.contains("error: \(expected)"), "\(run.errors)")
        }
    }

    @Test("A format limits what is read, and one that does not exist is refused")
    func format() throws {
        let run = try fluxrun("import", Fixtures.recordings, "--store", store, "--format", "har", "--json")
        #expect(run.exitCode == 0)
        #expect(try run.values(ImportLine.self).map(\.format) == ["har", "polly", "total"])
        let refused = try fluxrun("import", Fixtures.recordings, "--store", "\(store)-2", "--format", "zip")
        #expect(refused.exitCode == 64 && refused.errors.contains("'zip'") && refused.errors.contains("'vcr'"))
        #expect(!FileManager.default.fileExists(atPath: "\(store)-2"))
    }

    @Test("A file or a folder of something else is no store, and stays as it is")
    func noStore() throws {
        let path = try file("notes.txt", "mine")
        for (store, reason) in [(path, "is a file"), (folder.path, "is a folder of something else")] {
            let run = try fluxrun("import", Fixtures.recordings, "--store", store)
            #expect(run.exitCode == 1 && run.errors.contains("\(store): \(reason)"), "\(run.errors)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["notes.txt"])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
    }

    @Test("A folder of another program is no store, even with a LOCK or a seg of its own")
    func otherProgram() throws {
        for (name, contents) in [("LOCK", "theirs"), ("seg", "a film")] {
            let other = try TemporaryFolder()
            let paths = [name, "CURRENT"].map { URL(filePath: "\(other.path)/\($0)") }
            for path in paths { try Data(contents.utf8).write(to: path) }
            let run = try fluxrun("import", Fixtures.recordings, "--store", other.path)
            #expect(run.exitCode == 1 && run.errors.contains("is a folder of something else"), "\(run.errors)")
            for path in paths { #expect(try Data(contentsOf: path) == Data(contents.utf8)) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: other.path).count == 2)
        }
    }

    @Test("An entry of a folder that leads nowhere is told, and the rest is imported")
    func brokenEntry() throws {
        let recordings = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: "\(recordings.path)/a.har", withDestinationPath: "a.har")
        try FileManager.default.createSymbolicLink(
            atPath: "\(recordings.path)/b", withDestinationPath: recordings.path)
        try FileManager.default.createSymbolicLink(
            atPath: "\(recordings.path)/c", withDestinationPath: "\(Fixtures.recordings)/go-vcr")
        let run = try fluxrun("import", recordings.path, "--store", store, "--json")
        #expect(run.exitCode == 3 && run.errors.contains("a.har"), "\(run.errors)")
        #expect(try run.values(ImportLine.self).last?.executions == 5)
    }

    @Test("An app that is given becomes the app of every execution")
    func app() throws {
        let run = try fluxrun("import", "\(Fixtures.recordings)/go-vcr", "--store", store, "--app", "shop")
        #expect(run.exitCode == 0)
        let listed = try fluxrun("ls", "--store", store, "--json").values(ListedExecution.self)
        #expect(listed.count == 5 && listed.allSatisfy { $0.app == "shop" })
    }
}
