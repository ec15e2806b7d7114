/// Splits multipart bodies (RFC 2046) into parts without their boundary.
package enum MultipartBody {
    /// One part.
    package struct Part: Sendable, Equatable {
        /// The part's headers: names in lower case, sorted; values without blanks at their ends.
        package let headers: [HTTPHeader]
        /// Its bytes.
        package let body: [UInt8]
    }

    /// Bytes of the longest boundary. RFC 2046 allows no more, and a search for it is linear only while it is short.
    private static let boundaryByteCountMax = 70

    /// The parts; `nil` where the bytes are not a whole multipart body.
    ///
    /// The boundary comes from the content type or, where recordings lost it there, from the first line.
    package static func parts(of bytes: [UInt8], contentType: String) -> [Part]? {
        guard let boundary = boundary(in: contentType) ?? firstLine(of: bytes),
            (1...boundaryByteCountMax).contains(boundary.count)
        else { return nil }
        let delimiter = Array("\r\n--".utf8) + boundary
        // The first delimiter may stand at the very start, without a line end of its own.
        var rest = (Array("\r\n".utf8) + bytes)[...]
        guard let start = rest.firstPlace(of: delimiter) else { return nil }
        rest = rest[start.upperBound...]
        var parts: [Part] = []
        while !rest.starts(with: "--".utf8) {
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
            guard rest.starts(with: "\r\n".utf8), let end = rest.firstPlace(of: delimiter) else { return nil }
            guard let part = Part(parsing: rest[..<end.lowerBound]) else { return nil }
            parts.append(part)
            rest = rest[end.upperBound...]
        }
        return parts
    }

    private static func boundary(in contentType: String) -> [UInt8]? {
        for parameter in contentType.split(separator: ";").dropFirst() {
            let text = trimmed(parameter.utf8)
            guard let equals = text.firstIndex(of: UInt8(ascii: "=")),
                String(decoding: text[..<equals], as: UTF8.self).lowercased() == "boundary"
            else { continue }
            let value = text[(equals + 1)...]
            let isQuoted = value.count >= 2 && value.first == 0x22 && value.last == 0x22
            return Array(isQuoted ? value.dropFirst().dropLast() : value)
        }
        return nil
    }

    private static func firstLine(of bytes: [UInt8]) -> [UInt8]? {
        guard bytes.starts(with: "--".utf8), let end = bytes[...].firstPlace(of: Array("\r\n".utf8)) else {
            return nil
        }
        return Array(bytes[2..<end.lowerBound])
    }

    fileprivate static func trimmed(_ bytes: some Sequence<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var rest = Array(bytes)[...].drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }
}

extension MultipartBody.Part {
    /// Takes what stands between two boundaries; the line end behind the first is still there.
    fileprivate init?(parsing bytes: ArraySlice<UInt8>) {
        let lineEnd = Array("\r\n".utf8)
        guard let end = bytes.firstPlace(of: lineEnd + lineEnd) else { return nil }
        var headers: [HTTPHeader] = []
        var rest = bytes[..<end.lowerBound]
        while let start = rest.firstPlace(of: lineEnd)?.upperBound {
            rest = rest[start...]
            let line = rest[..<(rest.firstPlace(of: lineEnd)?.lowerBound ?? rest.endIndex)]
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            headers.append(
                HTTPHeader(
                    String(decoding: name, as: UTF8.self).lowercased(),
                    String(decoding: MultipartBody.trimmed(line.dropFirst(name.count + 1)), as: UTF8.self)))
        }
        self.headers = headers.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
        body = Array(bytes[end.upperBound...])
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(littleEndian: UInt64(headers.count))
        for header in headers {
            bytes.appendField(header.name.utf8)
            bytes.appendField(header.value.utf8)
        }
        bytes.appendField(body)
    }
}

extension ArraySlice<UInt8> {
    /// Where a short pattern first stands. The general search of the standard library is slow on megabytes of bytes.
    fileprivate func firstPlace(of pattern: [UInt8]) -> Range<Int>? {
        guard count >= pattern.count else { return nil }
        for start in startIndex...(endIndex - pattern.count) where self[start] == pattern[0] {
            var length = 1
            while length < pattern.count, self[start + length] == pattern[length] { length += 1 }
            if length == pattern.count { return start..<start + length }
        }
        return nil
    }
}
