/// How much of a store is kept.
///
/// Whole segments go, oldest first, and never the last one. A store keeps at least what the policy says, and up to a segment
/// more.
public struct RetentionPolicy: Sendable, Equatable {
    /// What is older is dropped: a segment whose newest execution started, and whose last frame was written, before that.
    /// `nil` drops nothing by age.
    public var maxAge: Duration?
    /// Bytes of the log over which the oldest segments are dropped; `nil` drops nothing by size. The index is not counted.
    public var maxByteCount: UInt64?

    /// Makes a policy; without a limit it keeps everything.
    public init(maxAge: Duration? = nil, maxByteCount: UInt64? = nil) {
        self.maxAge = maxAge
        self.maxByteCount = maxByteCount
    }
}

/// What retention dropped, or would drop.
public struct RetentionReport: Sendable, Equatable {
    /// Segments that were dropped.
    public var segments = 0
    /// Bytes of their files.
    public var byteCount: UInt64 = 0
    /// Executions that are gone: those that began in them.
    public var executions = 0
    /// Bytes of the log that are kept.
    public var keptByteCount: UInt64 = 0
    /// Files that a cursor holds; each is removed when the last such cursor goes.
    public var heldFiles = 0
}
