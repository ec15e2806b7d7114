/// Brings two things past Yams: each is replaced by a private character that the file does not use, and put back.
///
/// - `*` where an alias may start. Yams builds aliases into a graph that a small file can make too deep to be freed and
///   too large to be compared; so it sees a plain scalar, and ``TreeBuilder`` follows the alias within limits.
/// - U+FEFF in every spelling, which Yams drops at the start of a scalar. A body may well begin with it.
///
/// That holds in every style of scalar: where the characters are mere text, the text is put back.
struct HiddenCharacters {
    private var entries: [Entry] = []
    private var freeCharacters: [UInt32]

    private struct Entry {
        let original: [UInt8]
        let hidden: [UInt8]
        /// The character that an escape stands for; `nil` where the entry is no escape.
        let character: (original: [UInt8], hidden: [UInt8])?
    }

    private static let byteOrderMark: UInt32 = 0xFEFF

    /// Looks for private characters that the file does not use.
    init(_ bytes: ArraySlice<UInt8>) {
        var used: Set<UInt32> = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == 0xEE, index + 2 < bytes.endIndex {
                used.insert(0xE000 | UInt32(bytes[index + 1] & 0x3F) << 6 | UInt32(bytes[index + 2] & 0x3F))
            } else if let escape = Self.escape(at: index, in: bytes) {
                used.insert(escape.number)
            }
            index += 1
        }
        // A file cannot use all of them and have room for much else; one that does keeps its aliases as text.
        freeCharacters = Array((UInt32(0xE000)...0xEFFF).lazy.filter { !used.contains($0) }.prefix(64))
    }

    /// The text for Yams.
    mutating func hidden(in bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 64)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if let original = Self.original(at: index, in: bytes), let entry = entry(for: original) {
                result += entry.hidden
                index += entry.original.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    /// A scalar as it stands in the file.
    func restored(_ text: String) -> String {
        guard !entries.isEmpty else { return text }
        var bytes = Array(text.utf8)
        for entry in entries {
            bytes = bytes.replacing(entry.hidden, with: entry.original)
            if let (original, hidden) = entry.character { bytes = bytes.replacing(hidden, with: original) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text behind the `*` of a plain scalar that stands for an alias; `nil` for any other.
    func alias(in text: String) -> String? {
        guard let mark = entries.first(where: { $0.original == [UInt8(ascii: "*")] }) else { return nil }
        guard text.utf8.starts(with: mark.hidden) else { return nil }
        return String(decoding: text.utf8.dropFirst(mark.hidden.count), as: UTF8.self)
    }
}

// MARK: - Finding

extension HiddenCharacters {
    /// The bytes at an index that must not reach Yams; `nil` for most.
    private static func original(at index: Int, in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        switch bytes[index] {
        case UInt8(ascii: "*"):
            let isStart =
                index == bytes.startIndex || isBlank(bytes[index - 1]) || "[{,:?-".utf8.contains(bytes[index - 1])
            let isNamed = index + 1 < bytes.endIndex && isAnchorByte(bytes[index + 1])
            return isStart && isNamed ? bytes[index...index] : nil
        case 0xEF:
            return bytes[index...].starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[index..<index + 3] : nil
        case UInt8(ascii: "\\"):
            guard let escape = escape(at: index, in: bytes), escape.number == byteOrderMark else { return nil }
            return bytes[index..<index + escape.byteCount]
        default: return nil
        }
    }

    static func isAnchorByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }

    /// The number of what looks like an escape, `\u` with four hexadecimal digits or `\U` with eight.
    private static func escape(at index: Int, in bytes: ArraySlice<UInt8>) -> (number: UInt32, byteCount: Int)? {
        guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.endIndex else { return nil }
        let isLong = bytes[index + 1] == UInt8(ascii: "U")
        guard isLong || bytes[index + 1] == UInt8(ascii: "u") else { return nil }
        let end = index + (isLong ? 10 : 6)
        guard end <= bytes.endIndex else { return nil }
        var number: UInt32 = 0
        for byte in bytes[index + 2..<end] {
            guard let digit = hexDigit(byte) else { return nil }
            number = number << 4 | UInt32(digit)
        }
        return (number, end - index)
    }

    private mutating func entry(for original: ArraySlice<UInt8>) -> Entry? {
        if let known = entries.first(where: { $0.original.elementsEqual(original) }) { return known }
        guard let number = freeCharacters.popLast(), let scalar = Unicode.Scalar(number) else { return nil }
        let character = Array(Character(scalar).utf8)
        let entry: Entry
        if original.first == UInt8(ascii: "\\") {
            let zeros = String(repeating: "0", count: original.count - 6)
            let kind = String(decoding: original.prefix(2), as: UTF8.self)
            let spelling = Array((kind + zeros + String(number, radix: 16)).utf8)
            entry = Entry(original: Array(original), hidden: spelling, character: ([0xEF, 0xBB, 0xBF], character))
        } else {
            entry = Entry(original: Array(original), hidden: character, character: nil)
        }
        entries.append(entry)
        return entry
    }
}

extension [UInt8] {
    /// The bytes with every occurrence of some others replaced.
    fileprivate func replacing(_ pattern: [UInt8], with replacement: [UInt8]) -> [UInt8] {
        guard let first = pattern.first, contains(first) else { return self }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var index = 0
        while index < count {
            if self[index] == first, self[index...].starts(with: pattern) {
                result += replacement
                index += pattern.count
            } else {
                result.append(self[index])
                index += 1
            }
        }
        return result
    }
}
