/// One header of an HTTP message, as it was recorded.
public struct HTTPHeader: Sendable, Hashable {
    /// The name in its recorded spelling.
    public var name: String
    /// The value in its recorded spelling.
    public var value: String

    /// Makes a header.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A recorded HTTP request.
public struct HTTPRequestRecord: Sendable, Equatable {
    /// The method in its recorded spelling.
    public var method: String
    /// The URL as recorded; it may be no valid URL.
    public var url: String
    /// As in `HTTP/1.1`; empty where the recording does not tell.
    public var version: String
    /// The headers in their recorded order, with repeats.
    public var headers: [HTTPHeader]
    /// The body's bytes; `nil` where the recording has none.
    public var body: [UInt8]?

    /// Makes a request.
    public init(method: String, url: String, version: String = "", headers: [HTTPHeader] = [], body: [UInt8]? = nil) {
        self.method = method
        self.url = url
        self.version = version
        self.headers = headers
        self.body = body
    }
}

/// The recorded answer to an HTTP request.
public struct HTTPResponseRecord: Sendable, Equatable {
    /// The status as recorded; 0 where a browser got no answer.
    public var status: UInt16
    /// The text beside the status; empty where the recording does not tell.
    public var reason: String
    /// As in `HTTP/1.1`; empty where the recording does not tell.
    public var version: String
    /// The headers in their recorded order, with repeats.
    public var headers: [HTTPHeader]
    /// The body's bytes; `nil` where the recording has none.
    public var body: [UInt8]?

    /// Makes an answer.
    public init(
        status: UInt16, reason: String = "", version: String = "", headers: [HTTPHeader] = [], body: [UInt8]? = nil
    ) {
        self.status = status
        self.reason = reason
        self.version = version
        self.headers = headers
        self.body = body
    }
}

/// An HTTP request with its answer: the meaning of an event of kind ``EventKind/http``.
public struct HTTPExchange: Sendable, Equatable {
    /// What was asked.
    public var request: HTTPRequestRecord
    /// What was answered; `nil` where the recording has no answer.
    public var response: HTTPResponseRecord?
    /// Nanoseconds since the start of the execution; `nil` where the recording has no time.
    public var offsetNanoseconds: UInt64?
    /// Nanoseconds from request to answer; `nil` where the recording does not tell.
    public var durationNanoseconds: UInt64?

    /// Makes an exchange.
    public init(
        request: HTTPRequestRecord, response: HTTPResponseRecord?, offsetNanoseconds: UInt64? = nil,
        durationNanoseconds: UInt64? = nil
    ) {
        self.request = request
        self.response = response
        self.offsetNanoseconds = offsetNanoseconds
        self.durationNanoseconds = durationNanoseconds
    }
}

extension HTTPExchange {
    /// The exchange as the event number `sequence` of the root lane, which is below 2^31 - 1: each takes two stamps.
    public func event(sequence: UInt32) -> Event {
        precondition(sequence < UInt32.max / 2, "an execution has fewer than 2^31 - 1 exchanges")
        var descriptor = EventDescriptor(effect: effect, outcome: response == nil ? .pending : .value)
        descriptor.status = response?.status ?? 0
        descriptor.durationNanoseconds = durationNanoseconds
        descriptor.requestByteCount = UInt32(clamping: request.body?.count ?? 0)
        descriptor.responseByteCount = UInt32(clamping: response?.body?.count ?? 0)
        descriptor.method = request.method.prefixOfUTF8(byteCountMax: 256)
        descriptor.target = request.url.prefixOfUTF8(byteCountMax: EventDescriptor.targetByteCountMax)
        return Event(
            kind: .http, encoding: .parts, sequence: sequence, issued: 2 * sequence + 1,
            done: response == nil ? 0 : 2 * sequence + 2, offsetNanoseconds: offsetNanoseconds,
            name: URLParts(request.url).host?.prefixOfUTF8(byteCountMax: 255), descriptor: descriptor.encoded,
            payload: PayloadPart.payload(of: parts))
    }

    private var effect: EventDescriptor.Effect {
        switch request.method.uppercased() {
        case "GET", "HEAD", "OPTIONS", "TRACE": .read
        default: .write
        }
    }

    private var parts: [PayloadPart] {
        var parts = [
            PayloadPart(
                role: .requestHead, encoding: .http,
                bytes: HTTPHead.encode(
                    status: 0, strings: [request.method, request.url, request.version], headers: request.headers))
        ]
        if let body = request.body {
            parts.append(PayloadPart(role: .requestBody, encoding: .raw, bytes: body))
        }
        if let response {
            parts.append(
                PayloadPart(
                    role: .responseHead, encoding: .http,
                    bytes: HTTPHead.encode(
                        status: response.status, strings: [response.reason, response.version],
                        headers: response.headers)))
            if let body = response.body {
                parts.append(PayloadPart(role: .responseBody, encoding: .raw, bytes: body))
            }
        }
        return parts
    }
}

extension HTTPExchange {
    /// Reads the whole payload of an event of kind ``EventKind/http``.
    ///
    /// `descriptor` gives the duration, `offsetNanoseconds` comes from the event.
    public init(
        payload: RawSpan, descriptor: EventDescriptor? = nil, offsetNanoseconds: UInt64? = nil
    ) throws(FormatError) {
        var request: HTTPRequestRecord?
        var response: HTTPResponseRecord?
        var reader = try PayloadPartReader(payload)
        while let part = try reader.next() {
            switch part.role {
            case .requestHead:
                let head = try HTTPHead(parsing: part.bytes, stringCount: 3)
                request = HTTPRequestRecord(
                    method: head.strings[0], url: head.strings[1], version: head.strings[2], headers: head.headers)
            case .requestBody: request?.body = part.bytes.array
            case .responseHead:
                let head = try HTTPHead(parsing: part.bytes, stringCount: 2)
                response = HTTPResponseRecord(
                    status: head.status, reason: head.strings[0], version: head.strings[1], headers: head.headers)
            case .responseBody: response?.body = part.bytes.array
            default: continue
            }
        }
        guard let request else { throw .invalidField("an HTTP payload without a request head") }
        self.init(
            request: request, response: response, offsetNanoseconds: offsetNanoseconds,
            durationNanoseconds: descriptor?.durationNanoseconds)
    }
}

extension String {
    /// The longest prefix of whole characters that has at most so many bytes.
    package func prefixOfUTF8(byteCountMax: Int) -> String {
        guard utf8.count > byteCountMax else { return self }
        var end = startIndex
        var byteCount = 0
        while end < endIndex {
            byteCount += self[end].utf8.count
            guard byteCount <= byteCountMax else { break }
            formIndex(after: &end)
        }
        return String(self[..<end])
    }
}
