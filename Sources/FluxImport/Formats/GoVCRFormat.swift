import FluxFormat

extension RecordingKind {
    /// Cassettes of Go's go-vcr.
    package static let goVCR = RecordingKind(rawValue: "go-vcr")
}

/// Cassettes of Go's go-vcr, versions 1 and 2 of its format.
struct GoVCRFormat: ImportFormat {
    let family = "vcr"
    let kinds: [RecordingKind] = [.goVCR]
    let marks = ["version: 1\ninteractions:", "version: 2\ninteractions:"]
    let fileExtensions: [String] = []

    func kind(of document: Document) -> RecordingKind? {
        guard let items = document.root["interactions"], document.root["version"] != nil else { return nil }
        if items.isNull { return .goVCR }
        guard let list = items.list else { return nil }
        return list.isEmpty || list.contains { $0["request"]?["url"] != nil } ? .goVCR : nil
    }

    func contents(of document: Document, kind: RecordingKind) throws(ImportError) -> FormatContents {
        guard let items = try document.cursor.value("interactions") else { return FormatContents() }
        return try Cassette.contents(of: document, items: items, read: interaction)
    }

    private func interaction(_ item: TreeCursor) throws(ImportError) -> RecordedInteraction? {
        let request = try item.required("request")
        // Go writes an empty method for GET.
        let method = try request.value("method")?.text() ?? ""
        let record = HTTPRequestRecord(
            method: method.isEmpty ? "GET" : method.uppercased(), url: try request.required("url").text(),
            version: try request.value("proto")?.text() ?? "",
            headers: try request.value("headers")?.headerMap() ?? [], body: try request.value("body")?.cassetteBody())
        let response = try item.value("response")
        var exchange = HTTPExchange(request: record, response: try response.map(self.response))
        exchange.durationNanoseconds = Durations.go(try response?.value("duration")?.text() ?? "")
        return RecordedInteraction(exchange: exchange, cursor: item)
    }

    private func response(_ response: TreeCursor) throws(ImportError) -> HTTPResponseRecord {
        HTTPResponseRecord(
            status: try response.required("code").status(),
            reason: reasonPhrase(try response.value("status")?.text() ?? ""),
            version: try response.value("proto")?.text() ?? "",
            headers: try response.value("headers")?.headerMap() ?? [],
            body: try response.value("body")?.cassetteBody())
    }
}
