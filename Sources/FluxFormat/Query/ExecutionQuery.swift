/// What a list of executions is asked for: all conditions that are given hold.
///
/// Texts are compared byte by byte. A condition on something that an execution may lack, as a time, a duration or an
/// id, matches none that lacks it.
public struct ExecutionQuery: Sendable, Equatable {
    /// The app, exactly.
    public var app: String?
    /// The recorded function, or the name of an imported recording, exactly.
    public var name: String?
    /// What recorded it, exactly.
    public var source: String?
    /// The route, exactly.
    public var route: String?
    /// The statuses of which it has one; an empty set matches nothing.
    public var statuses: Set<ExecutionMetadata.Status>?
    /// The version of what recorded it, exactly.
    public var sdkVersion: String?
    /// The tenant's number.
    public var tenantID: UInt32?
    /// The earliest start, nanoseconds since 1970. Executions without a time do not match.
    public var startedAtFirst: UInt64?
    /// The end of the range of starts, not part of it. Executions without a time do not match.
    public var startedAtEnd: UInt64?
    /// The shortest duration, in nanoseconds.
    public var durationNanosecondsMin: UInt64?
    /// The longest duration, in nanoseconds.
    public var durationNanosecondsMax: UInt64?
    /// The fingerprint of the error, exactly.
    public var errorFingerprint: String?
    /// The id of the request, exactly.
    public var requestID: String?
    /// The id of the trace, exactly.
    public var traceID: String?
    /// Tags that it has, each with exactly this value.
    public var tags: [String: String]
    /// Keys of tags that it has, with any value.
    public var tagKeys: Set<String>
    /// The least number of events, as the metadata count them.
    public var eventCountMin: UInt64?
    /// The greatest number of events.
    public var eventCountMax: UInt64?
    /// The least number of calls across a boundary.
    public var interactionCountMin: UInt64?
    /// The greatest number of calls across a boundary.
    public var interactionCountMax: UInt64?

    /// Makes a query; without conditions it matches every execution. `status` is one that is added to `statuses`. Counts
    /// of events and calls are set afterwards.
    public init(
        app: String? = nil, name: String? = nil, source: String? = nil, status: ExecutionMetadata.Status? = nil,
        statuses: Set<ExecutionMetadata.Status>? = nil, route: String? = nil, sdkVersion: String? = nil,
        tenantID: UInt32? = nil, startedAtFirst: UInt64? = nil, startedAtEnd: UInt64? = nil,
        durationNanosecondsMin: UInt64? = nil, durationNanosecondsMax: UInt64? = nil, errorFingerprint: String? = nil,
        requestID: String? = nil, traceID: String? = nil, tags: [String: String] = [:], tagKeys: Set<String> = []
    ) {
        self.app = app
        self.name = name
        self.source = source
        self.route = route
        self.statuses = status.map { (statuses ?? []).union([$0]) } ?? statuses
        self.sdkVersion = sdkVersion
        self.tenantID = tenantID
        self.startedAtFirst = startedAtFirst
        self.startedAtEnd = startedAtEnd
        self.durationNanosecondsMin = durationNanosecondsMin
        self.durationNanosecondsMax = durationNanosecondsMax
        self.errorFingerprint = errorFingerprint
        self.requestID = requestID
        self.traceID = traceID
        self.tags = tags
        self.tagKeys = tagKeys
    }
}
