/// A request's body in the form in which two spellings of it are equal; its content type says which form that is.
package enum CanonicalBody: Sendable, Equatable {
    /// No body, or an empty one.
    case none
    /// JSON without duplicate members.
    case json(JSONValue)
    /// `application/x-www-form-urlencoded`.
    case form(FormPairs)
    /// `multipart/…`, whose boundary clients choose anew each time.
    case multipart([MultipartBody.Part])
    /// Anything else, and what does not hold what its content type says.
    case raw([UInt8])

    /// Takes the body of a request with these headers.
    ///
    /// Without a content type, a body that is a JSON object or list is taken for JSON. A body with a content encoding
    /// is taken as its bytes.
    package init(_ bytes: [UInt8], headers: [HTTPHeader]) {
        guard !bytes.isEmpty else {
            self = .none
            return
        }
        let encoding = headers.first { $0.name.lowercased() == "content-encoding" }?.value.lowercased()
        guard encoding == nil || encoding == "" || encoding == "identity" else {
            self = .raw(bytes)
            return
        }
        let contentType = headers.first { $0.name.lowercased() == "content-type" }?.value ?? ""
        self = Self.structured(bytes, contentType: contentType) ?? .raw(bytes)
    }

    private static func structured(_ bytes: [UInt8], contentType: String) -> CanonicalBody? {
        let mediaType = contentType.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
        if mediaType == "application/x-www-form-urlencoded" { return .form(FormPairs(bytes)) }
        if mediaType.hasPrefix("multipart/") {
            return MultipartBody.parts(of: bytes, contentType: contentType).map { .multipart($0) }
        }
        guard isJSON(mediaType) || mediaType.isEmpty && looksLikeJSON(bytes) else { return nil }
        // What is no JSON is no failure: it is compared by its bytes.
        guard let value = try? JSONText.value(of: bytes), !value.hasDuplicateMember else { return nil }
        return .json(value)
    }

    private static func isJSON(_ mediaType: String) -> Bool {
        guard let slash = mediaType.firstIndex(of: "/") else { return false }
        let subtype = mediaType[mediaType.index(after: slash)...]
        return subtype == "json" || subtype == "x-json" || subtype.hasSuffix("+json")
            || subtype.hasPrefix("x-amz-json-")
    }

    private static func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
        let first = bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    /// Appends an encoding that equal bodies share, and others do not.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .none: bytes.append(UInt8(ascii: "-"))
        case .json(let value):
            bytes.append(UInt8(ascii: "j"))
            value.appendCanonical(to: &bytes)
        case .form(let pairs):
            bytes.append(UInt8(ascii: "f"))
            pairs.append(to: &bytes)
        case .multipart(let parts):
            bytes.append(UInt8(ascii: "m"))
            bytes.append(littleEndian: UInt64(parts.count))
            for part in parts { part.append(to: &bytes) }
        case .raw(let body):
            bytes.append(UInt8(ascii: "r"))
            bytes.appendField(body)
        }
    }
}
