package import FluxFormat

/// A frame of events as it is handed to the index.
package struct IndexedFrame: Sendable, Equatable {
    /// The frame's header, verified.
    package var header: FrameHeader
    /// Where the frame lies.
    package var position: Position
    /// The generation of its segment.
    package var generation: UInt32
    /// What record 0 says, in frames flagged `executionFirst` or `executionLast`; else `nil`.
    package var metadata: EncodedMetadata?

    /// Makes a frame.
    package init(
        header: FrameHeader, position: Position, generation: UInt32, metadata: EncodedMetadata? = nil
    ) {
        self.header = header
        self.position = position
        self.generation = generation
        self.metadata = metadata
    }
}

/// How much of the log the index holds.
package struct AppliedPosition: Sendable, Equatable {
    /// The end of what is applied. A hint: a segment that is rewritten moves it.
    package var position: Position
    /// The sequence of the first frame that is not applied; 0 while nothing is.
    package var nextFrameSequence: UInt64

    /// Makes a position.
    package init(position: Position, nextFrameSequence: UInt64) {
        self.position = position
        self.nextFrameSequence = nextFrameSequence
    }

    /// Nothing is applied.
    package static let zero = AppliedPosition(position: .zero, nextFrameSequence: 0)
}

/// Where a frame of an execution lies, and how to know it again.
///
/// Who reads a frame at this place compares its header's hash and execution: they differ when the place is
/// stale.
package struct FrameLocation: Sendable, Equatable {
    /// Where the frame lies.
    package var position: Position
    /// The generation of its segment.
    package var generation: UInt32
    /// Bytes in the log, with header and padding.
    package var byteCount: Int
    /// The hash that the frame's header carries.
    package var headerHash: UInt64
    /// The number of its first event in the execution.
    package var firstEvent: UInt32
    /// The number of events that end in it.
    package var eventCount: UInt16

    /// Makes a location.
    package init(
        position: Position, generation: UInt32, byteCount: Int, headerHash: UInt64, firstEvent: UInt32,
        eventCount: UInt16
    ) {
        self.position = position
        self.generation = generation
        self.byteCount = byteCount
        self.headerHash = headerHash
        self.firstEvent = firstEvent
        self.eventCount = eventCount
    }

    /// The location of a frame that is handed to the index.
    package init(of frame: IndexedFrame) {
        self.init(
            position: frame.position, generation: frame.generation, byteCount: frame.header.frameByteCount,
            headerHash: frame.header.headerHash, firstEvent: frame.header.firstEvent,
            eventCount: frame.header.eventCount)
    }
}
