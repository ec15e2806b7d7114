import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun pack`
struct PackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack", abstract: "Writes an execution into a file that verifies on its own.",
        discussion: "fluxrun unpack stores it anywhere; fluxrun info shows what it holds.")

    @Argument(help: "The first digits of an id.")
    var id: IDArgument

    @OptionGroup var store: StoreArgument

    @Option(help: ArgumentHelp("The file to make.", valueName: "file.rpx"))
    var to: String

    @Flag(help: "Prints JSON, one line.")
    var json = false

    func run() async throws {
        let opened = try store.openForReading()
        let report = try await opened.pack(id.execution(in: opened).id, to: to)
        if json { Console.line(report.json) } else { Console.line("\(report.words) packed, \(report.size)") }
    }
}

/// `fluxrun unpack`
struct UnpackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpack", abstract: "Stores the execution of a file that pack made.",
        discussion: """
            All of the file is verified before. What the store has already is not stored again; one of the same id with other \
            events is refused.
            """)

    @Argument(help: "The path of a file that pack made.")
    var file: String

    @OptionGroup var store: StoreArgument

    @Flag(help: "Prints JSON, one line.")
    var json = false

    func run() async throws {
        let opened = try EventStore.open(at: store.store)
        for warning in opened.warnings { Console.warn(warning) }
        let result: Result<PackReport, StoreError>
        do throws(StoreError) {
            result = .success(try await opened.unpack(file))
        } catch {
            result = .failure(error)
        }
        await opened.close()
        let report = try result.get()
        if json { return Console.line(report.json) }
        Console.line(report.isDuplicate ? "\(report.words) were there before" : "\(report.words) stored")
    }
}

extension PackReport {
    fileprivate var words: String { "execution \(id), \(eventCount) events\(isFinished ? "" : " so far"):" }

    fileprivate var size: String { Texts.byteCount(byteCount) }

    /// The line of `pack --json` and `unpack --json`.
    fileprivate var json: JSONValue {
        .members([
            "execution": .text("\(id)"), "events": .number(eventCount), "bytes": .number(byteCount),
            "finished": .bool(isFinished), "duplicate": .bool(isDuplicate),
        ])
    }
}
