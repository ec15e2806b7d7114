import FluxFormat
import FluxReplay
import FluxStore

/// A recorded conversation that a client has again.
struct DemoConversation {
    let execution: ExecutionSummary
    let store: EventStore
    private(set) var sameCount = 0
    private(set) var byteCount = 0

    init(_ execution: ExecutionSummary, in store: EventStore) {
        self.execution = execution
        self.store = store
    }

    /// Lets the client send every recorded request, and holds each answer against the recording, byte for byte.
    ///
    /// Then sends a request that was never recorded, and returns the answer to it.
    mutating func repeatAll(with client: some DemoClient) async throws -> String {
        let session = try PlaybackSession(over: [StoredRecording(execution.id, in: store)])
        let responder = PlaybackResponder(session: session, missStatus: 404, onMiss: { _ in }, onRefusal: { _ in })
        let server = PlaybackServer(responder: responder, address: .anyLocal)
        var exchanges: [HTTPExchange] = []
        try StoredEvent.forEach(of: execution.id, in: store) { event in
            if let exchange = event.exchange { exchanges.append(exchange) }
        }
        let (addresses, running) = AsyncStream<String>.makeStream()
        let serving = Task {
            defer { running.finish() }
            try await server.run(stoppingOn: []) { url in running.yield(url) }
        }
        defer { serving.cancel() }
        guard let baseURL = await addresses.first(where: { _ in true }) else {
            try await serving.value
            throw DemoError("the playback server ended at once")
        }
        for (index, exchange) in exchanges.enumerated() {
            try await ask(exchange, index: index, client: client, baseURL: baseURL)
        }
        return try await miss(exchanges, client: client, baseURL: baseURL)
    }

    private mutating func ask(
        _ exchange: HTTPExchange, index: Int, client: some DemoClient, baseURL: String
    ) async throws {
        let request = exchange.request
        guard let recorded = exchange.response else { return }
        let answer = try await client.answer(to: request, baseURL: baseURL)
        let body = recorded.body ?? []
        let isSame = answer.status == Int(recorded.status) && answer.body == body
        let title = "\(request.method) \(request.url)".printable.fitted(to: 52)
        let verdict = isSame ? "same" : "DIFFERENT: \(answer.body.count) bytes for \(body.count)"
        Console.line("  \(title.padded(to: 52)) \(answer.status)\("\(body.count) B".aligned(to: 10))  \(verdict)")
        guard isSame else { throw DemoError("the answer to request \(index) differs from the recording") }
        sameCount += 1
        byteCount += body.count
    }

    private func miss(
        _ exchanges: [HTTPExchange], client: some DemoClient, baseURL: String
    ) async throws -> String {
        guard var request = exchanges.first?.request else { throw DemoError("the execution has no HTTP event") }
        request.method = "GET"
        request.body = nil
        request.url += "/never-recorded"
        let answer = try await client.answer(to: request, baseURL: baseURL)
        guard answer.status == 404 else {
            throw DemoError("what was never recorded was answered with \(answer.status)")
        }
        return String(decoding: answer.body, as: UTF8.self)
    }
}
