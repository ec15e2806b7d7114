import Foundation
import TestSupport
import Testing

@Suite("Demo")
struct DemoTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("It runs to its end on a fresh store, which then is there")
    func fresh() throws {
        let store = "\(folder.path)/store"
        let run = try fluxrun("demo", "--store", store, folder: Fixtures.root)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.text.contains(" same\n") && !run.text.contains("DIFFERENT"))
        #expect(run.text.contains("\"error\":\"not recorded\"") && run.text.contains("\n  clean: 1 segments"))
        #expect(run.text.contains("The store lies in \(store)\n"))
        let listed = try fluxrun("ls", "--limit", "1000", "--json", "--store", store)
        #expect(listed.lines.count == Fixtures.executionCount)
    }

    @Test("It leaves a folder alone that is there already")
    func existing() throws {
        let run = try fluxrun("demo", "--store", folder.path, folder: Fixtures.root)
        #expect(run.exitCode == 1 && run.output.isEmpty)
        #expect(run.errors == "Error: \(folder.path): is there already; the demo needs a fresh folder\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("Away from the root of the project it says where to run it")
    func elsewhere() throws {
        let run = try fluxrun("demo", folder: folder.path)
        #expect(run.exitCode == 1 && run.errors.contains("run the demo from the root of the project"))
    }
}
