public import FluxFormat

/// How a store is opened.
public struct StoreOptions: Sendable {
    /// What may be done with the store.
    public enum Access: Sendable {
        /// One process at a time. Makes the store where there is none.
        case readWrite
        /// Any number of processes, also beside a writer; sees at least what was durable when it was opened, and changes
        /// nothing of the log. Lists may show what a writer stored since.
        case readOnly
    }

    /// What may be done with the store.
    public var access: Access
    /// Bytes of a segment after which the next begins, 16 KiB to 1 GiB. Smaller segments can be dropped earlier.
    public var segmentByteCountMax: Int
    /// Raw bytes of a frame after which the next begins, 4 KiB to 1 MiB.
    public var frameByteCountTarget: Int

    /// Bytes of batches that may wait for the disk; more make the caller wait. A single batch is always taken.
    public var queueByteCountMax: Int
    /// Time for which a caller waits for room in that queue before its append throws `overloaded`.
    public var queueTimeout: Duration

    /// Makes options; values out of range are brought to its ends.
    public init(
        access: Access = .readWrite, segmentByteCountMax: Int = 128 << 20,
        frameByteCountTarget: Int = FormatLimit.frameByteCountTarget, queueByteCountMax: Int = 64 << 20,
        queueTimeout: Duration = .seconds(30)
    ) {
        self.queueByteCountMax = max(queueByteCountMax, 0)
        self.queueTimeout = queueTimeout
        self.access = access
        self.segmentByteCountMax = min(max(segmentByteCountMax, 16 << 10), 1 << 30)
        self.frameByteCountTarget = min(max(frameByteCountTarget, 4 << 10), FormatLimit.frameByteCountMax)
    }
}
