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
    /// Where the row stands in a list.
    package var place: ListPlace {
        ListPlace(startedAt: metadata.startedAt ?? 0, firstFrameSequence: firstFrameSequence)
    }
}

/// Some rows of a list, and the way to the next.
public struct ExecutionPage: Sendable, Equatable {
    /// The rows, in the order that was asked for.
    public var executions: [ExecutionSummary]
    /// Asks for the rows behind these; `nil` at the end. Survives a rebuilt index, and executions that are stored or
    /// leave meanwhile. A page with fewer rows than the limit, or none, can have one: its search stopped at its budget.
    public var nextPageToken: PageToken?
    /// Entries of the index that were looked at, and executions outside of it.
    public var examinedCount: Int

    /// Makes a page.
    public init(executions: [ExecutionSummary], nextPageToken: PageToken?, examinedCount: Int) {
        self.executions = executions
        self.nextPageToken = nextPageToken
        self.examinedCount = examinedCount
    }
}
