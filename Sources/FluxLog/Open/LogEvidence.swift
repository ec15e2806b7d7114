package import FluxFormat

/// A place up to which the log was synced once, as something outside of the frames before it says.
///
/// Frames are never brought back by it: it tells a loss from bytes that no one was promised.
package struct LogEvidence: Sendable, Equatable {
    package var end: Position
    /// The sequence of the first frame behind ``end``.
    package var nextFrameSequence: UInt64

    package init(end: Position, nextFrameSequence: UInt64) {
        self.end = end
        self.nextFrameSequence = nextFrameSequence
    }

    /// Nothing was promised.
    package static let none = LogEvidence(end: .zero, nextFrameSequence: 0)

    /// The one that reaches further.
    package func combined(with other: LogEvidence) -> LogEvidence { end < other.end ? other : self }

    /// Whether a log that ends at `found` lacks something of it. A segment that holds its header alone is no loss: it is
    /// begun anew.
    func isBeyond(_ found: Position) -> Bool {
        end > found && !(end.offset == SegmentHeader.byteCount && end.segment == found.segment + 1)
    }
}

extension LogHead {
    /// What it says of the log's end.
    package var evidence: LogEvidence { LogEvidence(end: durableEnd, nextFrameSequence: nextFrameSequence) }
}
