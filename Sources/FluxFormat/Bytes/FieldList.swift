/// A list of tagged fields: `{u16 field, u16 0, u32 length, bytes, zeros up to 8}` for each.
///
/// Readers skip fields that they do not know, so fields can be added without a new version.
package struct FieldList: ~Copyable {
    package private(set) var bytes: [UInt8]

    /// Starts behind `prefix`, whose length is a multiple of 8, with room for so many bytes.
    package init(after prefix: consuming [UInt8] = [], reserving byteCount: Int = 0) {
        bytes = prefix
        bytes.reserveCapacity(byteCount)
    }

    package mutating func append(_ field: UInt16, _ value: some Collection<UInt8>) {
        bytes.append(littleEndian: UInt32(field), UInt32(value.count))
        bytes.append(contentsOf: value)
        bytes.padToWord()
    }

    /// Appends two numbers as one value.
    mutating func append(_ field: UInt16, _ first: UInt64, _ second: UInt64) {
        bytes.append(littleEndian: UInt32(field), 16)
        bytes.append(littleEndian: first)
        bytes.append(littleEndian: second)
    }

    package mutating func append(_ field: UInt16, text: String?) {
        if let text { append(field, text.utf8) }
    }

    package mutating func append(_ field: UInt16, number: UInt64?) {
        guard let number else { return }
        bytes.append(littleEndian: UInt32(field), 8)
        bytes.append(littleEndian: number)
    }
}

/// Reads a ``FieldList`` without copying it.
package struct FieldReader: ~Escapable {
    private let bytes: RawSpan
    private var offset = 0

    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    /// The next field, or `nil` at the end.
    @_lifetime(copy self)
    package mutating func next() throws(FormatError) -> Field? {
        guard offset < bytes.byteCount else { return nil }
        guard bytes.byteCount - offset >= 8 else {
            throw .truncated(needed: 8, available: bytes.byteCount - offset)
        }
        let field = bytes.load(at: offset, as: UInt16.self)
        let length = Int(bytes.load(at: offset + 4, as: UInt32.self))
        let start = offset + 8
        guard length <= bytes.byteCount - start else {
            throw .truncated(needed: length, available: bytes.byteCount - start)
        }
        offset = min(wordAligned(start + length), bytes.byteCount)
        return Field(field: field, value: bytes.extracting(start..<start + length))
    }

    /// One field and its bytes.
    package struct Field: ~Escapable {
        package let field: UInt16
        package let value: RawSpan

        @_lifetime(copy value)
        init(field: UInt16, value: RawSpan) {
            self.field = field
            self.value = value
        }

        /// The value as an unsigned number of 64 bits.
        package func number() throws(FormatError) -> UInt64 {
            guard value.byteCount == 8 else {
                throw .invalidField("field \(field) is a number of \(value.byteCount) bytes, not 8")
            }
            return value.load(at: 0)
        }
    }
}
