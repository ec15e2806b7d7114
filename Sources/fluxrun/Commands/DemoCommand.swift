import ArgumentParser
import Foundation

/// `fluxrun demo`
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Shows all of it on real recordings, in under a minute.",
        discussion: "Needs the folder Fixtures/recordings, so it is run from the root of the project, as by make run.")

    @Option(
        help: ArgumentHelp(
            "A folder for the store, which must not hold one; a temporary one if none is given.", valueName: "dir"))
    var store: String?

    func run() async throws {
        let recordings = "Fixtures/recordings"
        let files = FileManager.default
        guard files.fileExists(atPath: recordings) else {
            throw DemoError("\(recordings): there is no such folder here; run the demo from the root of the project")
        }
        let path =
            store ?? files.temporaryDirectory.appendingPathComponent("fluxrun-demo-\(UUID().uuidString.prefix(8))").path
        guard !files.fileExists(atPath: path) else {
            throw DemoError("\(path): is there already; the demo needs a fresh folder")
        }
        try await Demo(recordings: recordings, path: path).run()
    }
}
