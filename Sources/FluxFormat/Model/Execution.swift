/// All events of one run of a recorded function, as they are handed to the store.
public struct Execution: Sendable, Equatable {
    /// The execution's id.
    public var id: ExecutionID
    /// What is known of it in clear.
    public var metadata: ExecutionMetadata
    /// Its events in the order in which they arrived.
    public var events: [Event]
    /// Whose execution it is: a number that the caller gives.
    public var tenantID: UInt32

    /// Makes an execution; the store counts events and interactions anew when it is appended.
    public init(id: ExecutionID, metadata: ExecutionMetadata, events: [Event], tenantID: UInt32 = 0) {
        self.tenantID = tenantID
        self.id = id
        self.metadata = metadata
        self.events = events
    }
}
