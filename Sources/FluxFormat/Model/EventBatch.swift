/// Some events of one execution, in the order in which they were recorded: stored together or not at all.
public struct EventBatch: Sendable, Equatable {
    /// The execution.
    public var executionID: ExecutionID
    /// The number of the first event in the execution, from 0: how many events come before.
    public var firstEvent: UInt64
    /// The events; may be none in the first batch and in the last.
    public var events: [Event]
    /// What is known of the execution. Stored with the first batch and with the last, whose counts must then be those of
    /// the whole execution.
    public var metadata: ExecutionMetadata
    /// Whether no batch follows.
    public var isLast: Bool
    /// Whose execution it is; the same for all batches of an execution. The first one's counts in queries.
    public var tenantID: UInt32

    /// Makes a batch.
    public init(
        executionID: ExecutionID, firstEvent: UInt64, events: [Event], metadata: ExecutionMetadata, isLast: Bool,
        tenantID: UInt32 = 0
    ) {
        self.tenantID = tenantID
        self.executionID = executionID
        self.firstEvent = firstEvent
        self.events = events
        self.metadata = metadata
        self.isLast = isLast
    }
}
