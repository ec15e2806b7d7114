import FluxFormat

/// What the formats have in common: headers, statuses and bodies.
extension TreeCursor {
    /// Headers as a map from name to a text or a list of texts, or as a list of such pairs, which vcrpy wrote under
    /// Tornado: one header for each text, in file order.
    func headerMap() throws(ImportError) -> [HTTPHeader] {
        var headers: [HTTPHeader] = []
        for (name, value) in try tree.list == nil ? members() : pairs() {
            for text in try value.textOrTexts() { headers.append(HTTPHeader(name, text)) }
        }
        return headers
    }

    private func pairs() throws(ImportError) -> [(name: String, value: TreeCursor)] {
        var pairs: [(name: String, value: TreeCursor)] = []
        for element in try elements() {
            let pair = try element.elements()
            guard pair.count == 2 else { throw element.wrongShape("a header must be a name with its value") }
            pairs.append((try pair[0].text(), pair[1]))
        }
        return pairs
    }

    /// The texts of a list, or the one text.
    func textOrTexts() throws(ImportError) -> [String] {
        guard tree.list != nil else { return [try text()] }
        var texts: [String] = []
        for element in try elements() { texts.append(try element.text()) }
        return texts
    }

    /// A status of HTTP, or the 0 that stands for none. Old browsers wrote a negative number for none, which is 0 too.
    func status() throws(ImportError) -> UInt16 {
        let text = try text()
        if let number = Int(text), number < 0 { return 0 }
        guard let status = UInt16(text), status <= 999 else {
            throw wrongShape("\"\(text.prefix(20))\" is no HTTP status (0 to 999)")
        }
        return status
    }

    /// The body of a cassette's message: text, a map with `string` or `base64_string`, or a value that is JSON.
    func cassetteBody() throws(ImportError) -> [UInt8]? {
        guard tree.isMap else { return try bodyBytes() }
        if let base64 = try value("base64_string") { return lenientBase64(try base64.text().utf8) }
        if let string = try member("string") { return try string.bodyBytes() }
        if let compressed = try member("raw_gzip") {
            throw compressed.wrongShape("a body compressed by the R package vcr, \"raw_gzip\", is not read")
        }
        let isEmpty = tree["encoding"] != nil || tree["base64_string"] != nil
        return isEmpty ? nil : try json()
    }

    /// The bytes of a scalar, or compact JSON of anything else; `nil` for null.
    func bodyBytes() throws(ImportError) -> [UInt8]? {
        switch tree.content {
        case .null: nil
        case .scalar(let text, .binary): lenientBase64(text.utf8)
        case .scalar(let text, _): Array(text.utf8)
        case .list, .map: try json()
        }
    }

    /// The value as compact JSON, as long as it fits into an event.
    func json() throws(ImportError) -> [UInt8] {
        try compactJSON(byteCountMax: FormatLimit.eventByteCountMax)
    }
}

/// The version of HTTP with its name, which older cassettes leave out: `1.1` becomes `HTTP/1.1`.
func httpVersion(_ text: String) -> String {
    text.utf8.first.map { (0x30...0x39).contains($0) } == true ? "HTTP/" + text : text
}

/// The text behind a status that repeats its number, as in `200 OK`.
func reasonPhrase(_ status: String) -> String {
    let digits = status.prefix { $0.isASCII && $0.isNumber }
    guard digits.count == 3 else { return status }
    let rest = status.dropFirst(3)
    return String(rest.hasPrefix(" ") ? rest.dropFirst() : rest)
}
