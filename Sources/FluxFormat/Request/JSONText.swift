/// A JSON value in which nothing of its text is lost but blanks and escapes: members keep their order and their
/// repeats, numbers their spelling.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// As spelled, so that no digit is lost.
    case number(String)
    /// The bytes of the text in UTF-8. Half of a surrogate pair stands as its own three bytes, so that no two texts
    /// become one.
    case string([UInt8])
    case array([JSONValue])
    case object([Member])

    /// A member of an object.
    package struct Member: Sendable, Equatable {
        /// The name, spelled as in ``JSONValue/string(_:)``.
        package let name: [UInt8]
        /// The value.
        package let value: JSONValue

        /// Makes a member.
        package init(name: [UInt8], value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// A string value.
    package static func text(_ text: String) -> JSONValue { .string(Array(text.utf8)) }

    /// An object with the members in this order.
    package static func members(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { Member(name: Array($0.key.utf8), value: $0.value) })
    }
}

/// Why a text is no JSON.
package struct JSONError: Error, Equatable {
    /// The byte at which reading ended.
    package let offset: Int
    /// What is wrong there.
    package let reason: String
}

/// Reads JSON text as RFC 8259 has it, without any leniency.
///
/// It keeps its own stack, so hostile nesting cannot use up that of the thread.
package struct JSONText {
    /// Levels of the deepest value that is read.
    package static let depthMax = 512

    private let bytes: [UInt8]
    private var offset = 0

    /// The value that the whole text spells.
    package static func value(of bytes: [UInt8]) throws(JSONError) -> JSONValue {
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw JSONError(offset: error.byteOffsets.lowerBound, reason: "not UTF-8")
        }
        var text = JSONText(bytes: bytes)
        return try text.document()
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }
}

// MARK: - Values

extension JSONText {
    /// A container whose end is not yet read.
    private struct Open {
        let isObject: Bool
        var names: [[UInt8]] = []
        var values: [JSONValue] = []

        var closed: JSONValue {
            guard isObject else { return .array(values) }
            return .object(zip(names, values).map { JSONValue.Member(name: $0, value: $1) })
        }
    }

    private mutating func document() throws(JSONError) -> JSONValue {
        var open: [Open] = []
        while true {
            guard var value = try scalarOrStart(&open) else { continue }
            while let last = open.indices.last {
                open[last].values.append(value)
                skipBlanks()
                if take(",") {
                    if open[last].isObject { open[last].names.append(try name()) }
                    break
                }
                try expect(open[last].isObject ? "}" : "]")
                value = open.removeLast().closed
            }
            guard open.isEmpty else { continue }
            skipBlanks()
            guard offset == bytes.count else { throw failure("the value ends before this") }
            return value
        }
    }

    /// Reads a scalar or an empty container; `nil` when it started a container that holds something.
    private mutating func scalarOrStart(_ open: inout [Open]) throws(JSONError) -> JSONValue? {
        skipBlanks()
        guard let byte = peek else { throw failure("the text ends where a value is expected") }
        switch byte {
        case UInt8(ascii: "{"): return try start(isObject: true, &open)
        case UInt8(ascii: "["): return try start(isObject: false, &open)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func start(isObject: Bool, _ open: inout [Open]) throws(JSONError) -> JSONValue? {
        guard open.count < Self.depthMax else { throw failure("nested deeper than \(Self.depthMax) levels") }
        offset += 1
        skipBlanks()
        if take(isObject ? "}" : "]") { return isObject ? .object([]) : .array([]) }
        var container = Open(isObject: isObject)
        if isObject { container.names.append(try name()) }
        open.append(container)
        return nil
    }

    /// Reads a member's name and the colon behind it.
    private mutating func name() throws(JSONError) -> [UInt8] {
        skipBlanks()
        guard peek == UInt8(ascii: "\"") else { throw failure("a member's name is expected") }
        let name = try string()
        skipBlanks()
        try expect(":")
        return name
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[offset...].starts(with: text.description.utf8) else { throw failure("a value is expected") }
        offset += text.utf8CodeUnitCount
        return value
    }

    private mutating func number() throws(JSONError) -> String {
        let start = offset
        _ = take("-")
        let integer = try digits(or: "a value is expected")
        guard integer == 1 || bytes[offset - integer] != UInt8(ascii: "0") else {
            throw failure("a number starts with a zero")
        }
        if take(".") { _ = try digits(or: "a digit is expected behind the point") }
        if take("e") || take("E") {
            if !take("-") { _ = take("+") }
            _ = try digits(or: "a digit is expected in the exponent")
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// Skips digits, at least one, and counts them.
    private mutating func digits(or reason: String) throws(JSONError) -> Int {
        let start = offset
        while let byte = peek, (0x30...0x39).contains(byte) { offset += 1 }
        guard offset > start else { throw failure(reason) }
        return offset - start
    }
}

// MARK: - Strings

extension JSONText {
    private mutating func string() throws(JSONError) -> [UInt8] {
        offset += 1
        var text: [UInt8] = []
        var start = offset
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                text += bytes[start..<offset]
                offset += 1
                return text
            case UInt8(ascii: "\\"):
                text += bytes[start..<offset]
                offset += 1
                try escape(into: &text)
                start = offset
            case 0..<0x20: throw failure("a control character stands in a string")
            default: offset += 1
            }
        }
        throw failure("a string has no end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let byte = peek else { throw failure("a string has no end") }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            offset -= 1
            try codePoint(into: &text)
            return
        default: throw failure("an unknown escape stands in a string")
        }
        offset += 1
    }

    /// Reads `\u` and four hexadecimal digits, with the other half of a surrogate pair where one follows.
    private mutating func codePoint(into text: inout [UInt8]) throws(JSONError) {
        guard let unit = codeUnit else { throw failure("\\u needs four hexadecimal digits") }
        offset += 6
        guard UTF16.isLeadSurrogate(unit), let next = codeUnit, UTF16.isTrailSurrogate(next) else {
            text.append(utf8: UInt32(unit))
            return
        }
        offset += 6
        text.append(utf8: 0x10000 + (UInt32(unit) & 0x3FF) << 10 + UInt32(next) & 0x3FF)
    }

    /// The code unit that an escape at the offset spells; `nil` where there is none.
    private var codeUnit: UInt16? {
        guard bytes.count - offset >= 6, bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt16 = 0
        for byte in bytes[offset + 2..<offset + 6] {
            guard let digit = hexDigitValue(byte) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}

// MARK: - Bytes

extension JSONText {
    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
        guard take(character) else { throw failure("\"\(character)\" is expected") }
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private func failure(_ reason: String) -> JSONError { JSONError(offset: offset, reason: reason) }
}

extension [UInt8] {
    /// Appends a code point; that of half a surrogate pair becomes three bytes as well, which is not UTF-8.
    fileprivate mutating func append(utf8 point: UInt32) {
        func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (point >> shift) & 0x3F) }
        switch point {
        case 0..<0x80: append(UInt8(point))
        case 0x80..<0x800: self += [UInt8(0xC0 | point >> 6), tail(0)]
        case 0x800..<0x10000: self += [UInt8(0xE0 | point >> 12), tail(6), tail(0)]
        default: self += [UInt8(0xF0 | point >> 18), tail(12), tail(6), tail(0)]
        }
    }
}

/// The value of a hexadecimal digit; `nil` for any other byte.
func hexDigitValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
}
