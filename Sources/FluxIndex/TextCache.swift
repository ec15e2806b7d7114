/// What a text of the table `dim` stands for; the number is stored.
enum TextKind: Int64 {
    case app = 1
    case name = 2
    case source = 3
    case route = 4
    case errorFingerprint = 5
    case sdkVersion = 6
    case tagKey = 7
}

/// Some of the table `dim` in memory, in both directions.
///
/// A number never changes its text while a connection lives, so only a transaction that is undone makes this
/// wrong.
struct TextCache {
    /// Texts are told apart by their bytes, as SQLite does; Swift's strings are equal when they look the
    /// same.
    private struct Key: Hashable {
        let kind: TextKind
        let utf8: [UInt8]
    }

    private var numbers: [Key: Int64] = [:]
    private var texts: [Int64: String] = [:]

    /// The number of a text, if it is known.
    func number(of text: String, kind: TextKind) -> Int64? {
        numbers[Key(kind: kind, utf8: Array(text.utf8))]
    }

    /// The text of a number, if it is known.
    func text(_ number: Int64) -> String? { texts[number] }

    /// Keeps what the table says.
    mutating func keep(_ text: String, kind: TextKind, number: Int64) {
        if numbers.count >= IndexLimit.cachedTextCountMax { numbers.removeAll(keepingCapacity: true) }
        numbers[Key(kind: kind, utf8: Array(text.utf8))] = number
    }

    /// Keeps what the table says.
    mutating func keep(_ text: String, number: Int64) {
        if texts.count >= IndexLimit.cachedTextCountMax { texts.removeAll(keepingCapacity: true) }
        texts[number] = text
    }
}

extension MetadataIndex {
    /// The number of a text; `nil` when no execution has it.
    func number(of text: String, kind: TextKind) throws(IndexError) -> Int64? {
        // A text that was forgotten and comes back has another number: only who writes would know.
        if access == .readWrite, let known = texts.number(of: text, kind: kind) { return known }
        let found = try database.integer(
            "SELECT id FROM dim WHERE kind = ?1 AND s = ?2", [.integer(kind.rawValue), .text(text)])
        if let found { texts.keep(text, kind: kind, number: found) }
        return found
    }

    /// The number of a text, which is given one when it has none. Inside of a transaction that writes.
    func makeNumber(of text: String, kind: TextKind) throws(IndexError) -> Int64 {
        if let known = try number(of: text, kind: kind) { return known }
        try database.run("INSERT INTO dim(kind, s) VALUES(?1, ?2)", [.integer(kind.rawValue), .text(text)])
        let number = database.lastInsertedRow
        texts.keep(text, kind: kind, number: number)
        return number
    }

    /// The text of a number that a row names.
    func text(_ number: Int64) throws(IndexError) -> String {
        if let known = texts.text(number) { return known }
        let found = try database.statement("SELECT s FROM dim WHERE id = ?1")
            .firstRow([.integer(number)]) { row throws(IndexError) in try row.text() }
        guard let found else { throw .corrupt(path: database.path, reason: "there is no text \(number)") }
        texts.keep(found, number: number)
        return found
    }
}
