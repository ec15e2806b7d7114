/// One way in which a request differs from a recorded one.
package struct RequestDifference: Sendable, Equatable {
    /// The part of the request that differs.
    package enum Part: String, Sendable {
        case method, host, path, query, body
    }

    /// The part that differs.
    package let part: Part
    /// The place in it: the name in a query or form, the JSON pointer, the part of a multipart body, the byte.
    package let place: String?
    /// What was recorded there, shortened; `nil` where nothing was.
    package let recorded: String?
    /// What was asked there, shortened; `nil` where nothing was.
    package let asked: String?

    /// Bytes of the longest value that is shown.
    private static let textByteCountMax = 160

    init(_ part: Part, place: String? = nil, recorded: String?, asked: String?) {
        func short(_ text: String) -> String {
            let prefix = text.prefixOfUTF8(byteCountMax: Self.textByteCountMax)
            return prefix.utf8.count < text.utf8.count ? prefix + "…" : prefix
        }
        self.part = part
        self.place = place.map(short)
        self.recorded = recorded.map(short)
        self.asked = asked.map(short)
    }
}

extension RequestDifference: CustomStringConvertible {
    /// One line for a person: the part, the place, what was recorded and what was asked.
    package var description: String {
        let title = [part.rawValue, place].compactMap(\.self).joined(separator: " ")
        return "\(title): recorded \(recorded ?? "nothing"), asked \(asked ?? "nothing")"
    }
}

extension CanonicalRequest {
    /// How the request differs from a recorded one, in the order in which a reader looks: method, host, path, query,
    /// body. At most `limit` differences; none for requests with the same key.
    package func differences(from recorded: CanonicalRequest, limit: Int) -> [RequestDifference] {
        var found: [RequestDifference] = []
        if method != recorded.method {
            found.append(RequestDifference(.method, recorded: recorded.method, asked: method))
        }
        if (url.scheme, url.host) != (recorded.url.scheme, recorded.url.host) {
            found.append(RequestDifference(.host, recorded: recorded.url.origin, asked: url.origin))
        }
        if url.path != recorded.url.path {
            found.append(RequestDifference(.path, recorded: recorded.url.path, asked: url.path))
        }
        found += url.query.differences(from: recorded.url.query, in: .query)
        if bytes != recorded.bytes { found += bodyDifferences(from: recorded, limit: limit) }
        return Array(found.prefix(limit))
    }

    private func bodyDifferences(from recorded: CanonicalRequest, limit: Int) -> [RequestDifference] {
        switch (recorded.body, body) {
        case (.json(let old), .json(let new)):
            var walk = JSONDifferences(limit: limit)
            walk.compare(recorded: old, asked: new)
            return walk.found
        case (.form(let old), .form(let new)): return new.differences(from: old, in: .body)
        case (.multipart(let old), .multipart(let new)): return Self.differences(recorded: old, asked: new)
        case (.none, .none): return []
        default:
            let same = zip(bytes, recorded.bytes).prefix { $0 == $1 }.count
            let hasBoth = !bytes.isEmpty && !recorded.bytes.isEmpty
            return [
                RequestDifference(
                    .body, place: hasBoth ? "byte \(same)" : nil, recorded: recorded.bodySummary, asked: bodySummary)
            ]
        }
    }

    private static func differences(
        recorded: [MultipartBody.Part], asked: [MultipartBody.Part]
    ) -> [RequestDifference] {
        (0..<max(recorded.count, asked.count)).compactMap { index in
            let old = index < recorded.count ? recorded[index] : nil
            let new = index < asked.count ? asked[index] : nil
            guard old != new else { return nil }
            var place = "part \(index + 1)"
            // Equal summaries would leave a reader without a difference.
            if let old, let new, old.headers == new.headers {
                place += ", byte \(zip(old.body, new.body).prefix { $0 == $1 }.count)"
            }
            return RequestDifference(.body, place: place, recorded: old?.summary, asked: new?.summary)
        }
    }

    private var bodySummary: String? {
        switch body {
        case .none: nil
        case .json: "JSON of \(bytes.count) bytes"
        case .form: "a form of \(bytes.count) bytes"
        case .multipart(let parts): "\(parts.count) parts of \(bytes.count) bytes"
        case .raw: "\(bytes.count) bytes"
        }
    }
}

extension CanonicalURL {
    /// Scheme and host, or a word for none.
    fileprivate var origin: String { isURL ? "\(scheme)://\(host)" : "no URL" }
}

extension MultipartBody.Part {
    fileprivate var summary: String {
        (headers.map { "\($0.name): \($0.value)" } + ["\(body.count) bytes"]).joined(separator: ", ")
    }
}

extension FormPairs {
    fileprivate func differences(from recorded: FormPairs, in part: RequestDifference.Part) -> [RequestDifference] {
        let (old, new) = (recorded.byName, byName)
        return Set(old.keys).union(new.keys).sorted { $0.lexicographicallyPrecedes($1) }.compactMap { name in
            guard old[name] != new[name] else { return nil }
            return RequestDifference(
                part, place: String(decoding: name, as: UTF8.self), recorded: Self.text(old[name]),
                asked: Self.text(new[name]))
        }
    }

    private var byName: [[UInt8]: [[UInt8]]] {
        Dictionary(grouping: pairs, by: \.name).mapValues { $0.map(\.value) }
    }

    private static func text(_ values: [[UInt8]]?) -> String? {
        // Spelled as in JSON, so that a line end in a value cannot be taken for one of the report.
        values?.map { String(decoding: JSONValue.string($0).encoded, as: UTF8.self) }.joined(separator: ", ")
    }
}
