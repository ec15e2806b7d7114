/// Whether a text is a number as JSON spells it.
func isJSONNumber(_ text: String) -> Bool {
    var rest = text.utf8[...]
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    func dropDigits() -> Int {
        let count = rest.prefix(while: isDigit).count
        rest = rest.dropFirst(count)
        return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let wholeCount = dropDigits()
    guard wholeCount > 0, wholeCount == 1 || !startsWithZero else { return false }
    if rest.first == UInt8(ascii: ".") {
        rest = rest.dropFirst()
        guard dropDigits() > 0 else { return false }
    }
    if rest.first.map({ $0 | 0x20 }) == UInt8(ascii: "e") {
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard dropDigits() > 0 else { return false }
    }
    return rest.isEmpty
}

/// Whether a plain scalar is a number both in JSON and in YAML 1.1, whose numbers with an exponent have a dot and a
/// sign as well: what Python's YAML writes plain as `1e5` is a text.
func isPlainNumber(_ text: String) -> Bool {
    guard isJSONNumber(text) else { return false }
    guard let exponent = text.utf8.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) else { return true }
    let sign = text.utf8[text.utf8.index(after: exponent)]
    return text.utf8.contains(UInt8(ascii: ".")) && (sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+"))
}

extension TreeCursor {
    /// The value as JSON without blanks, members in file order, numbers as spelled, and no escapes but the needed ones.
    ///
    /// Throws when it is longer than `byteCountMax`.
    func compactJSON(byteCountMax: Int) throws(ImportError) -> [UInt8] {
        var writer = CompactJSONWriter(byteCountMax: byteCountMax)
        guard writer.write(tree) else {
            throw tooLarge("the body written as JSON", byteCount: writer.bytes.count, limit: byteCountMax)
        }
        return writer.bytes
    }
}

private struct CompactJSONWriter {
    let byteCountMax: Int
    var bytes: [UInt8] = []

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// Is `false` once the text is too long.
    mutating func write(_ tree: Tree) -> Bool {
        switch tree.content {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .scalar(let text, let style): write(text, style)
        case .list(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                guard write(element) else { return false }
            }
            bytes.append(UInt8(ascii: "]"))
        case .map(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                writeString(member.name)
                bytes.append(UInt8(ascii: ":"))
                guard write(member.value) else { return false }
            }
            bytes.append(UInt8(ascii: "}"))
        }
        return bytes.count <= byteCountMax
    }

    private mutating func write(_ text: String, _ style: Tree.Style) {
        guard style == .plain else { return writeString(text) }
        switch text {
        case "true", "True", "TRUE": bytes.append(contentsOf: "true".utf8)
        case "false", "False", "FALSE": bytes.append(contentsOf: "false".utf8)
        case _ where isPlainNumber(text): bytes.append(contentsOf: text.utf8)
        default: writeString(text)
        }
    }

    private mutating func writeString(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
            case 0x08: bytes.append(contentsOf: #"\b"#.utf8)
            case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
            case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
            case 0x0C: bytes.append(contentsOf: #"\f"#.utf8)
            case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
            case 0..<0x20:
                bytes.append(contentsOf: #"\u00"#.utf8)
                bytes.append(contentsOf: (byte < 0x10 ? "0" : "").utf8)
                bytes.append(contentsOf: String(byte, radix: 16).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
