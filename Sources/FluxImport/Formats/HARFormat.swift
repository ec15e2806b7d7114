import FluxFormat

extension RecordingKind {
    /// HTTP archives of browsers and proxies.
    package static let har = RecordingKind(rawValue: "har")
    /// HTTP archives in the dialect of Polly.JS.
    package static let polly = RecordingKind(rawValue: "polly")
}

/// HTTP archives (HAR 1.1 and 1.2): one execution for each page, and one for the entries that belong to no page.
struct HARFormat: ImportFormat {
    let family = "har"
    let kinds: [RecordingKind] = [.har, .polly]
    let marks = ["\"startedDateTime\"", "\"Polly.JS\""]
    let fileExtensions = ["har", "harp"]

    func kind(of document: Document) -> RecordingKind? {
        guard let log = document.root["log"], ["entries", "pages", "creator"].contains(where: { log[$0] != nil }) else {
            // A file of that name is a HAR file without its log, which reading it will tell.
            return fileExtensions.contains(fileExtension(of: document.file)) ? .har : nil
        }
        let isPolly = log["_recordingName"] != nil || log["creator"]?["name"]?.text == "Polly.JS"
        return isPolly ? .polly : .har
    }

    func contents(of document: Document, kind: RecordingKind) throws(ImportError) -> FormatContents {
        let log = try document.cursor.required("log")
        guard let entries = try log.member("entries"), entries.tree.list != nil else {
            throw log.wrongShape("a HAR log must have the list \"entries\"; was the file cut or edited?")
        }
        let pages = HARPages(log, file: document.file)
        var groups = PageGroups()
        for entry in try entries.elements() {
            let page = pages.page(of: entry)
            do throws(ImportError) {
                groups.add(try interaction(entry, kind: kind), to: page)
            } catch {
                groups.fail(page, error)
            }
        }
        return groups.contents(pages: pages)
    }

    private func interaction(_ entry: TreeCursor, kind: RecordingKind) throws(ImportError) -> RecordedInteraction {
        let request = try entry.required("request")
        let record = HTTPRequestRecord(
            method: try request.required("method").text(), url: try request.required("url").text(),
            version: try request.value("httpVersion")?.text() ?? "", headers: try headers(of: request),
            body: try request.value("postData").flatMap { post throws(ImportError) in try HARBody.request(post) })
        var response: HTTPResponseRecord?
        if let answer = try entry.value("response"), try !answer.members().isEmpty,
            answer.tree["_hasNoAnswer"]?.text != "true"
        {
            response = try self.response(answer, kind: kind)
        }
        let exchange = HTTPExchange(
            request: record, response: response,
            durationNanoseconds: entry.tree["time"]?.text.flatMap(Durations.milliseconds))
        // HAR demands a time of every entry; our own export says where there is none.
        let hasNoTime = entry.tree["_hasNoTime"]?.text == "true"
        let start = hasNoTime ? nil : entry.tree["startedDateTime"]?.text.flatMap(Timestamp.nanoseconds)
        return RecordedInteraction(exchange: exchange, startedAt: start, cursor: entry)
    }

    private func response(_ response: TreeCursor, kind: RecordingKind) throws(ImportError) -> HTTPResponseRecord {
        let headers = try headers(of: response)
        let body = try response.value("content").flatMap { content throws(ImportError) in
            try HARBody.response(content, headers: headers, isPolly: kind == .polly)
        }
        return HTTPResponseRecord(
            status: try response.value("status")?.status() ?? 0,
            reason: try response.value("statusText")?.text() ?? "",
            version: try response.value("httpVersion")?.text() ?? "", headers: headers, body: body)
    }

    /// Headers in their order; Polly 1.x keeps several values of one name as a list.
    private func headers(of message: TreeCursor) throws(ImportError) -> [HTTPHeader] {
        var headers: [HTTPHeader] = []
        for header in try message.value("headers")?.elements() ?? [] {
            let name = try header.required("name").text()
            for value in try header.member("value")?.textOrTexts() ?? [""] { headers.append(HTTPHeader(name, value)) }
        }
        return headers
    }
}
