import FluxFormat
import Foundation

/// An HTTP archive (HAR 1.2) of an execution's HTTP events.
///
/// What HAR has no place for stands in members whose names begin with `_`, as the format allows, and is read back by the
/// import: `_encoding` of a request body that is no text, `_hasNoTime` of an entry, `_hasNoAnswer` of an answer.
struct HARDocument {
    private let startedAt: UInt64?
    private var entries: [JSONValue] = []

    init(_ execution: ExecutionSummary) {
        startedAt = execution.metadata.startedAt
    }

    mutating func add(_ exchange: HTTPExchange) {
        entries.append(entry(exchange))
    }

    /// The archive as JSON text.
    var encoded: [UInt8] {
        JSONValue.members([
            "log": .members([
                "version": .text("1.2"),
                "creator": .members(["name": .text("fluxrun"), "version": .text(FluxRun.version)]),
                "pages": .array([]), "entries": .array(entries),
            ])
        ]).encoded
    }

    private func entry(_ exchange: HTTPExchange) -> JSONValue {
        let start = startedAt.flatMap { start in
            exchange.offsetNanoseconds.map { offset in start.addingReportingOverflow(offset) }
        }.flatMap { $0.overflow ? nil : $0.partialValue }
        var members = JSONMembers()
        // HAR demands a time of every entry.
        members.add("startedDateTime", .text(Texts.rfc3339(start ?? 0)))
        if start == nil { members.add("_hasNoTime", .bool(true)) }
        let time = exchange.durationNanoseconds.map(Self.milliseconds)
        members.add("time", time ?? .number(-1))
        members.add("request", request(exchange.request))
        members.add("response", response(exchange.response, to: exchange.request))
        members.add("cache", .members([:]))
        members.add("timings", .members(["send": .number(0), "wait": time ?? .number(0), "receive": .number(0)]))
        return members.value
    }

    /// Exact, as HAR has milliseconds with a fraction.
    private static func milliseconds(_ nanoseconds: UInt64) -> JSONValue {
        let fraction = String(nanoseconds % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - fraction.count)
        return .number("\(nanoseconds / 1_000_000).\(zeros)\(fraction)")
    }
}

extension HARDocument {
    private func request(_ request: HTTPRequestRecord) -> JSONValue {
        var members = JSONMembers()
        members.add("method", .text(request.method))
        members.add("url", .text(request.url))
        members.add("httpVersion", .text(request.version))
        members.add("cookies", .array([]))
        members.add("headers", headers(request.headers))
        members.add("queryString", queryString(of: request.url))
        if let body = request.body {
            var post = JSONMembers()
            post.add("mimeType", .text(Self.mediaType(request.headers)))
            post.addText(of: body, encodingName: "_encoding")
            members.add("postData", post.value)
        }
        members.add("headersSize", .number(-1))
        members.add("bodySize", .number(request.body?.count ?? 0))
        return members.value
    }

    private func response(_ response: HTTPResponseRecord?, to request: HTTPRequestRecord) -> JSONValue {
        var members = JSONMembers()
        members.add("status", .number(response?.status ?? 0))
        members.add("statusText", .text(response?.reason ?? ""))
        members.add("httpVersion", .text(response?.version ?? ""))
        members.add("cookies", .array([]))
        members.add("headers", headers(response?.headers ?? []))
        var content = JSONMembers()
        content.add("size", .number(response?.body?.count ?? 0))
        content.add("mimeType", .text(Self.mediaType(response?.headers ?? [])))
        if let body = response?.body { content.addText(of: body, encodingName: "encoding") }
        members.add("content", content.value)
        members.add("redirectURL", .text(Self.value(of: "location", in: response?.headers ?? []) ?? ""))
        members.add("headersSize", .number(-1))
        members.add("bodySize", .number(response?.body?.count ?? -1))
        if response == nil { members.add("_hasNoAnswer", .bool(true)) }
        return members.value
    }

    private func headers(_ headers: [HTTPHeader]) -> JSONValue {
        .array(headers.map { .members(["name": .text($0.name), "value": .text($0.value)]) })
    }

    private func queryString(of url: String) -> JSONValue {
        let items = URLComponents(string: url)?.queryItems ?? []
        return .array(items.map { .members(["name": .text($0.name), "value": .text($0.value ?? "")]) })
    }

    private static func mediaType(_ headers: [HTTPHeader]) -> String {
        value(of: "content-type", in: headers) ?? "application/octet-stream"
    }

    private static func value(of name: String, in headers: [HTTPHeader]) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }
}
