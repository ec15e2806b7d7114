import FluxFormat
import FluxImport
import FluxStore

/// The main job on real recordings, from files to answers: each step prints what it does and holds it against what was
/// recorded.
struct Demo {
    /// Recordings whose name has this, and what they show.
    private static let conversations = (
        proxied: "should respect request order", polled: "test_background_mode_vcr"
    )

    let recordings: String
    let path: String
    private let start = ContinuousClock.now

    init(recordings: String, path: String) {
        self.recordings = recordings
        self.path = path
    }

    func run() async throws {
        let imported = try await importAll()
        let store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        try list(store)
        var polled = try conversation(Self.conversations.polled, in: store)
        try show(polled.execution, in: store)
        var sameCount = 0
        Console.line("\n4. Two programs that know nothing of this one have recorded conversations again:")
        if CurlClient.path == nil {
            Console.warn("curl is not installed, so its part is left out")
        } else {
            var proxied = try conversation(Self.conversations.proxied, in: store)
            _ = try await have(&proxied, with: CurlClient())
            sameCount += proxied.sameCount
        }
        let miss = try await have(&polled, with: URLSessionClient())
        sameCount += polled.sameCount
        Console.line("\n5. What was never recorded gets a clear miss, and nothing goes out to the network:")
        Console.line("  \(miss.printable.fitted(to: 400))")
        Console.line("\n6. Every hash, chain link and index row:")
        let report = try await store.verify()
        Console.line("  \(report.line)")
        guard report.isClean else { throw DemoError("the store is not as it was written") }
        try await summarize(imported, sameCount: sameCount, example: polled.execution, store: store)
    }

    private func importAll() async throws -> ImportReport {
        Console.line("1. Import the recordings in \(recordings), which other tools made:\n")
        let store = try EventStore.open(at: path)
        var run = ImportRun(into: store, reader: RecordingReader())
        try await run.run([recordings])
        await store.close()
        for line in run.report.lines { Console.line("  " + line) }
        guard run.report.total.executions > 0, !run.hasFailures else {
            throw DemoError("\(recordings): not all recordings could be read")
        }
        return run.report
    }

    private func list(_ store: EventStore) throws {
        Console.line("\n2. The newest executions:\n")
        var listing = ExecutionListing(store, isJSON: false)
        try listing.add(try store.executions(limit: 5).executions)
        listing.end(next: nil)
    }

    private func show(_ execution: ExecutionSummary, in store: EventStore) throws {
        Console.line("\n3. One of them, event by event:\n")
        Console.line(Timeline.title(columnCount: 80))
        try Timeline(execution).forEachEntry(in: store) { Console.line($0.line(columnCount: 80)) }
    }
}

extension Demo {
    private func conversation(_ name: String, in store: EventStore) throws -> DemoConversation {
        var token: PageToken?
        repeat {
            let page = try store.executions(limit: 1000, after: token)
            if let execution = page.executions.first(where: { $0.metadata.name.contains(name) }) {
                return DemoConversation(execution, in: store)
            }
            token = page.nextPageToken
        } while token != nil
        throw DemoError("\(recordings): the recording \"\(name)\" is missing")
    }

    private func have(_ conversation: inout DemoConversation, with client: some DemoClient) async throws -> String {
        Console.line("\n  \(client.name): \(conversation.execution.metadata.name)")
        let miss = try await conversation.repeatAll(with: client)
        Console.line("  \(conversation.sameCount) answers, \(conversation.byteCount) bytes, all as recorded")
        return miss
    }

    private func summarize(
        _ imported: ImportReport, sameCount: Int, example: ExecutionSummary, store: EventStore
    ) async throws {
        let statistics = try await store.statistics()
        let id = try store.shortID(of: example.id)
        let total = imported.total
        let ratio = Double(statistics.rawByteCount) / Double(max(1, statistics.storedByteCount))
        Console.line(
            """

            Done in \(Texts.decimal((ContinuousClock.now - start) / .seconds(1), digits: 1)) s:
              \(total.files) files became \(statistics.executions) executions with \(statistics.interactions) calls, \
            \(Texts.byteCount(statistics.rawByteCount)) stored in \(Texts.byteCount(statistics.storedByteCount)) \
            (\(Texts.decimal(ratio, digits: 2)) : 1);
              \(sameCount) answers were asked for again, and each was the recorded one, byte for byte.
            The store lies in \(path)

            Try next, with  alias fluxrun="swift run fluxrun":
              fluxrun ls --store \(path)
              fluxrun show \(id) --store \(path)
              fluxrun cat \(id) --store \(path) --json
              fluxrun playback \(id) --store \(path)
              fluxrun import YOUR-RECORDINGS --store captures
            """)
    }
}
