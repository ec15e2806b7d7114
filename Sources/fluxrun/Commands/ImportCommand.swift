import ArgumentParser
import FluxImport
import FluxStore

/// `fluxrun import`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Stores recordings that other tools made.",
        discussion: """
            Reads HAR files and cassettes of VCR, vcrpy and go-vcr; folders are walked. What cannot be read is told, \
            and all else is stored; the exit code is 3 then. Importing the same recording again stores nothing.
            """)

    /// What `--format` takes.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case auto, har, vcr
    }

    @Argument(help: "Files and folders.")
    var path: [String]

    @OptionGroup var store: StoreArgument

    @Option(help: "The app of the executions; the kind of the recording if none is given.")
    var app: String?

    @Option(help: "Reads only recordings of this family.")
    var format: Format = .auto

    @Flag(help: "Prints the report as JSON, one line per format and one for the total.")
    var json = false

    func run() async throws {
        let opened = try EventStore.open(at: store.store)
        for warning in opened.warnings { Console.warn(warning) }
        var run = ImportRun(
            into: opened, reader: RecordingReader(app: app, family: format == .auto ? nil : format.rawValue))
        var stop: (any Error)?
        do {
            try await run.run(path)
        } catch {
            stop = error
        }
        await opened.close()
        if json { run.report.json.forEach { Console.line($0) } } else { run.report.lines.forEach { Console.line($0) } }
        if let stop { throw stop }
        if run.hasFailures { throw ExitCode.lossy }
    }
}
