import FluxFormat

/// Bodies as HAR keeps them.
enum HARBody {
    /// The body of a request from its `postData`: the text, or else the parameters as a form would send them.
    ///
    /// `_encoding: base64` is our own: HAR has no way to keep a request body that is no text.
    static func request(_ post: TreeCursor) throws(ImportError) -> [UInt8]? {
        if let text = try post.value("text") {
            return post.tree["_encoding"]?.text == "base64" ? lenientBase64(try text.text().utf8) : try text.bodyBytes()
        }
        try refuseAttachment(post)
        guard let parameters = try post.value("params")?.elements(), !parameters.isEmpty else { return nil }
        var pairs: [String] = []
        for parameter in parameters {
            // Tools that send JSON as if it were a form keep trees in values.
            let value = try parameter.value("value")?.bodyBytes() ?? []
            pairs.append("\(try parameter.required("name").text())=\(String(decoding: value, as: UTF8.self))")
        }
        return Array(pairs.joined(separator: "&").utf8)
    }

    /// The body of an answer from its `content`; `nil` where the tool did not keep it.
    static func response(
        _ content: TreeCursor, headers: [HTTPHeader], isPolly: Bool
    ) throws(ImportError) -> [UInt8]? {
        guard let text = try content.value("text") else {
            try refuseAttachment(content)
            return nil
        }
        if content.tree["encoding"]?.text == "base64" { return lenientBase64(try text.text().utf8) }
        if isPolly, let bytes = pollyBytes(content, headers: headers) { return bytes }
        return try text.bodyBytes()
    }

    /// Playwright can keep bodies in files beside the archive. Without them the recording would answer wrongly.
    private static func refuseAttachment(_ holder: TreeCursor) throws(ImportError) {
        guard let file = try holder.value("_file") else { return }
        throw file.wrongShape("the body lies in a file of its own, which is not read; record it with embedded content")
    }

    /// The bytes behind a text in which Polly before 6 kept what is no text; `nil` where it is one.
    ///
    /// A body with a Content-Encoding is a JSON list of hexadecimal (or, where marked, base64) chunks, marked
    /// `_isBinary` since 2.1. Any other binary body is one hexadecimal text without a mark, told by its media type.
    private static func pollyBytes(_ content: TreeCursor, headers: [HTTPHeader]) -> [UInt8]? {
        guard let text = content.tree["text"]?.text else { return nil }
        let isMarked = content.tree["_isBinary"]?.text == "true"
        let isEncoded = headers.contains { $0.name.lowercased() == "content-encoding" }
        if text.hasPrefix("[\""), isMarked || isEncoded { return chunkBytes(text, isMarked: isMarked) }
        guard isMarked || isBinary(mediaType: content.tree["mimeType"]?.text ?? "") else { return nil }
        return hexBytes(text)
    }

    private static func chunkBytes(_ text: String, isMarked: Bool) -> [UInt8]? {
        // A text that only looks like such a list is a text, so the reason why it is none does not matter.
        guard let list = try? JSONReader.tree(of: Array(text.utf8), from: 0, file: "").list else { return nil }
        let chunks = list.compactMap(\.text)
        guard chunks.count == list.count else { return nil }
        let hexChunks = chunks.compactMap(hexBytes)
        if hexChunks.count == chunks.count { return hexChunks.flatMap(\.self) }
        return isMarked ? chunks.flatMap { lenientBase64($0.utf8) } : nil
    }

    private static func isBinary(mediaType: String) -> Bool {
        let starts = ["image/", "audio/", "video/", "font/", "application/octet-stream", "application/zip"]
        return (starts + ["application/pdf"]).contains { mediaType.hasPrefix($0) }
    }
}
