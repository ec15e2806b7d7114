import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun ls`
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists executions, newest start first.",
        discussion: "All conditions given must hold. Times are UTC.")

    /// What `--status` takes.
    enum Status: String, CaseIterable, ExpressibleByArgument {
        case ok, failed, running, cancelled
    }

    @OptionGroup var store: StoreArgument

    @Option(help: "Only executions of this app.")
    var app: String?

    @Option(help: "Only executions of this route.")
    var route: String?

    @Option(help: "Only executions with this status.")
    var status: Status?

    @Option(
        help: ArgumentHelp(
            "Only those started at this time or later: 2026-11-25, an RFC 3339 time, or 90m, 12h, 7d ago.",
            valueName: "time"))
    var since: TimeArgument?

    @Option(help: ArgumentHelp("Only those started before this time.", valueName: "time"))
    var until: TimeArgument?

    @Option(help: "The most executions to list.")
    var limit = 50

    @Flag(help: "Prints JSON, one line per execution.")
    var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        let opened = try store.openForReading()
        let query = ExecutionQuery(
            app: app,
            status: status.flatMap { status in ExecutionMetadata.Status.allCases.first { $0.name == status.rawValue } },
            route: route, startedAtFirst: since?.nanoseconds, startedAtEnd: until?.nanoseconds)
        var listing = ExecutionListing(opened, isJSON: json)
        var remaining = limit
        var token: PageToken?
        repeat {
            let page = try opened.executions(matching: query, limit: min(remaining, 1000), after: token)
            try listing.add(page.executions)
            remaining -= page.executions.count
            token = page.nextPageToken
        } while token != nil && remaining > 0
        listing.end(hasMore: token != nil)
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

    func end(hasMore: Bool) {
        guard !isJSON else { return }
        guard count > 0 else { return Console.note("no execution matches") }
        table.print()
        if hasMore { Console.note("there are more; --limit lists them") }
    }
}
