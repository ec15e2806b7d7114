/// What a list of executions is asked for: all conditions that are given hold.
public struct ExecutionQuery: Sendable, Equatable {
    /// The app, exactly.
    public var app: String?
    /// The route, exactly.
    public var route: String?
    /// The status.
    public var status: ExecutionMetadata.Status?
    /// The earliest start, nanoseconds since 1970. Executions without a time do not match.
    public var startedAtFirst: UInt64?
    /// The end of the range of starts, not part of it. Executions without a time do not match.
    public var startedAtEnd: UInt64?

    /// Makes a query; without conditions it matches every execution.
    public init(
        app: String? = nil, status: ExecutionMetadata.Status? = nil, route: String? = nil,
        startedAtFirst: UInt64? = nil, startedAtEnd: UInt64? = nil
    ) {
        self.app = app
        self.status = status
        self.route = route
        self.startedAtFirst = startedAtFirst
        self.startedAtEnd = startedAtEnd
    }
}

extension ExecutionQuery {
    /// Whether an execution is one that is asked for.
    package func matches(_ metadata: ExecutionMetadata) -> Bool {
        if let app, app != metadata.app { return false }
        if let route, route != metadata.route { return false }
        if let status, status != metadata.status { return false }
        guard startedAtFirst != nil || startedAtEnd != nil else { return true }
        guard let start = metadata.startedAt, start > 0 else { return false }
        return start >= startedAtFirst ?? 0 && startedAtEnd.map { start < $0 } ?? true
    }
}

/// One row of a list: an execution without its events.
public struct ExecutionSummary: Sendable, Equatable {
    /// The execution's id.
    public var id: ExecutionID
    /// What is known of it in clear.
    public var metadata: ExecutionMetadata
    /// The number of the next event to come, which is the number of events stored.
    public var nextEvent: UInt64
    /// Bytes of its frames before compression.
    public var rawByteCount: UInt64
    /// Bytes of its frames in the log.
    public var storedByteCount: UInt64
    /// The sequence of its first frame in the log.
    public var firstFrameSequence: UInt64

    /// Makes a row.
    public init(
        id: ExecutionID, metadata: ExecutionMetadata, nextEvent: UInt64, rawByteCount: UInt64,
        storedByteCount: UInt64, firstFrameSequence: UInt64
    ) {
        self.id = id
        self.metadata = metadata
        self.nextEvent = nextEvent
        self.rawByteCount = rawByteCount
        self.storedByteCount = storedByteCount
        self.firstFrameSequence = firstFrameSequence
    }
}

extension ExecutionSummary {
    /// Whether this row comes before another in a list.
    package func isListed(before other: ExecutionSummary) -> Bool {
        (metadata.startedAt ?? 0, firstFrameSequence) > (other.metadata.startedAt ?? 0, other.firstFrameSequence)
    }
}

/// Some rows of a list, and the way to the next.
public struct ExecutionPage: Sendable, Equatable {
    /// The rows, newest start first; among equal starts, last stored first.
    public var executions: [ExecutionSummary]
    /// Asks for the rows behind these; `nil` at the end. Survives a rebuilt index.
    public var nextPageToken: PageToken?

    /// Makes a page.
    public init(executions: [ExecutionSummary], nextPageToken: PageToken?) {
        self.executions = executions
        self.nextPageToken = nextPageToken
    }
}

/// The place behind the last row of a page.
public struct PageToken: Hashable, Sendable, LosslessStringConvertible {
    package let storeID: UInt64
    package let startedAt: UInt64
    package let firstFrameSequence: UInt64

    package init(storeID: UInt64, startedAt: UInt64, firstFrameSequence: UInt64) {
        self.storeID = storeID
        self.startedAt = startedAt
        self.firstFrameSequence = firstFrameSequence
    }

    /// Whether a row comes behind this place.
    package func isBefore(_ row: ExecutionSummary) -> Bool {
        (startedAt, firstFrameSequence) > (row.metadata.startedAt ?? 0, row.firstFrameSequence)
    }

    /// Reads what ``description`` gave; `nil` for anything else.
    public init?(_ text: String) {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0, radix: 36) }
        guard numbers.count == 3, let store = numbers[0], let start = numbers[1], let sequence = numbers[2] else {
            return nil
        }
        self.init(storeID: store, startedAt: start, firstFrameSequence: sequence)
        // Other spellings of the same numbers, as with a sign, are none of ours.
        guard description == text else { return nil }
    }

    /// The token as text.
    public var description: String {
        [storeID, startedAt, firstFrameSequence].map { String($0, radix: 36) }.joined(separator: "-")
    }
}
