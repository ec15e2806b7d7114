import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun scavenge`
struct ScavengeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scavenge", abstract: "Takes the bytes of deleted executions off the disk.",
        discussion:
            """
            Writes segments anew of which more than 30 % is deleted; with --all every one that has anything deleted, so that \
            no file of the store has a byte of it. The store must not be open for writing. Exit code 3: a reader was in the \
            way of cleaning the index; run it again.
            """)

    @OptionGroup var store: StoreArgument

    @Flag(help: "Writes every segment anew that has something deleted.")
    var all = false

    @Flag(help: "Prints JSON, one line.")
    var json = false

    func run() async throws {
        let report = try await store.whileWriting { try await $0.scavenge(all ? .all : .share(0.3)) }
        if json { Console.line(report.json) } else { Console.line(report.line) }
        if !report.isIndexClean { throw ExitCode.lossy }
    }
}

extension ScavengeReport {
    fileprivate var json: JSONValue {
        .members([
            "segments": .number(segments), "bytes": .number(byteCount), "indexClean": .bool(isIndexClean),
        ])
    }

    fileprivate var line: String {
        let index = isIndexClean ? "" : "; a reader was in the way of cleaning the index, run it again"
        return "\(segments) segments were written anew, \(Texts.byteCount(byteCount)) smaller\(index)"
    }
}
