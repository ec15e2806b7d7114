import ArgumentParser
import FluxFormat
import FluxStore

/// The option that names the store.
struct StoreArgument: ParsableArguments {
    @Option(help: ArgumentHelp("The folder of the store.", valueName: "dir"))
    var store: String

    func validate() throws {
        guard !store.isEmpty else { throw ValidationError("--store needs the path of a folder") }
    }

    /// Opens the store for reading, and tells on standard error what was found that a person should know.
    func openForReading() throws(StoreError) -> EventStore {
        let store = try EventStore.open(at: store, options: StoreOptions(access: .readOnly))
        for warning in store.warnings { Console.warn(warning) }
        return store
    }
}

/// The first digits of an id.
struct IDArgument: ExpressibleByArgument {
    let prefix: ExecutionIDPrefix

    init?(argument: String) {
        guard let prefix = ExecutionIDPrefix(argument) else { return nil }
        self.prefix = prefix
    }

    /// The execution that the digits name.
    func execution(in store: EventStore) throws -> ExecutionSummary {
        try store.execution(startingWith: prefix)
    }
}
