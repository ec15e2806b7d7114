import Foundation
import TestSupport
import Testing

@Suite("Repair, info and reindex")
struct RepairCommandTests {
    private let store: ImportedStore

    init() throws {
        store = try ImportedStore()
    }

    private var copy: String { "\(store.folder.path)/copy" }

    /// Flips a byte of the payload of a frame in the middle.
    private func damage() throws {
        let path = try store.segment()
        var bytes = try Data(contentsOf: URL(filePath: path))
        let frame = try #require(bytes.range(of: Data("RPF1".utf8), in: bytes.count / 3..<bytes.count))
        bytes[frame.lowerBound + 96 + 60] ^= 0xFF
        try bytes.write(to: URL(filePath: path))
    }

    @Test("A whole store is reported as such, and its copy lists the same")
    func whole() throws {
        let report = try store.succeed("repair", "--report")
        #expect(report.text.contains("Nothing was lost.") && report.text.contains("HEAD promises"))
        let salvage = try store.succeed("repair", "--salvage-to", copy)
        #expect(salvage.text.contains("47 executions with 97 events were copied."))
        let listed = try fluxrun("ls", "--json", "--limit", "1000", "--store", copy)
        let expected = try store.succeed("ls", "--json", "--limit", "1000").output
        #expect(listed.output == expected)
        #expect(try fluxrun("verify", "--deep", "--store", copy).exitCode == 0)
        let again = try store.run("repair", "--salvage-to", copy)
        #expect(again.exitCode == 1 && again.errors.contains("missing or empty"))
    }

    @Test("Of a damaged store the lost execution is named, and the others are copied")
    func damaged() throws {
        try damage()
        let report = try store.run("repair", "--report")
        #expect(report.exitCode == 3 && report.lines.count { $0.hasPrefix("hit: ") } == 1, "\(report.text)")
        #expect(report.text.contains("--truncate-tail would refuse: "))
        let before = try Data(contentsOf: URL(filePath: try store.segment()))
        let cut = try store.run("repair", "--truncate-tail")
        #expect(cut.exitCode == 1 && cut.errors.contains("nothing was changed"))
        let salvage = try store.run("repair", "--salvage-to", copy)
        #expect(salvage.exitCode == 3 && salvage.lines.contains { $0.hasPrefix("lost: ") }, "\(salvage.text)")
        #expect(try fluxrun("verify", "--deep", "--store", copy).text.contains(" 46 executions"))
        #expect(try Data(contentsOf: URL(filePath: try store.segment())) == before)
    }

    @Test("JSON has the documented members")
    func json() throws {
        let report = try store.succeed("repair", "--report", "--json")
        #expect(
            report.lines.map(memberNames) == [
                ["segment", "path", "state", "bytes", "frames", "events"],
                ["whole", "losses", "executionsHit", "damage", "promises", "truncateTail"],
            ])
        let salvage = try store.succeed("repair", "--salvage-to", copy, "--json")
        #expect(
            salvage.lines.last.map(memberNames) == ["whole", "executions", "events", "cut", "lost", "verified"])
        let info = try store.succeedOnFile("info", try store.segment(), "--json", "--frames")
        #expect(
            info.lines.first.map(memberNames) == [
                "offset", "kind", "flags", "codec", "storedBytes", "rawBytes", "sequence", "execution", "firstEvent",
                "events", "durableEnd",
            ])
        #expect(
            info.lines.last.map(memberNames) == [
                "path", "bytes", "header", "frames", "firstSequence", "lastSequence", "kinds", "seal", "trailer", "end",
                "restBytes", "damage",
            ])
        #expect(info.lines.count == 49)
        let reindex = try store.succeed("reindex", "--json")
        #expect(reindex.lines.map(memberNames) == [["executions", "durationNanoseconds"]])
        let cut = try store.succeed("repair", "--truncate-tail", "--json")
        #expect(cut.lines.last.map(memberNames) == ["whole", "end", "cutBytes", "report", "executionsHit"])
    }

    @Test("Without exactly one of its options repair is used wrongly")
    func usage() throws {
        for options in [[], ["--report", "--truncate-tail"], ["--report", "--salvage-to", copy]] {
            let run = try fluxrun(["repair", "--store", store.path] + options)
            #expect(run.exitCode == 64 && run.errors.contains("exactly one"), "\(options)")
        }
        #expect(!FileManager.default.fileExists(atPath: copy))
    }

    @Test("Info exits with 3 for a damaged file, and with 1 for one of something else")
    func info() throws {
        let segment = try store.segment()
        #expect(try store.succeedOnFile("info", segment).text.contains("not sealed"))
        try damage()
        let damaged = try fluxrun("info", segment)
        #expect(damaged.exitCode == 3 && damaged.lines.last?.hasPrefix("damaged at byte ") == true)
        let other = try fluxrun("info", "\(Fixtures.root)/README.md")
        #expect(other.exitCode == 1 && other.errors.contains("is no segment file"))
    }

    private func isReached(stage: Int) -> Bool {
        let index = "\(store.path)/index/index.db"
        let files = FileManager.default
        switch stage {
        case 0: return true
        case 1: return files.fileExists(atPath: "\(index).new")
        case 2: return (try? files.attributesOfItem(atPath: "\(index).new")[.size] as? Int) ?? 0 > 4096
        default: return !files.fileExists(atPath: index)
        }
    }

    @Test("Reindex that is killed at any moment leaves a store that gives the same answers")
    func killed() throws {
        let before = try store.succeed("ls", "--json", "--limit", "1000").output
        var killCount = 0
        for round in 0..<30 {
            let process = try ToolProcess(["reindex", "--store", store.path])
            // At its start, once the second file is there, once that has grown, once the first is gone.
            process.wait { isReached(stage: round % 4) }
            process.signal(SIGKILL)
            killCount += try process.finish().exitCode == 128 + SIGKILL ? 1 : 0
            let verified = try store.run("verify", "--deep")
            #expect(verified.exitCode == 0, "round \(round): \(verified.text)")
            #expect(try store.run("ls", "--json", "--limit", "1000").output == before, "round \(round)")
        }
        #expect(killCount > 7)
        #expect(try store.succeed("reindex").text.hasPrefix("47 executions indexed in "))
    }
}

extension ImportedStore {
    /// Runs a command that must succeed on a file.
    func succeedOnFile(_ arguments: String...) throws -> ToolRun {
        let run = try fluxrun(arguments)
        try #require(run.exitCode == 0, "\(arguments): \(run.errors)")
        return run
    }
}
