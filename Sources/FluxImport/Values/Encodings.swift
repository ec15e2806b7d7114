/// Decodes base64 as Ruby's `unpack("m")` does, for recordings were written by it and edited by hand.
///
/// Characters outside of the alphabet are passed over, `=` in the third or fourth place of a quantum ends the text, and
/// an unfinished quantum gives the bytes that it completes.
func lenientBase64(_ text: some Sequence<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    var quantum: UInt32 = 0
    var count = 0
    for character in text {
        if character == UInt8(ascii: "="), count >= 2 { break }
        guard let sextet = base64Sextet(character) else { continue }
        quantum = quantum << 6 | UInt32(sextet)
        count += 1
        guard count == 4 else { continue }
        for shift: UInt32 in [16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: quantum >> shift)) }
        (quantum, count) = (0, 0)
    }
    if count >= 2 { bytes.append(UInt8(truncatingIfNeeded: quantum >> (count == 2 ? 4 : 10))) }
    if count == 3 { bytes.append(UInt8(truncatingIfNeeded: quantum >> 2)) }
    return bytes
}

private func base64Sextet(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x41...0x5A: character - 0x41
    case 0x61...0x7A: character - 0x61 + 26
    case 0x30...0x39: character - 0x30 + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}

/// Decodes pairs of small hexadecimal digits; `nil` where anything else stands.
func hexBytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text.utf8 {
        guard let digit = hexDigit(character), !(0x41...0x46).contains(character) else { return nil }
        if let first = high {
            bytes.append(first << 4 | digit)
            high = nil
        } else {
            high = digit
        }
    }
    return high == nil ? bytes : nil
}

/// The value of a hexadecimal digit; `nil` for any other character.
func hexDigit(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: character - 0x30
    case 0x41...0x46: character - 0x41 + 10
    case 0x61...0x66: character - 0x61 + 10
    default: nil
    }
}
