/// The parts of a URL, split by RFC 3986 appendix B without any judgement of what they hold.
///
/// Recorded URLs hold placeholders and need not be valid, so nothing here can fail. Delimiters are found as bytes: a
/// combining mark behind one makes it a part of another `Character`.
package struct URLParts: Equatable {
    /// In lower case; `nil` where there is none.
    package let scheme: String?
    /// User, host and port as written; `nil` where there is none.
    package let authority: String?
    /// The path as written; may be empty.
    package let path: String
    /// What follows the first `?`, without it; `nil` where there is none.
    package let query: String?

    package init(_ url: String) {
        var rest = url[...]
        if let hash = rest.utf8.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<hash] }
        if let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?")) {
            query = String(rest[rest.utf8.index(after: mark)...])
            rest = rest[..<mark]
        } else {
            query = nil
        }
        if let colon = rest.utf8.firstIndex(of: UInt8(ascii: ":")), Self.isScheme(rest[..<colon]) {
            scheme = rest[..<colon].lowercased()
            rest = rest[rest.utf8.index(after: colon)...]
        } else {
            scheme = nil
        }
        if rest.utf8.starts(with: "//".utf8) {
            rest = rest[rest.utf8.index(rest.startIndex, offsetBy: 2)...]
            let end = rest.utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        } else {
            authority = nil
        }
        path = String(rest)
    }

    /// The host in lower case, without user and port; `nil` where there is none.
    package var host: String? {
        guard var rest = authority?[...] else { return nil }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        if rest.hasPrefix("["), let bracket = rest.firstIndex(of: "]") { return rest[...bracket].lowercased() }
        return (rest.lastIndex(of: ":").map { rest[..<$0] } ?? rest).lowercased()
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E].contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
