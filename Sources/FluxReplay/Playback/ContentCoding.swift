import FluxFormat

/// Tells whether a recorded body still is in the content coding that its headers name.
enum ContentCoding {
    /// Whether a client that undoes the coding named in the headers gets on with the body.
    ///
    /// Of several codings the last one is the outermost, and the one that the bytes show.
    static func agrees(_ headers: [HTTPHeader], with body: [UInt8]) -> Bool {
        let codings = headers.filter { $0.name.lowercased() == "content-encoding" }
            .flatMap { $0.value.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" } }
            .filter { $0 != "identity" }
        guard let outermost = codings.last else { return true }
        switch outermost {
        case "gzip", "x-gzip": return body.starts(with: [0x1F, 0x8B])
        // Some servers leave the zlib header away, and clients get on with that.
        case "deflate": return hasZlibHeader(body) || !isText(body)
        case "zstd": return body.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
        case "compress", "x-compress": return body.starts(with: [0x1F, 0x9D])
        default: return !isText(body)
        }
    }

    /// RFC 1950: method 8, and a check that makes the first two bytes a multiple of 31.
    private static func hasZlibHeader(_ body: [UInt8]) -> Bool {
        guard body.count >= 2 else { return false }
        return body[0] & 0xF == 8 && (Int(body[0]) << 8 | Int(body[1])).isMultiple(of: 31)
    }

    /// Brotli and plain deflate have no mark of their own; but what they compress is hardly ever valid UTF-8, and what
    /// was decoded mostly is.
    private static func isText(_ body: [UInt8]) -> Bool {
        // Only whether it is valid counts here, not where it is not.
        (try? UTF8Span(validating: body.span)) != nil
    }
}
