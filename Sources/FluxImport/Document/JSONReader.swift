import FluxFormat

/// Reads JSON (RFC 8259) into a tree.
///
/// Foundation's reader is not used, because of what recordings need: headers in file order (it gives unordered
/// dictionaries), numbers as they are spelled, the place of a value that is wrong, and texts with half of a surrogate
/// pair, which browsers write for binary bodies and which it refuses with the whole file; here they become U+FFFD.
struct JSONReader {
    /// Values of the largest document that is read: each takes some 150 bytes of memory.
    private static let valueCountMax = 4_000_000

    private let bytes: [UInt8]
    private let file: String
    private var offset: Int
    private var line = 1
    private var valueCount = 0
    private var lineStart: Int

    private init(_ bytes: [UInt8], from start: Int, file: String) {
        self.bytes = bytes
        self.file = file
        offset = start
        lineStart = start
    }

    /// Whether the text starts like JSON or JSONP.
    static func isJSONLike(_ bytes: ArraySlice<UInt8>) -> Bool {
        let text = bytes.drop(while: isBlank)
        guard let first = text.first else { return false }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return true }
        let rest = text.drop(while: isNameByte)
        return rest.startIndex > text.startIndex && rest.drop(while: isBlank).first == UInt8(ascii: "(")
    }

    /// Reads a whole document, with or without a JSONP wrapper. The bytes are known to be UTF-8.
    static func tree(of bytes: [UInt8], from start: Int, file: String) throws(ImportError) -> Tree {
        var reader = JSONReader(bytes, from: start, file: file)
        return try reader.document()
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x24, 0x2E, 0x5F: true
        default: false
        }
    }
}

// MARK: - Values

extension JSONReader {
    private mutating func document() throws(ImportError) -> Tree {
        skipBlanks()
        let isWrapped = peek != UInt8(ascii: "{") && peek != UInt8(ascii: "[") && Self.isJSONLike(bytes[offset...])
        if isWrapped {
            while let byte = peek, Self.isNameByte(byte) { offset += 1 }
            skipBlanks()
            try expect(UInt8(ascii: "("))
        }
        let tree = try value(depth: 0)
        skipBlanks()
        if isWrapped {
            try expect(UInt8(ascii: ")"))
            skipBlanks()
            if peek == UInt8(ascii: ";") { offset += 1 }
            skipBlanks()
        }
        guard offset == bytes.count else { throw failure("the document ends before \(found)") }
        return tree
    }

    private mutating func value(depth: Int) throws(ImportError) -> Tree {
        guard depth < Tree.depthMax else { throw failure("nested deeper than \(Tree.depthMax) levels") }
        valueCount += 1
        guard valueCount <= Self.valueCountMax else { throw failure("more than \(Self.valueCountMax) values") }
        skipBlanks()
        let (line, column) = (line, offset - lineStart + 1)
        let content: Tree.Content =
            switch peek {
            case UInt8(ascii: "{"): .map(try members(depth: depth))
            case UInt8(ascii: "["): .list(try elements(depth: depth))
            case UInt8(ascii: "\""): .scalar(try string(), .text)
            case UInt8(ascii: "t"): try literal("true", .scalar("true", .plain))
            case UInt8(ascii: "f"): try literal("false", .scalar("false", .plain))
            case UInt8(ascii: "n"): try literal("null", .null)
            default: .scalar(try number(), .plain)
            }
        return Tree(content: content, line: line, column: column)
    }

    private mutating func members(depth: Int) throws(ImportError) -> [Tree.Member] {
        var members: [Tree.Member] = []
        offset += 1
        skipBlanks()
        if skip(UInt8(ascii: "}")) { return members }
        while true {
            skipBlanks()
            guard peek == UInt8(ascii: "\"") else { throw failure("a member's name is expected, not \(found)") }
            let name = try string()
            skipBlanks()
            try expect(UInt8(ascii: ":"))
            members.append(Tree.Member(name: name, value: try value(depth: depth + 1)))
            skipBlanks()
            if skip(UInt8(ascii: "}")) { return members }
            guard skip(UInt8(ascii: ",")) else { throw failure("\",\" or \"}\" is expected, not \(found)") }
        }
    }

    private mutating func elements(depth: Int) throws(ImportError) -> [Tree] {
        var elements: [Tree] = []
        offset += 1
        skipBlanks()
        if skip(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth + 1))
            skipBlanks()
            if skip(UInt8(ascii: "]")) { return elements }
            guard skip(UInt8(ascii: ",")) else { throw failure("\",\" or \"]\" is expected, not \(found)") }
        }
    }

    private mutating func literal(_ text: String, _ content: Tree.Content) throws(ImportError) -> Tree.Content {
        guard bytes[offset...].starts(with: text.utf8) else { throw failure("a value is expected, not \(found)") }
        offset += text.utf8.count
        return content
    }

    private mutating func number() throws(ImportError) -> String {
        let start = offset
        while let byte = peek, Self.isNameByte(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
            offset += 1
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard isJSONNumber(text) else {
            offset = start
            throw failure("a value is expected, not \(found)")
        }
        return text
    }
}

// MARK: - Strings

extension JSONReader {
    private mutating func string() throws(ImportError) -> String {
        offset += 1
        var text: [UInt8] = []
        var start = offset
        while true {
            skipPlainBytes()
            guard let byte = peek else { throw failure("a string has no end") }
            switch byte {
            case UInt8(ascii: "\""):
                text += bytes[start..<offset]
                offset += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text += bytes[start..<offset]
                offset += 1
                try escape(into: &text)
                start = offset
            case 0..<0x20: throw failure("a control character stands in a string")
            default: offset += 1
            }
        }
    }

    /// Passes over eight bytes at a time, as long as none of them means anything in a string: bodies are large.
    private mutating func skipPlainBytes() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while offset + 8 <= bytes.count {
            let word = bytes.rawSpan.load(at: offset, as: UInt64.self)
            let quotes = word ^ (ones * 0x22)
            let backslashes = word ^ (ones * 0x5C)
            // The top bit of a byte is set by the borrow of one that is too small, or was zero; bytes above such a byte
            // may be taken for one as well, which only costs a closer look.
            let controls = (word &- ones * 0x20) & ~word
            let found = controls | (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
            guard found & (ones * 0x80) == 0 else { return }
            offset += 8
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(ImportError) {
        guard let byte = peek else { throw failure("a string has no end") }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(at: offset - 1) else { throw failure("\\u needs four hexadecimal digits") }
            offset += 5
            let scalar = scalar(startingWith: unit)
            text.append(contentsOf: Character(scalar).utf8)
            return
        default: throw failure("an unknown escape, \(found), stands in a string")
        }
        offset += 1
    }

    /// The code point of a code unit, with the other half of the pair where one follows.
    private mutating func scalar(startingWith unit: UInt16) -> Unicode.Scalar {
        if UTF16.isLeadSurrogate(unit), let next = codeUnit(at: offset), UTF16.isTrailSurrogate(next) {
            offset += 6
            return UTF16.decode(UTF16.EncodedScalar([unit, next]))
        }
        return Unicode.Scalar(unit) ?? "\u{FFFD}"
    }

    /// The code unit of the escape `\u` with four digits at an offset; `nil` where there is none.
    private func codeUnit(at start: Int) -> UInt16? {
        guard start + 6 <= bytes.count, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var unit: UInt16 = 0
        for byte in bytes[start + 2..<start + 6] {
            guard let digit = hexDigit(byte) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}

// MARK: - Bytes

extension JSONReader {
    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(ImportError) {
        guard skip(byte) else { throw failure("\"\(Character(Unicode.Scalar(byte)))\" is expected, not \(found)") }
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            offset += 1
            guard byte == 0x0A else { continue }
            line += 1
            lineStart = offset
        }
    }

    /// What stands at the offset, for errors.
    private var found: String {
        guard offset < bytes.count else { return "the end of the file" }
        let rest = bytes[offset..<min(offset + 8, bytes.count)]
        return String(decoding: rest, as: UTF8.self).first.map { "\"\($0)\"" } ?? "nothing"
    }

    private func failure(_ reason: String) -> ImportError {
        let place = ImportPlace(line: line, column: offset - lineStart + 1, path: nil)
        return .invalidSyntax(file: file, syntax: .json, place: place, reason: reason)
    }
}
