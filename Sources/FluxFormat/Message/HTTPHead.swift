/// The head of an HTTP message as stored: `{u16 status, u16 0, u32 stringCount}`, then `{u32 length, bytes}` for each
/// string, without padding. A request has method, URL and version, an answer reason and version; names and values of
/// the headers follow in turn.
struct HTTPHead {
    let status: UInt16
    let strings: [String]
    let headers: [HTTPHeader]

    static func encode(status: UInt16, strings: [String], headers: [HTTPHeader]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: status)
        bytes.append(littleEndian: UInt16(0))
        bytes.append(littleEndian: UInt32(strings.count + 2 * headers.count))
        func append(_ text: String) {
            bytes.append(littleEndian: UInt32(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
        for string in strings { append(string) }
        for header in headers {
            append(header.name)
            append(header.value)
        }
        return bytes
    }

    init(parsing bytes: RawSpan, stringCount: Int) throws(FormatError) {
        guard bytes.byteCount >= 8 else { throw .truncated(needed: 8, available: bytes.byteCount) }
        let count = Int(bytes.load(at: 4, as: UInt32.self))
        guard count >= stringCount, (count - stringCount).isMultiple(of: 2), count <= (bytes.byteCount - 8) / 4 else {
            throw .invalidField("an HTTP head of \(count) strings")
        }
        var texts: [String] = []
        texts.reserveCapacity(count)
        var offset = 8
        for _ in 0..<count {
            guard bytes.byteCount - offset >= 4 else {
                throw .truncated(needed: 4, available: bytes.byteCount - offset)
            }
            let length = Int(bytes.load(at: offset, as: UInt32.self))
            offset += 4
            guard length <= bytes.byteCount - offset else {
                throw .truncated(needed: length, available: bytes.byteCount - offset)
            }
            texts.append(bytes.extracting(offset..<offset + length).text)
            offset += length
        }
        status = bytes.load(at: 0)
        strings = Array(texts.prefix(stringCount))
        headers = stride(from: stringCount, to: count, by: 2).map { HTTPHeader(texts[$0], texts[$0 + 1]) }
    }
}
