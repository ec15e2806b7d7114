import FluxFormat

extension RecordingKind {
    /// Cassettes of Python's vcrpy.
    package static let vcrPy = RecordingKind(rawValue: "vcrpy")
}

/// Cassettes of Python's vcrpy.
///
/// Projects write more into them than vcrpy does: `parsed_body` for a body as a YAML tree, and items for web sockets
/// and gRPC, which are counted and passed over.
struct VCRPyFormat: ImportFormat {
    let family = "vcr"
    let kinds: [RecordingKind] = [.vcrPy]
    let marks = ["interactions:\n- request", "interactions:\r\n- request", "interactions:\n- kind"]
    let fileExtensions: [String] = []

    func kind(of document: Document) -> RecordingKind? {
        guard let items = document.root["interactions"] else { return nil }
        guard let list = items.list, document.root["version"] != nil || !list.isEmpty else { return nil }
        // Of two kinds of empty cassettes, Go's start with a marker.
        if list.isEmpty { return document.hasStartMarker ? nil : .vcrPy }
        guard !list.contains(where: { $0["request"]?["url"] != nil }) else { return nil }
        let isVersioned = document.root["version"] != nil
        return list.contains { item in
            item["request"]?["uri"] != nil || otherProtocol(item) != nil || (isVersioned && item["request"] != nil)
        } ? .vcrPy : nil
    }

    /// The protocol of an item that is not HTTP.
    private func otherProtocol(_ item: Tree) -> String? {
        if item["request_sample"] != nil || item["request_stream"] != nil { return "gRPC" }
        return item["kind"] != nil && item["direction"] != nil ? "websocket" : nil
    }

    func contents(of document: Document, kind: RecordingKind) throws(ImportError) -> FormatContents {
        guard let items = try document.cursor.value("interactions") else { return FormatContents() }
        var counts: [String: Int] = [:]
        var contents = try Cassette.contents(of: document, items: items) { item throws(ImportError) in
            if let name = otherProtocol(item.tree) {
                counts[name, default: 0] += 1
                return nil
            }
            return try interaction(item)
        }
        contents.skipped = counts.sorted { $0.key < $1.key }.map { SkippedItems(name: $0.key, count: $0.value) }
        return contents
    }

    private func interaction(_ item: TreeCursor) throws(ImportError) -> RecordedInteraction {
        let request = try item.required("request")
        let record = HTTPRequestRecord(
            method: try request.required("method").text().uppercased(), url: try request.required("uri").text(),
            headers: try request.value("headers")?.headerMap() ?? [], body: try body(of: request))
        let exchange = HTTPExchange(request: record, response: try item.value("response").map(response))
        return RecordedInteraction(exchange: exchange, cursor: item)
    }

    private func response(_ response: TreeCursor) throws(ImportError) -> HTTPResponseRecord {
        // What vcrpy wrote for httpx in its first years has a number, one text for each header, and `content`.
        let isOld = response.tree["status_code"] != nil
        let status = isOld ? response : try response.required("status")
        return HTTPResponseRecord(
            status: try status.required(isOld ? "status_code" : "code").status(),
            reason: try status.value("message")?.text() ?? "",
            version: httpVersion(try response.value("http_version")?.text() ?? ""),
            headers: try response.value("headers")?.headerMap() ?? [], body: try body(of: response))
    }

    private func body(of message: TreeCursor) throws(ImportError) -> [UInt8]? {
        if let body = try message.value("body") { return try body.cassetteBody() }
        if let content = try message.value("content") { return try content.bodyBytes() }
        return try message.member("parsed_body")?.json()
    }
}
