import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun show`
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows what is known of an execution, and its events in order.")

    @Argument(help: "The first digits of an id.")
    var id: IDArgument

    @OptionGroup var store: StoreArgument

    @Flag(help: "Prints JSON: a line for the execution, then one per event.")
    var json = false

    func run() async throws {
        let opened = try store.openForReading()
        let execution = try id.execution(in: opened)
        let timeline = Timeline(execution)
        if json {
            Console.line(execution.json)
            try timeline.forEachEntry(in: opened) { Console.line($0.json) }
        } else {
            let columnCount = Console.columnCount ?? 80
            timeline.summaryLines(columnCount: columnCount).forEach { Console.line($0) }
            Console.line()
            Console.line(Timeline.title(columnCount: columnCount))
            try timeline.forEachEntry(in: opened) { Console.line($0.line(columnCount: columnCount)) }
        }
    }
}
