public import FluxFormat
import FluxIndex

/// What ``EventStore/follow(from:)`` hands out.
public enum FollowItem: Sendable {
    /// The next durable batch.
    case batch(FollowedBatch)
    /// The log is not the one that the checkpoint is of: it was cut, or is another store's, or a restored copy of it that
    /// went on differently. Nothing tells from where on they differ, so that following goes on from the oldest batch.
    case rewound(from: FollowCheckpoint)
    /// Frames of these sequences are gone, since retention dropped them, the last of them just before the next item. The
    /// frames of a seal have sequences as well, so that a batch need not have been among them.
    case expired(Range<UInt64>)
}

/// A batch of events that is durable.
public struct FollowedBatch: Sendable {
    /// The execution that it belongs to.
    public let executionID: ExecutionID
    /// The number of its first event in the execution.
    public let firstEvent: UInt64
    /// The number of its events.
    public let eventCount: UInt64
    /// Whether it begins the execution.
    public let isFirst: Bool
    /// Whether no batch of the execution follows.
    public let isLast: Bool
    /// What is known of the execution, in a batch that begins or ends it: the whole of it where ``isLast`` holds.
    public let metadata: ExecutionMetadata?
    /// The place behind the batch: following from it hands out the next one.
    public let checkpoint: FollowCheckpoint
    /// Where its frames lie.
    let locations: [FrameLocation]

    /// Where its frames lie, in order. A hint: rewriting a segment moves them.
    public var positions: [Position] { locations.map(\.position) }

    /// Bytes of its frames in the log.
    public var storedByteCount: Int { locations.reduce(0) { $0 + $1.byteCount } }
}
