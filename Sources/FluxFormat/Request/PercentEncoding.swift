/// Percent-encoding of RFC 3986, over bytes, for texts that need not be valid.
enum PercentEncoding {
    /// One spelling for all that mean the same: escapes of unreserved characters are decoded, other escapes get capital
    /// digits, and what may not stand in a URL is escaped, a lone `%` among it.
    ///
    /// Escaped and plain reserved characters (`%2F`, `/`) differ in meaning and are kept apart.
    static func normalised(_ text: some Sequence<UInt8>) -> String {
        let bytes = Array(text)
        var normal: [UInt8] = []
        normal.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if let value = escaped(bytes, at: index) {
                if isUnreserved(value) { normal.append(value) } else { escape(value, to: &normal) }
                index += 3
            } else {
                let byte = bytes[index]
                if isUnreserved(byte) || isPathDelimiter(byte) {
                    normal.append(byte)
                } else {
                    escape(byte, to: &normal)
                }
                index += 1
            }
        }
        return String(decoding: normal, as: UTF8.self)
    }

    /// The bytes that a part of a form or a query means: `+` is a space, escapes are undone, a lone `%` is itself.
    static func formDecoded(_ text: some Sequence<UInt8>) -> [UInt8] {
        let bytes = Array(text)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if let value = escaped(bytes, at: index) {
                decoded.append(value)
                index += 3
            } else {
                decoded.append(bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return decoded
    }

    /// The byte that the three bytes at an index spell; `nil` where they are no escape.
    private static func escaped(_ bytes: [UInt8], at index: Int) -> UInt8? {
        guard bytes[index] == UInt8(ascii: "%"), bytes.count - index >= 3,
            let high = hexDigitValue(bytes[index + 1]), let low = hexDigitValue(bytes[index + 2])
        else { return nil }
        return high << 4 | low
    }

    private static func escape(_ byte: UInt8, to bytes: inout [UInt8]) {
        func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x41 + value - 10 }
        bytes.append(UInt8(ascii: "%"))
        bytes.append(digit(byte >> 4))
        bytes.append(digit(byte & 0xF))
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }

    /// The sub-delimiters, `:`, `@` and `/`.
    private static func isPathDelimiter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x24, 0x26...0x2C, 0x2F, 0x3A, 0x3B, 0x3D, 0x40: true
        default: false
        }
    }
}
