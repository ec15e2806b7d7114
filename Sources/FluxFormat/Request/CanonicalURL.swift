/// A URL in the form in which two spellings of it are equal.
///
/// Scheme and host are in lower case, a port that the scheme implies is dropped, as are user and fragment, which no
/// request carries; the path is percent-normalised and has no dot segments; the query is ``FormPairs``.
package struct CanonicalURL: Sendable, Equatable {
    /// The scheme; empty where the recorded text is no URL.
    package let scheme: String
    /// Host, and port unless the scheme implies it; empty where the recorded text is no URL.
    package let host: String
    /// The path, or the whole text where it is no URL.
    package let path: String
    /// The pairs of the query.
    package let query: FormPairs

    /// Takes a URL as recorded or as asked for. A text that is no URL with a host, as scrubbed recordings have, is kept
    /// as it is and equals only itself.
    package init(_ text: String) {
        let parts = URLParts(text)
        guard let scheme = parts.scheme, let authority = parts.authority,
            let host = Self.host(of: authority, scheme: scheme)
        else {
            (self.scheme, host, path, query) = ("", "", text, FormPairs([]))
            return
        }
        self.scheme = scheme
        self.host = host
        path = Self.withoutDotSegments(PercentEncoding.normalised(parts.path.utf8))
        query = FormPairs((parts.query ?? "").utf8)
    }

    /// Whether the text was a URL with a host.
    package var isURL: Bool { !host.isEmpty }

    func append(to bytes: inout [UInt8]) {
        bytes.appendField(scheme.utf8)
        bytes.appendField(host.utf8)
        bytes.appendField(path.utf8)
        query.append(to: &bytes)
    }
}

extension CanonicalURL {
    private static let impliedPorts = ["http": 80, "ws": 80, "https": 443, "wss": 443]

    /// Host and port in one spelling; `nil` where there is no host.
    private static func host(of authority: String, scheme: String) -> String? {
        var rest = authority.lowercased()[...]
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        var name = rest
        var port: Substring?
        if let colon = rest.lastIndex(of: ":"), rest[colon...].allSatisfy({ $0 != "]" }) {
            name = rest[..<colon]
            port = rest[rest.index(after: colon)...]
        }
        guard !name.isEmpty else { return nil }
        let host = name.hasPrefix("[") ? String(name) : PercentEncoding.normalised(name.utf8).lowercased()
        guard let port, !port.isEmpty else { return host }
        guard let number = UInt16(port) else { return "\(host):\(PercentEncoding.normalised(port.utf8))" }
        return Int(number) == impliedPorts[scheme] ? host : "\(host):\(number)"
    }

    /// RFC 3986 section 5.2.4, for a path that is empty or starts with a slash.
    private static func withoutDotSegments(_ path: String) -> String {
        var segments: [Substring] = []
        let all = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, segment) in all.enumerated() {
            guard segment == "." || segment == ".." else {
                segments.append(segment)
                continue
            }
            if segment == "..", !segments.isEmpty { segments.removeLast() }
            if index == all.count - 1 { segments.append("") }
        }
        return "/" + segments.joined(separator: "/")
    }
}
