import Foundation
import TestSupport
import Testing

@Suite("Export")
struct ExportTests {
    /// Reads every archive as another program would, and prints how many entries it has.
    private static let reader = """
        import json, sys
        for path in sys.argv[1:]:
            log = json.load(open(path, encoding="utf-8"))["log"]
            assert log["version"] == "1.2" and log["creator"]["name"] == "fluxrun", path
            for entry in log["entries"]:
                request, response = entry["request"], entry["response"]
                assert entry["startedDateTime"].endswith("Z") and entry["time"] is not None, path
                assert set(entry) >= {"cache", "timings"}, path
                for name in "method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize":
                    assert name in request, (path, name)
                for name in "status", "statusText", "httpVersion", "cookies", "headers", "redirectURL", "bodySize":
                    assert name in response, (path, name)
                assert {"size", "mimeType"} <= set(response["content"]), path
            print(len(log["entries"]))
        """

    private let store: ImportedStore
    private let archives: TemporaryFolder

    init() throws {
        store = try ImportedStore()
        archives = try TemporaryFolder()
    }

    /// Writes an archive of every execution, into a folder for each app, and returns their paths.
    private func exportAll(_ executions: [ListedExecution]) throws -> [String] {
        try executions.map { execution in
            let folder = "\(archives.path)/\(execution.app)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let path = "\(folder)/\(execution.id).har"
            try Data(try store.succeed("export", execution.id, "--har").output).write(to: URL(filePath: path))
            return path
        }
    }

    @Test("An archive of any recording, imported again, is the same execution, and other programs read it")
    func roundTrip() throws {
        let executions = try store.executions()
        let paths = try exportAll(executions)
        let read = try python(["-c", Self.reader] + paths)
        #expect(read.exitCode == 0, "\(read.errors)")
        #expect(read.lines == executions.map { "\($0.interactions)" })
        let other = try TemporaryFolder()
        for app in Set(executions.map(\.app)) {
            let run = try fluxrun("import", "\(archives.path)/\(app)", "--app", app, "--store", other.path)
            #expect(run.exitCode == 0, "\(run.errors)")
        }
        let again = try fluxrun("ls", "--limit", "1000", "--json", "--store", other.path)
            .values(ListedExecution.self)
        let lost = Set(executions.map(\.id)).subtracting(again.map(\.id))
        #expect(lost.isEmpty && again.count == Fixtures.executionCount, "\(executions.filter { lost.contains($0.id) })")
        for execution in executions where !lost.contains(execution.id) {
            let copy = try fluxrun("cat", execution.id, "--json", "--store", other.path)
            let original = try store.succeed("cat", execution.id, "--json")
            #expect(copy.output == original.output, "\(execution)")
            let duration = again.first { $0.id == execution.id }?.durationNanoseconds
            #expect(duration == execution.durationNanoseconds, "\(execution)")
            let timeline = try fluxrun("show", execution.id, "--json", "--store", other.path).lines.dropFirst()
            #expect(timeline == (try store.succeed("show", execution.id, "--json").lines.dropFirst()), "\(execution)")
        }
    }

    @Test("Output that cannot be written ends with an error, not as if it were whole")
    func fullDisk() throws {
        for command in ["export 0168ab4b-1e --har", "ls --json", "stats"] {
            let words = command.split(separator: " ").map(String.init) + ["--store", store.path]
            let run = try ToolProcess(words, output: "/dev/full").finish()
            #expect(run.exitCode == 1 && run.errors.contains("the output could not be written"), "\(command)")
        }
    }

    @Test("Without a format, and of an unknown execution, nothing is written")
    func refused() throws {
        let formatless = try store.run("export", "017f108d")
        #expect(formatless.exitCode == 64 && formatless.output.isEmpty && formatless.errors.contains("--har"))
        let unknown = try store.run("export", "ffffffff", "--har")
        #expect(unknown.exitCode == 1 && unknown.output.isEmpty && unknown.errors.contains("no execution"))
    }
}
