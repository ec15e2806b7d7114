import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun stats`
struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "stats", abstract: "Tells what a store holds.")

    @OptionGroup var store: StoreArgument

    @Flag(help: "A row for each app instead, the one with the most bytes first.")
    var apps = false

    @Flag(help: "A row for each segment file instead, oldest first.")
    var segments = false

    @Flag(help: "Prints JSON, one line, or one for each row.")
    var json = false

    func validate() throws {
        guard !apps || !segments else { throw ValidationError("--apps and --segments are two tables: ask for one") }
    }

    func run() async throws {
        let opened = try store.openForReading()
        if apps {
            try await opened.appStatistics().print(isJSON: json)
        } else if segments {
            try opened.segmentStatistics().print(isJSON: json)
        } else {
            let statistics = try await opened.statistics()
            if json { Console.line(statistics.json) } else { statistics.lines.forEach { Console.line($0) } }
        }
    }
}

extension StoreStatistics {
    /// The line of `stats --json`.
    fileprivate var json: JSONValue {
        .members([
            "executions": .number(executions), "interactions": .number(interactions), "events": .number(events),
            "segments": .number(segments), "rawBytes": .number(rawByteCount), "storedBytes": .number(storedByteCount),
            "indexBytes": .number(indexByteCount),
        ])
    }

    /// A figure on a line.
    var lines: [String] {
        let ratio =
            storedByteCount == 0
            ? "" : ", \(Texts.decimal(Double(rawByteCount) / Double(storedByteCount), digits: 2)) : 1"
        let figures = [
            ("executions", "\(executions)"), ("interactions", "\(interactions)"), ("events", "\(events)"),
            ("segments", "\(segments)"), ("raw", Texts.byteCount(rawByteCount)),
            ("stored", Texts.byteCount(storedByteCount) + ratio), ("index", Texts.byteCount(indexByteCount)),
        ]
        return figures.map { $0.padded(to: 14) + $1 }
    }
}
