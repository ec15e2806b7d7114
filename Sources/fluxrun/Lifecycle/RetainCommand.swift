import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun retain`
struct RetainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retain", abstract: "Drops the oldest segments of a store, by age or by size.",
        discussion:
            """
            Whole segments go, oldest first, and never the last one; what began in them is gone as a whole. The store must \
            not be open for writing. With --dry-run nothing is changed.
            """)

    @OptionGroup var store: StoreArgument

    @Option(help: ArgumentHelp("Drops what is older: 30d, 12h, 90m, 45s.", valueName: "age"))
    var maxAge: AgeArgument?

    @Option(help: ArgumentHelp("Drops until the log has no more: 10G, 500M, 64K, or bytes.", valueName: "size"))
    var maxBytes: ByteCountArgument?

    @Flag(help: "Tells what would go.")
    var dryRun = false

    @Flag(help: "Prints JSON, one line.")
    var json = false

    func validate() throws {
        guard maxAge != nil || maxBytes != nil else {
            throw ValidationError("give --max-age, --max-bytes or both")
        }
    }

    func run() async throws {
        let policy = RetentionPolicy(maxAge: maxAge?.duration, maxByteCount: maxBytes?.byteCount)
        let report = try await store.whileWriting { try await $0.retain(policy, isDryRun: dryRun) }
        if json { Console.line(report.json) } else { Console.line(report.line(isDryRun: dryRun)) }
    }
}

extension RetentionReport {
    fileprivate var json: JSONValue {
        .members([
            "segments": .number(segments), "bytes": .number(byteCount), "executions": .number(executions),
            "keptBytes": .number(keptByteCount),
        ])
    }

    fileprivate func line(isDryRun: Bool) -> String {
        "\(segments) segments (\(Texts.byteCount(byteCount))) with \(executions) executions "
            + "\(isDryRun ? "would go" : "are gone"), \(Texts.byteCount(keptByteCount)) "
            + "\(isDryRun ? "would stay" : "stay")"
    }
}
