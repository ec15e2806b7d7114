import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun delete`
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Deletes an execution.",
        discussion:
            """
            It is gone from every list at once, and a retry of it is refused. Its bytes stay in the files until scavenge has \
            written them anew. The store must not be open for writing.
            """)

    @Argument(help: "The first digits of an id.")
    var id: IDArgument

    @OptionGroup var store: StoreArgument

    @Flag(help: "Prints JSON, one line.")
    var json = false

    func run() async throws {
        let execution = try await store.whileWriting { opened in
            let found = try id.execution(in: opened)
            try await opened.delete(found.id)
            return found
        }
        if json {
            Console.line(JSONValue.members(["id": .text(execution.id.description), "deleted": .bool(true)]))
        } else {
            Console.line("\(execution.id) is deleted; scavenge takes its bytes off the disk")
        }
    }
}
