import Foundation
import TestSupport
import Testing

@Suite("Interrupted import")
struct InterruptedImportTests {
    private func segmentByteCount(_ store: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: "\(store)/seg/00000001.0000.rpl")
        return attributes?[.size] as? Int ?? 0
    }

    /// Starts an import, and kills it as soon as the log has grown to a size; returns whether it was alive until then.
    private func interrupt(_ store: String, at byteCount: Int) throws -> Bool {
        let process = try ToolProcess(["import", Fixtures.recordings, "--store", store])
        process.wait { segmentByteCount(store) >= byteCount }
        process.signal(SIGKILL)
        return try process.finish().exitCode == 128 + SIGKILL
    }

    @Test("After a kill at any size, another import stores the rest, and nothing twice")
    func killed() throws {
        let whole = try ImportedStore().executions()
        var partCount = 0
        for byteCount in [1, 5000, 30_000, 60_000, 90_000, 120_000] {
            let folder = try TemporaryFolder()
            guard try interrupt(folder.path, at: byteCount) else { continue }
            let rest = try fluxrun("import", Fixtures.recordings, "--store", folder.path, "--json")
            #expect(rest.exitCode == 0, "\(rest.errors)")
            let total = try #require(try rest.values(ImportLine.self).last)
            let keptCount = total.skippedDuplicates - (total.executions - whole.count)
            if (1..<whole.count).contains(keptCount) { partCount += 1 }
            let listed = try fluxrun("ls", "--limit", "1000", "--json", "--store", folder.path)
            #expect(try listed.values(ListedExecution.self) == whole)
            let verified = try fluxrun("verify", "--store", folder.path)
            #expect(verified.exitCode == 0 && verified.text.contains(" 47 executions, 97 events"), "\(verified)")
        }
        #expect(partCount > 0, "no import was killed half way")
    }
}
