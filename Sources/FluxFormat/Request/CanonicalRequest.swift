/// What a request asks for, in the form in which two spellings of the same request are equal.
///
/// Method, URL and body count; headers do not, but for the content type that says how to read the body.
package struct CanonicalRequest: Sendable, Equatable {
    /// The method in capitals.
    package let method: String
    /// What is asked for.
    package let url: CanonicalURL
    /// The body in its canonical form.
    package let body: CanonicalBody
    /// The body as it was sent.
    package let bytes: [UInt8]

    /// Takes a request as recorded or as asked. Never fails: what is not valid is compared as it is spelled.
    package init(_ request: HTTPRequestRecord) {
        method = request.method.uppercased()
        url = CanonicalURL(request.url)
        bytes = request.body ?? []
        body = CanonicalBody(bytes, headers: request.headers)
    }

    /// Equal for requests that are the same.
    package var key: RequestKey {
        var bytes = target
        body.append(to: &bytes)
        return RequestKey(hashing: bytes)
    }

    /// Equal for requests to the same target with the same bytes, whatever their content types say of them.
    package var exactKey: RequestKey {
        var bytes = target
        (self.bytes.isEmpty ? CanonicalBody.none : .raw(self.bytes)).append(to: &bytes)
        return RequestKey(hashing: bytes)
    }

    private var target: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendField(method.utf8)
        url.append(to: &bytes)
        return bytes
    }
}

/// The hash of a canonical request: XXH3 of 128 bits. It finds requests and proves nothing.
package struct RequestKey: Hashable, Sendable {
    /// The upper half.
    package let high: UInt64
    /// The lower half.
    package let low: UInt64

    /// Hashes an encoding.
    init(hashing bytes: [UInt8]) {
        (high, low) = XXH3.hash128(bytes.rawSpan)
    }
}
