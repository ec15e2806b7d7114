/// Bytes typed as on the format page: in each line an offset in decimal digits and a colon, bytes in hexadecimal digits,
/// and after a bar what they mean.
///
/// The offsets are held against the bytes, so a byte too many or too few in a line stops the test.
func bytes(_ typed: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for line in typed.split(separator: "\n") {
        let parts = line.split(separator: "|")[0].split(separator: ":")
        let offset = Int(parts[0].filter { !$0.isWhitespace })
        precondition(offset == bytes.count, "the line says \(parts[0]), \(bytes.count) bytes stand before it")
        for digits in parts[1].split(separator: " ") {
            guard let byte = UInt8(digits, radix: 16), digits.count == 2 else {
                preconditionFailure("\(digits) is no byte")
            }
            bytes.append(byte)
        }
    }
    return bytes
}

extension [UInt8] {
    /// The bytes with one of them changed by exclusive or.
    func flipped(at offset: Int, _ mask: UInt8) -> [UInt8] {
        var bytes = self
        bytes[offset] ^= mask
        return bytes
    }
}
