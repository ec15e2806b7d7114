import Foundation
import TestSupport
import Testing

@Suite("Backup, restore, pack and unpack")
struct BackupCommandTests {
    private let store: ImportedStore
    private var backup: String { "\(store.folder.path)/backup" }
    private var restored: String { "\(store.folder.path)/restored" }
    private var file: String { "\(store.folder.path)/one.rpx" }

    init() throws {
        store = try ImportedStore()
    }

    @Test("A store that is restored from a backup lists the same, and another backup brings what is new alone")
    func roundTrip() throws {
        let first = try store.succeed("backup", "--to", backup, "--verify", "--json")
        #expect(
            first.lines.map(memberNames) == [
                ["segments", "bytes", "kept", "linked", "copied", "copiedBytes", "damage", "verified"]
            ])
        #expect(first.text.contains("\"verified\":true"))
        let restore = try fluxrun("restore", "--from", backup, "--store", restored, "--json")
        #expect(restore.exitCode == 0 && restore.lines.map(memberNames) == [["executions", "events", "segments"]])
        let listed = try fluxrun("ls", "--json", "--limit", "1000", "--store", restored)
        let expected = try store.succeed("ls", "--json", "--limit", "1000").output
        #expect(listed.output == expected)
        let verified = try fluxrun("verify", "--deep", "--store", restored)
        #expect(verified.exitCode == 0 && verified.text.contains(" 47 executions, 97 events"))
        #expect(try fluxrun("restore", "--from", backup, "--store", restored).exitCode == 1)
        #expect(try store.succeed("backup", "--to", backup).text.contains("segment"))
        let refused = try store.run("backup", "--to", store.folder.path)
        #expect(refused.exitCode == 1 && refused.errors.contains("something else"))
        let written = try fluxrun("import", Fixtures.recordings, "--store", backup)
        #expect(written.exitCode == 1 && written.errors.contains("is a backup"))
    }

    @Test("Damage of a store, and of its backup, is told with exit code 3")
    func damage() throws {
        let path = try store.segment()
        var bytes = try Data(contentsOf: URL(filePath: path))
        let frame = try #require(bytes.range(of: Data("RPF1".utf8), in: bytes.count / 3..<bytes.count))
        bytes[frame.lowerBound + 96 + 60] ^= 0xFF
        _ = try store.succeed("backup", "--to", backup)
        let copy = "\(backup)/seg/00000001.0000.rpl"
        try FileManager.default.removeItem(atPath: copy)
        try bytes.write(to: URL(filePath: copy))
        let restore = try fluxrun("restore", "--from", backup, "--store", restored)
        #expect(restore.exitCode == 1 && restore.errors.contains(copy))
    }

    @Test("An execution goes to another store in a file")
    func pack() throws {
        let id = try #require(try store.executions().first).id
        let members = ["execution", "events", "bytes", "finished", "duplicate"]
        let packed = try store.succeed("pack", String(id.prefix(30)), "--to", file, "--json")
        #expect(packed.lines.map(memberNames) == [members] && packed.text.contains(id))
        let again = try store.run("pack", id, "--to", file)
        #expect(again.exitCode == 1 && again.errors.contains("is there already"))
        let info = try store.succeedOnFile("info", file)
        #expect(info.text.contains("1 executions"))
        let other = "\(store.folder.path)/other"
        for (options, words) in [([], "stored"), ([], "were there before"), (["--json"], "\"duplicate\":true")] {
            let run = try fluxrun(["unpack", file, "--store", other] + options)
            #expect(run.exitCode == 0 && run.text.contains(words), "\(run.errors)")
        }
        let shown = try fluxrun("cat", id, "--json", "--store", other)
        let expected = try store.succeed("cat", id, "--json").output
        #expect(shown.output == expected)
        let refused = try fluxrun("unpack", try store.segment(), "--store", other)
        #expect(refused.exitCode == 1 && !refused.errors.isEmpty)
    }
}
