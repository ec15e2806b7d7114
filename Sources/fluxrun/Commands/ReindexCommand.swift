import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun reindex`
struct ReindexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex", abstract: "Builds the index of a store anew from its log.",
        discussion: "The store must not be open for writing. A crash leaves the index as it was, or none.")

    @OptionGroup var store: StoreArgument

    @Flag(help: "Prints JSON, one line.")
    var json = false

    func run() throws {
        let start = ContinuousClock.now
        let rebuild = try IndexRebuild(of: store.store)
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        let nanoseconds = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        if json {
            Console.line(
                JSONValue.members([
                    "executions": .number(rebuild.executionCount), "durationNanoseconds": .number(nanoseconds),
                ]))
        } else {
            Console.line("\(rebuild.executionCount) executions indexed in \(Texts.duration(nanoseconds))")
        }
    }
}
