import FluxFormat

extension RecordingKind {
    /// Cassettes of Ruby's VCR in YAML.
    package static let vcrRuby = RecordingKind(rawValue: "vcr-ruby")
    /// Cassettes of Ruby's VCR in JSON.
    package static let vcrRubyJSON = RecordingKind(rawValue: "vcr-ruby-json")
}

/// Cassettes of Ruby's VCR, and of Python's betamax and R's vcr, which write nearly the same.
///
/// Since 2.0 a map with `http_interactions`; 1.x had a list of dumped structs, and 0.3 a list with method and URI beside
/// a dumped `Net::HTTP` response.
struct RubyVCRFormat: ImportFormat {
    let family = "vcr"
    let kinds: [RecordingKind] = [.vcrRuby, .vcrRubyJSON]
    let marks = ["http_interactions", "!ruby/struct:VCR::"]
    let fileExtensions: [String] = []

    func kind(of document: Document) -> RecordingKind? {
        guard document.root["http_interactions"] != nil || isList(document.root) else { return nil }
        return document.syntax == .yaml ? .vcrRuby : .vcrRubyJSON
    }

    private func isList(_ root: Tree) -> Bool {
        guard let first = root.list?.first, first["response"] != nil else { return false }
        return first["uri"] != nil || first["request"]?["uri"] != nil
    }

    func contents(of document: Document, kind: RecordingKind) throws(ImportError) -> FormatContents {
        let root = document.cursor
        let items = root.tree.list == nil ? try root.value("http_interactions") : root
        let recorder = document.root["recorded_with"]?.text
        guard let items else { return FormatContents() }
        return try Cassette.contents(of: document, items: items, recorder: recorder, read: interaction)
    }

    private func interaction(_ item: TreeCursor) throws(ImportError) -> RecordedInteraction? {
        // In 0.3 there is no request, only its method and URI.
        let request = try item.value("request") ?? item
        let record = HTTPRequestRecord(
            method: try request.required("method").symbol().uppercased(), url: try request.required("uri").text(),
            headers: try request.value("headers")?.headerMap() ?? [],
            body: try request.value("body")?.cassetteBody())
        let exchange = HTTPExchange(request: record, response: try item.value("response").map(response))
        let time = try item.value("recorded_at")?.text()
        return RecordedInteraction(exchange: exchange, startedAt: time.flatMap(Timestamp.nanoseconds), cursor: item)
    }

    private func response(_ response: TreeCursor) throws(ImportError) -> HTTPResponseRecord {
        // A dumped Net::HTTP response has code, message and header of its own, and so had betamax's first ones. The R
        // package vcr writes a map with another name, or the number alone.
        let status = try response.value("status") ?? response
        let code = try status.tree.text == nil ? status.value(anyOf: "code", "status_code") : status
        guard let code else { throw status.wrongShape("\"code\" is missing here") }
        let headers = try response.value(anyOf: "headers", "header")
        return HTTPResponseRecord(
            status: try code.status(), reason: status.tree["message"]?.text ?? "",
            version: httpVersion(try response.value("http_version")?.text() ?? ""),
            headers: try headers?.headerMap() ?? [], body: try response.value("body")?.cassetteBody())
    }
}
