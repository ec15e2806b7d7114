import ArgumentParser
import FluxFormat
import FluxStore
import Glibc

/// `fluxrun export`
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes an execution in a format that other tools open.",
        discussion: "Writes to standard output. Importing it again gives the same interactions.")

    @Argument(help: "The first digits of an id.")
    var id: IDArgument

    @OptionGroup var store: StoreArgument

    @Flag(help: "As an HTTP archive (HAR 1.2).")
    var har = false

    func validate() throws {
        guard har else { throw ValidationError("give a format: --har") }
    }

    func run() async throws {
        let opened = try store.openForReading()
        let execution = try id.execution(in: opened)
        var document = HARDocument(execution)
        var otherCount = 0
        try StoredEvent.forEach(of: execution.id, in: opened) { event in
            if let exchange = event.exchange { document.add(exchange) } else { otherCount += 1 }
        }
        Console.line(String(decoding: document.encoded, as: UTF8.self))
        if otherCount > 0 { Console.warn("\(otherCount) events are not HTTP in clear and were left out") }
    }
}
