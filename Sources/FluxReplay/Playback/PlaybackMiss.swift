package import FluxFormat

/// A request that the recording has no answer for, with the recorded request that comes nearest.
package struct PlaybackMiss: Sendable, Equatable {
    /// Why there is none.
    package enum Kind: String, Sendable {
        /// The request was never recorded.
        case notRecorded = "not recorded"
        /// The request was recorded, and every recorded answer was given.
        case exhausted
    }

    /// Why there is no answer.
    package let kind: Kind
    /// The method asked with, in capitals.
    package let method: String
    /// The URL asked for.
    package let url: String
    /// Bytes of the body sent.
    package let bodyByteCount: Int
    /// How often the request was recorded.
    package let recordedCount: Int
    /// How often it was asked, this time included.
    package let askedCount: Int
    /// The nearest recorded request; `nil` where nothing was recorded.
    package let nearest: RecordedExchange?
    /// How the request differs from the nearest one.
    package let differences: [RequestDifference]

    /// What is the matter, in one sentence.
    package var message: String {
        switch kind {
        case .notRecorded where nearest == nil: "the recording holds no HTTP request at all"
        case .notRecorded: "the recording has no answer to this request"
        case .exhausted:
            "this request was recorded \(Self.times(recordedCount)), and asked \(Self.times(askedCount)) by now; "
                + "to answer it again use --repeats last or --repeats first"
        }
    }

    /// Request, reason, nearest request and differences, each on a line.
    package var lines: [String] {
        let reason = kind == .notRecorded ? nearest.map { "nearest: \($0.title)" } ?? message : message
        let details = kind == .notRecorded ? differences.map(\.description) : []
        return (["\(method) \(url)"] + ([reason] + details).map { "  \($0)" }).map(\.onOneLine)
    }

    private static func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }
}

extension PlaybackMiss {
    /// The miss as a client gets it: JSON with the members `error`, `message`, `request`, `recordedCount`, `askedCount`,
    /// `nearest` and `difference`.
    package func answer(status: Int) -> PlaybackAnswer {
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: JSONValue) {
            members.append(JSONValue.Member(name: Array(name.utf8), value: value))
        }
        add("error", .text(kind.rawValue))
        add("message", .text(message))
        add("request", Self.json(method: method, url: url, bodyByteCount: bodyByteCount))
        add("recordedCount", .number("\(recordedCount)"))
        add("askedCount", .number("\(askedCount)"))
        add("nearest", nearest.map(Self.json) ?? .null)
        add("difference", .array(differences.map(Self.json)))
        return PlaybackAnswer(status: status, json: .object(members), toMethod: method)
    }

    private static func json(method: String, url: String, bodyByteCount: Int) -> JSONValue {
        .members(["method": .text(method), "url": .text(url), "bodyBytes": .number("\(bodyByteCount)")])
    }

    private static func json(_ recorded: RecordedExchange) -> JSONValue {
        let request = recorded.exchange.request
        return .members([
            "method": .text(request.method.uppercased()), "url": .text(request.url),
            "bodyBytes": .number("\(request.body?.count ?? 0)"),
            "execution": .text(recorded.executionID.description), "event": .number("\(recorded.index)"),
        ])
    }

    private static func json(_ difference: RequestDifference) -> JSONValue {
        .members([
            "part": .text(difference.part.rawValue), "place": difference.place.map { .text($0) } ?? .null,
            "recorded": difference.recorded.map { .text($0) } ?? .null,
            "asked": difference.asked.map { .text($0) } ?? .null,
        ])
    }
}

extension String {
    /// The text with U+FFFD for each control character: what a client or a recording wrote stays on its line, and tells
    /// a terminal nothing.
    var onOneLine: String {
        var scalars = UnicodeScalarView()
        for scalar in unicodeScalars {
            scalars.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
        }
        return String(scalars)
    }
}
