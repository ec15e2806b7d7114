package import FluxFormat

/// An answer as it goes to a client, in which headers and body agree.
package struct PlaybackAnswer: Sendable, Equatable {
    /// The status, 200 to 999.
    package let status: Int
    /// The text beside the status; empty where the recording does not tell.
    package let reason: String
    /// The headers, all of them valid. A length is among them unless the answer may have none, or answers HEAD and was
    /// recorded without one.
    package let headers: [HTTPHeader]
    /// The bytes to send, exactly as recorded; empty for answers that may have none.
    package let body: [UInt8]

    /// Adapts a recorded answer, whose status is at least 200, to what was kept of its body.
    ///
    /// Recorders undo the transfer coding, and many the content coding, without telling so in the headers. The rules are
    /// in the documentation of this target.
    init(_ response: HTTPResponseRecord, toMethod method: String) {
        let recorded = response.body ?? []
        let isHead = method == "HEAD"
        let isBodyless = response.status == 204 || response.status == 304
        status = Int(response.status)
        reason = HeaderRules.isValidValue(response.reason) ? response.reason : ""
        body = isHead || isBodyless ? [] : recorded
        let rules = HeaderRules(response.headers)
        var kept = rules.endToEnd
        // Without a body there is nothing that could disagree with the header.
        if !isHead && !isBodyless && !ContentCoding.agrees(kept, with: recorded) {
            kept.removeAll { $0.name.lowercased() == "content-encoding" }
        }
        // To HEAD the length is that of a body which was not recorded.
        let length = isHead ? rules.contentLength : recorded.count
        headers = HeaderRules.replacingContentLength(in: kept, by: isBodyless ? nil : length)
    }

    /// An answer of the playback itself. To HEAD it is without its body, as any other.
    package init(status: Int, json: JSONValue, toMethod method: String = "GET") {
        self.status = status
        reason = ""
        let text = json.encoded + "\n".utf8
        body = method == "HEAD" ? [] : text
        headers = [
            HTTPHeader("Content-Type", "application/json"), HTTPHeader("Content-Length", "\(text.count)"),
        ]
    }
}
