import Foundation
import TestSupport
import Testing

@Suite("Retain, delete and scavenge")
struct LifecycleCommandTests {
    private let store: ImportedStore

    init() throws {
        store = try ImportedStore()
    }

    @Test("A deleted execution is not listed, importing it again is refused, and scavenging takes its bytes")
    func delete() throws {
        let id = try store.id("deletes_an_existing_gist")
        let deletion = try store.succeed("delete", String(id.prefix(12)))
        #expect(deletion.text.contains("\(id) is deleted"))
        #expect(try store.executions().count == Fixtures.executionCount - 1)
        let again = try store.run("delete", id)
        #expect(again.exitCode == 1 && again.errors.contains("no execution has an id that begins so"))
        let scavenge = try store.succeed("scavenge", "--all")
        #expect(scavenge.text.contains("1 segments were written anew"))
        #expect(try store.succeed("verify", "--deep").text.hasPrefix("clean"))
        let refused = try store.run("import", Fixtures.recordings)
        #expect(refused.text.contains("was deleted") || refused.errors.contains("was deleted"), "\(refused.errors)")
        #expect(try store.executions().count == Fixtures.executionCount - 1)
    }

    @Test("Retention by age and size drops nothing of the last segment, and tells what it does")
    func retain() throws {
        let run = try store.succeed("retain", "--max-age", "30d", "--max-bytes", "10G", "--dry-run")
        #expect(run.text.contains("0 segments (0 B) with 0 executions would go"))
        #expect(try store.succeed("retain", "--max-bytes", "0").text.contains("are gone"))
        #expect(try store.executions().count == Fixtures.executionCount)
        for arguments in [[], ["--max-age", "30"], ["--max-bytes", "10X"], ["--max-bytes", "99999999999G"]] {
            #expect(try fluxrun(["retain", "--store", store.path] + arguments).exitCode == 64, "\(arguments)")
        }
        let missing = try fluxrun("retain", "--max-bytes", "1", "--store", "\(store.folder.path)/none")
        #expect(missing.exitCode == 1 && missing.errors.contains("there is no store"))
        #expect(!FileManager.default.fileExists(atPath: "\(store.folder.path)/none"))
    }

    @Test("JSON has the documented members")
    func json() throws {
        let retain = try store.succeed("retain", "--max-bytes", "1T", "--json")
        #expect(retain.lines.map(memberNames) == [["segments", "bytes", "executions", "keptBytes"]])
        let delete = try store.succeed("delete", store.executions()[0].id, "--json")
        #expect(delete.lines.map(memberNames) == [["id", "deleted"]])
        let scavenge = try store.succeed("scavenge", "--json")
        #expect(scavenge.lines.map(memberNames) == [["segments", "bytes", "indexClean"]])
    }
}
