import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun ls`
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists executions, newest start first.",
        discussion: "All conditions given must hold. Times are UTC.")

    /// What `--group-by` takes.
    enum Grouping: String, CaseIterable, ExpressibleByArgument {
        case fingerprint, app, route, name, status, source
    }

    @OptionGroup var store: StoreArgument
    @OptionGroup(title: "Conditions") var conditions: QueryArguments

    @Option(help: "The most executions, or groups, to list.")
    var limit = 50

    @Flag(help: "Lists the oldest start first; executions without a time come before.")
    var oldestFirst = false

    @Option(help: ArgumentHelp("Goes on where a list of the same conditions ended.", valueName: "token"))
    var pageToken: PageTokenArgument?

    @Option(help: "Counts executions in groups, the largest first.")
    var groupBy: Grouping?

    @Flag(help: "Draws how many executions started when; those that failed are shaded.")
    var histogram = false

    @Option(help: "The number of bars of --histogram.")
    var bars = 20

    @Flag(help: "Prints JSON, one line per execution, group or bar.")
    var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
        guard (1...10_000).contains(bars) else { throw ValidationError("--bars must be from 1 to 10000") }
        guard !histogram || groupBy == nil else {
            throw ValidationError("--histogram and --group-by are two lists: ask for one")
        }
        guard pageToken == nil || !histogram && groupBy == nil else {
            throw ValidationError("--page-token goes on with a list of executions, not with groups or bars")
        }
    }

    func run() async throws {
        let opened = try store.openForReading()
        if histogram {
            try await opened.histogram(matching: conditions.query, bucketCount: bars).print(isJSON: json)
        } else if let groupBy {
            let groups = try await opened.groups(by: groupBy.grouping, matching: conditions.query, limit: limit)
            try groups.print(of: opened, title: groupBy.rawValue, isJSON: json)
        } else {
            try list(opened)
        }
    }

    private func list(_ opened: EventStore) throws {
        var listing = ExecutionListing(opened, isJSON: json)
        var remaining = limit
        var token = pageToken?.token
        repeat {
            let page = try opened.executions(
                matching: conditions.query, order: oldestFirst ? .oldestFirst : .newestFirst,
                limit: min(remaining, 1000), after: token)
            try listing.add(page.executions)
            remaining -= page.executions.count
            token = page.nextPageToken
        } while token != nil && remaining > 0
        listing.end(next: token)
    }
}

extension ListCommand.Grouping {
    /// The store's word for it.
    fileprivate var grouping: ExecutionGrouping {
        switch self {
        case .fingerprint: .errorFingerprint
        case .app: .app
        case .route: .route
        case .name: .name
        case .status: .status
        case .source: .source
        }
    }
}

/// A token as an earlier list gave it.
struct PageTokenArgument: ExpressibleByArgument {
    let token: PageToken

    init?(argument: String) {
        guard let token = PageToken(argument) else { return nil }
        self.token = token
    }
}

/// Prints executions as rows of a table, or as lines of JSON.
struct ExecutionListing {
    private let store: EventStore
    private let isJSON: Bool
    private var count = 0
    private var table = Table([
        .text("ID"), .text("STARTED"), .text("STATUS"), .number("CALLS"), .text("APP"), .text("NAME"), .text("ROUTE"),
    ])

    init(_ store: EventStore, isJSON: Bool) {
        self.store = store
        self.isJSON = isJSON
    }

    mutating func add(_ executions: [ExecutionSummary]) throws {
        count += executions.count
        guard !isJSON else { return executions.forEach { Console.line($0.json) } }
        for execution in executions {
            let metadata = execution.metadata
            table.add([
                try store.shortID(of: execution.id), metadata.startedAt.map { Texts.time($0) } ?? "-",
                metadata.status.name,
                "\(metadata.interactionCount)", metadata.app.fitted(to: 14), metadata.name.fitted(to: 30),
                metadata.route.fitted(to: 40),
            ])
        }
    }

    /// Ends the list; `next` asks for what is behind it.
    func end(next: PageToken?) {
        if !isJSON {
            guard count > 0 else { return Console.note("no execution matches") }
            table.print()
        }
        if let next { Console.note("there are more; --page-token \(next) lists them") }
    }
}
