/// The id of an execution: 16 bytes, shown as a UUID.
///
/// Ids that carry a time (UUID version 7) sort by it.
public struct ExecutionID: Hashable, Sendable {
    /// The first eight bytes, most significant first.
    public let high: UInt64
    /// The last eight bytes, most significant first.
    public let low: UInt64

    /// Makes an id from its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A UUID version 7: 48 bits of Unix milliseconds, then 74 of the bits given.
    public init(unixMilliseconds: UInt64, bits: (high: UInt64, low: UInt64)) {
        high = unixMilliseconds << 16 | 0x7000 | (bits.high & 0xFFF)
        low = 0x8000_0000_0000_0000 | (bits.low >> 2)
    }

    /// A UUID version 8: 122 of the bits given.
    public init(bits: (high: UInt64, low: UInt64)) {
        high = (bits.high & 0xFFFF_FFFF_FFFF_0000) | 0x8000 | (bits.high & 0xFFF)
        low = 0x8000_0000_0000_0000 | (bits.low >> 2)
    }

    /// The id whose bytes are all zero: that of frames which belong to no execution.
    public static let none = ExecutionID(high: 0, low: 0)

    /// The sixteen bytes in the order in which they are stored.
    public var bytes: [UInt8] {
        unsafe withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { unsafe Array($0) }
    }

    /// Appends ``bytes``.
    func append(to target: inout [UInt8]) {
        target.append(littleEndian: high.byteSwapped)
        target.append(littleEndian: low.byteSwapped)
    }

    /// Reads sixteen bytes at `offset`, which the caller knows to lie inside the span.
    package init(loading bytes: RawSpan, at offset: Int) {
        high = UInt64(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        low = UInt64(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
    }
}

extension ExecutionID: Comparable {
    /// Orders ids by their bytes.
    public static func < (first: ExecutionID, second: ExecutionID) -> Bool {
        (first.high, first.low) < (second.high, second.low)
    }
}

extension ExecutionID: CustomStringConvertible, LosslessStringConvertible {
    /// Reads 32 hexadecimal digits with any hyphens; `nil` for anything else.
    public init?(_ text: String) {
        guard let prefix = ExecutionIDPrefix(text), prefix.digitCount == 32 else { return nil }
        self = prefix.first
    }

    /// The id as `8-4-4-4-12` lower-case hexadecimal digits.
    public var description: String {
        let digits = Array(hexadecimal(high) + hexadecimal(low))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }
}

/// The first digits of an id, as a person types them.
public struct ExecutionIDPrefix: Sendable, Equatable {
    /// The number of hexadecimal digits given, 1 to 32.
    public let digitCount: Int
    /// The least id that starts with the digits.
    public let first: ExecutionID
    /// The greatest id that starts with the digits.
    public let last: ExecutionID

    /// Reads 1 to 32 hexadecimal digits with any hyphens; `nil` for anything else.
    public init?(_ text: String) {
        var digits: [UInt64] = []
        for character in text where character != "-" {
            guard character.isASCII, let digit = character.hexDigitValue else { return nil }
            digits.append(UInt64(digit))
        }
        guard (1...32).contains(digits.count) else { return nil }
        digitCount = digits.count
        func half(_ range: Range<Int>, filling: UInt64) -> UInt64 {
            range.reduce(0) { $0 << 4 | ($1 < digits.count ? digits[$1] : filling) }
        }
        first = ExecutionID(high: half(0..<16, filling: 0), low: half(16..<32, filling: 0))
        last = ExecutionID(high: half(0..<16, filling: 15), low: half(16..<32, filling: 15))
    }
}

private func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
