extension JSONValue {
    /// Whether an object in the value, or the value itself, has two members of one name.
    package var hasDuplicateMember: Bool {
        switch self {
        case .null, .bool, .number, .string: return false
        case .array(let elements): return elements.contains { $0.hasDuplicateMember }
        case .object(let members):
            return Set(members.map(\.name)).count < members.count || members.contains { $0.value.hasDuplicateMember }
        }
    }

    /// Whether both are the same value: members in any order, numbers by what they are worth.
    ///
    /// Meant for values without duplicate members.
    package func isSameValue(as other: JSONValue) -> Bool {
        var (first, second): ([UInt8], [UInt8]) = ([], [])
        appendCanonical(to: &first)
        other.appendCanonical(to: &second)
        return first == second
    }

    /// Appends an encoding that two texts share when, and only when, they spell the same value: members sorted by name,
    /// numbers in ``CanonicalNumber``, every length in front of what it measures.
    package func appendCanonical(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(UInt8(ascii: "n"))
        case .bool(let value): bytes.append(UInt8(ascii: value ? "t" : "f"))
        case .number(let spelling):
            bytes.append(UInt8(ascii: "d"))
            bytes.appendField(CanonicalNumber(spelling).text.utf8)
        case .string(let text):
            bytes.append(UInt8(ascii: "s"))
            bytes.appendField(text)
        case .array(let elements):
            bytes.append(UInt8(ascii: "a"))
            bytes.append(littleEndian: UInt64(elements.count))
            for element in elements { element.appendCanonical(to: &bytes) }
        case .object(let members):
            bytes.append(UInt8(ascii: "o"))
            bytes.append(littleEndian: UInt64(members.count))
            for member in members.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
                bytes.appendField(member.name)
                member.value.appendCanonical(to: &bytes)
            }
        }
    }
}

extension [UInt8] {
    /// Appends a length and as many bytes, so that what follows cannot be taken for a part of it.
    mutating func appendField(_ field: some Collection<UInt8>) {
        append(littleEndian: UInt64(field.count))
        append(contentsOf: field)
    }
}

/// A decimal number by its value: `1.0`, `1`, `10e-1` and `1E0` are one, and no digit is rounded away.
package struct CanonicalNumber: Equatable {
    /// Digits of the longest exponent that is calculated with; a number with a longer one equals only its own spelling.
    private static let exponentDigitCountMax = 15

    /// `-` where it is negative, the digits without zeros at either end, `e` and the exponent; `0` for zero.
    package let text: String

    /// Takes the spelling of a JSON number.
    package init(_ spelling: String) {
        let isNegative = spelling.utf8.first == UInt8(ascii: "-")
        let parts = spelling.utf8.drop { $0 == UInt8(ascii: "-") }
            .split(maxSplits: 1, omittingEmptySubsequences: false) { $0 | 0x20 == UInt8(ascii: "e") }
        let point = parts[0].firstIndex(of: UInt8(ascii: ".")) ?? parts[0].endIndex
        let fraction = parts[0][point...].dropFirst()
        let all = (Array(parts[0][..<point]) + fraction).drop { $0 == UInt8(ascii: "0") }
        guard let last = all.lastIndex(where: { $0 != UInt8(ascii: "0") }) else {
            text = "0"
            return
        }
        let digits = (isNegative ? "-" : "") + String(decoding: all[...last], as: UTF8.self)
        let written = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : "0"
        guard written.utf8.count <= Self.exponentDigitCountMax, let exponent = Int(written) else {
            text = spelling
            return
        }
        text = "\(digits)e\(exponent - fraction.count + (all.endIndex - 1 - last))"
    }
}
