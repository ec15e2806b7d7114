import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun cat`
struct CatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat", abstract: "Prints every event of an execution with its payload.")

    @Argument(help: "The first digits of an id.")
    var id: IDArgument

    @OptionGroup var store: StoreArgument

    @Flag(help: "Prints JSON, one line per event; bodies as text where they are UTF-8, else in base64.")
    var json = false

    func run() async throws {
        let opened = try store.openForReading()
        let execution = try id.execution(in: opened)
        try StoredEvent.forEach(of: execution.id, in: opened) { event in
            if json { Console.line(event.json) } else { event.lines.forEach { Console.line($0) } }
        }
    }
}
