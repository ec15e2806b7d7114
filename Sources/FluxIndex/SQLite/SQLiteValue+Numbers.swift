/// How Swift's numbers lie in SQLite's only integer, which is a signed one of 64 bits.
extension SQLiteValue {
    /// A number by its bit pattern: from 2^63 it is stored as a negative one.
    static func bits(_ number: UInt64) -> SQLiteValue { .integer(Int64(bitPattern: number)) }

    /// A number by its bit pattern, or NULL.
    static func bits(_ number: UInt64?) -> SQLiteValue { number.map { .bits($0) } ?? .null }

    /// A number, or NULL.
    static func integer(_ number: Int64?) -> SQLiteValue { number.map { .integer($0) } ?? .null }

    /// A number that fits.
    static func number(_ number: some FixedWidthInteger) -> SQLiteValue { .integer(Int64(clamping: number)) }

    /// Text, or NULL.
    static func text(_ text: String?) -> SQLiteValue { text.map { .text($0) } ?? .null }
}

extension SQLiteRow {
    /// Reads a number that was stored by its bit pattern.
    mutating func bits() throws(IndexError) -> UInt64 { UInt64(bitPattern: try integer()) }

    /// Reads a number that fits its type.
    mutating func number<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws(IndexError) -> Value {
        let value = try integer()
        guard let number = Value(exactly: value) else { throw damage("the number \(value) is out of range") }
        return number
    }

    /// Reads with `read`, or skips a NULL.
    mutating func optional<Value>(
        _ read: (inout SQLiteRow) throws(IndexError) -> Value
    ) throws(IndexError) -> Value? {
        skipNull() ? nil : try read(&self)
    }
}
