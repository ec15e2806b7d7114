/// What is known of an execution in clear: what lists show and queries ask for.
public struct ExecutionMetadata: Sendable, Equatable {
    /// How far the execution has come.
    public enum Status: UInt8, Sendable, CaseIterable {
        /// It has not ended, as far as is known.
        case running = 0
        /// It ended without an error.
        case ok = 1
        /// It ended with an error.
        case failed = 2
        /// It was cancelled from outside.
        case cancelled = 3
    }

    /// The app that was recorded.
    public var app: String
    /// The recorded function, or the name of an imported recording.
    public var name: String
    /// What recorded it, as in `vcr-ruby` or `har`.
    public var source: String
    /// The route that was served.
    public var route: String
    /// How it ended.
    public var status: Status
    /// Nanoseconds since 1970 at its start; `nil` where the recording has no time.
    public var startedAt: UInt64?
    /// Nanoseconds from start to end; `nil` while unknown.
    public var durationNanoseconds: UInt64?
    /// The id of the request, as the server saw it.
    public var requestID: String?
    /// The id of the trace, as the server saw it.
    public var traceID: String?
    /// The version of what recorded it.
    public var sdkVersion: String?
    /// Groups failures that look the same.
    public var errorFingerprint: String?
    /// The number of events.
    public var eventCount: UInt64
    /// The number of calls across a boundary with their answers.
    public var interactionCount: UInt64
    /// The number of events of each kind.
    public var kindCounts: [EventKind: UInt64]
    /// Free tags.
    public var tags: [String: String]

    /// Makes metadata; the store fills the counts.
    public init(
        app: String, name: String, source: String, route: String = "", status: Status, startedAt: UInt64? = nil,
        durationNanoseconds: UInt64? = nil, requestID: String? = nil, traceID: String? = nil,
        sdkVersion: String? = nil, errorFingerprint: String? = nil, tags: [String: String] = [:]
    ) {
        self.app = app
        self.name = name
        self.source = source
        self.route = route
        self.status = status
        self.startedAt = startedAt
        self.durationNanoseconds = durationNanoseconds
        self.requestID = requestID
        self.traceID = traceID
        self.sdkVersion = sdkVersion
        self.errorFingerprint = errorFingerprint
        self.eventCount = 0
        self.interactionCount = 0
        self.kindCounts = [:]
        self.tags = tags
    }

    /// Counts one event.
    package mutating func count(_ kind: EventKind) {
        eventCount += 1
        if kind.isInteraction { interactionCount += 1 }
        kindCounts[kind, default: 0] += 1
    }
}
