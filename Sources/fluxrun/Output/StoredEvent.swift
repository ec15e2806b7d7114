import FluxFormat
import FluxStore

/// An event with its payload, as `cat` prints it.
struct StoredEvent {
    let index: UInt64
    let event: Event
    /// The meaning of the payload of an HTTP event.
    let exchange: HTTPExchange?

    private init(index: UInt64, event: Event) throws(FormatError) {
        self.index = index
        self.event = event
        guard event.kind == .http, !event.flags.contains(.isSealed) else {
            exchange = nil
            return
        }
        exchange = try HTTPExchange(
            payload: event.payload.rawSpan, descriptor: try EventDescriptor(parsing: event.descriptor.rawSpan),
            offsetNanoseconds: event.offsetNanoseconds)
    }

    /// Calls `body` with every event of an execution; one event stands in memory at a time.
    static func forEach(of id: ExecutionID, in store: EventStore, _ body: (StoredEvent) throws -> Void) throws {
        try forEach(in: store.cursor(over: id), body)
    }

    /// Calls `body` with every event that a cursor has left.
    static func forEach(in cursor: consuming EventCursor, _ body: (StoredEvent) throws -> Void) throws {
        var assembler = EventAssembler()
        while let view = try cursor.next() {
            guard let whole = assembler.add(view) else { continue }
            try body(StoredEvent(index: whole.index, event: whole.event))
        }
    }
}

extension StoredEvent {
    /// The line of `cat --json`.
    var json: JSONValue {
        var members = JSONMembers()
        members.add("index", .number(index))
        members.add("kind", .text(event.kind.description))
        members.add("name", .optional(event.name) { .text($0) })
        members.add("offsetNanoseconds", .optional(event.offsetNanoseconds) { .number($0) })
        if let exchange {
            members.add("request", Self.json(exchange.request))
            members.add("response", .optional(exchange.response) { Self.json($0) })
        } else {
            members.add("payload", .body(event.payload))
        }
        return members.value
    }

    private static func json(_ request: HTTPRequestRecord) -> JSONValue {
        .members([
            "method": .text(request.method), "url": .text(request.url), "headers": json(request.headers),
            "body": .body(request.body),
        ])
    }

    private static func json(_ response: HTTPResponseRecord) -> JSONValue {
        .members([
            "status": .number(response.status), "headers": json(response.headers), "body": .body(response.body),
        ])
    }

    private static func json(_ headers: [HTTPHeader]) -> JSONValue {
        .array(headers.map { .array([.text($0.name), .text($0.value)]) })
    }
}

extension StoredEvent {
    /// The event for a person: heads and bodies as they went over the wire, as far as they are text.
    var lines: [String] {
        let offset = event.offsetNanoseconds.map { " +" + Texts.duration($0) } ?? ""
        let title = "── \(index) \(event.kind)\(event.name.map { " \($0.printable)" } ?? "")\(offset)"
        guard let exchange else { return [title] + Self.bodyLines(event.payload) }
        let request = exchange.request
        var lines = [title, "\(request.method) \(request.url) \(request.version)".printable]
        lines += Self.headerLines(request.headers) + Self.bodyLines(request.body)
        guard let response = exchange.response else { return lines + ["(no answer)"] }
        lines.append(
            "\(response.version.isEmpty ? "HTTP" : response.version) \(response.status) \(response.reason)".printable)
        return lines + Self.headerLines(response.headers) + Self.bodyLines(response.body)
    }

    private static func headerLines(_ headers: [HTTPHeader]) -> [String] {
        headers.map { "\($0.name): \($0.value)".printable }
    }

    private static func bodyLines(_ body: [UInt8]?) -> [String] {
        guard let body, !body.isEmpty else { return [""] }
        guard let text = String(validating: body, as: UTF8.self), !text.contains("\0") else {
            return ["", "(\(Texts.byteCount(UInt64(body.count))) that are no text; --json has them in base64)", ""]
        }
        return ["", text.printableLines, ""]
    }
}
