import FluxFormat

/// Which recorded headers may be sent again.
struct HeaderRules {
    private static let hopByHop: Set<String> = [
        "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings",
    ]

    /// The headers that are valid and meant for the client, ``contentLength`` among them, in recorded order.
    let endToEnd: [HTTPHeader]
    /// The recorded length; `nil` where there is none, or none that is a number.
    let contentLength: Int?

    init(_ recorded: [HTTPHeader]) {
        let valid = recorded.flatMap(Self.valid)
        let named = Set(
            valid.filter { $0.name.lowercased() == "connection" }
                .flatMap { $0.value.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" }.map(String.init) })
        endToEnd = valid.filter { header in
            let name = header.name.lowercased()
            return !Self.hopByHop.contains(name) && !name.hasPrefix("proxy-") && !named.contains(name)
        }
        let lengths = Set(endToEnd.filter { $0.name.lowercased() == "content-length" }.map(\.value))
        let digits = lengths.count == 1 ? lengths.first.flatMap { Self.isNumber($0) ? $0 : nil } : nil
        contentLength = digits.flatMap { Int($0) }
    }

    /// The headers with this length where the first one stood, or at the end; without any for `nil`.
    static func replacingContentLength(in headers: [HTTPHeader], by length: Int?) -> [HTTPHeader] {
        func isLength(_ header: HTTPHeader) -> Bool { header.name.lowercased() == "content-length" }
        let first = headers.firstIndex(where: isLength) ?? headers.endIndex
        var replaced = headers.filter { !isLength($0) }
        if let length {
            let name = first < headers.endIndex ? headers[first].name : "Content-Length"
            replaced.insert(HTTPHeader(name, "\(length)"), at: first)
        }
        return replaced
    }

    /// The header without blanks at the ends of its value; none where no server may send it.
    ///
    /// That drops pseudo headers (`:status`), whose names are no tokens. Browsers' tools write the values of repeated
    /// headers as lines of one; each line becomes a header of its own again.
    private static func valid(_ header: HTTPHeader) -> [HTTPHeader] {
        guard !header.name.isEmpty, header.name.utf8.allSatisfy(isTokenByte) else { return [] }
        let lines = header.value.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { trimmed($0.last == 0x0D ? $0.dropLast() : $0) }
        return lines.filter { isValidValue($0) && (lines.count == 1 || !$0.isEmpty) }
            .map { HTTPHeader(header.name, $0) }
    }

    private static func trimmed(_ text: Substring.UTF8View) -> String {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(Substring(rest))
    }

    /// Whether the text has no line end or other control character but the tabulator.
    static func isValidValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    private static func isNumber(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}
