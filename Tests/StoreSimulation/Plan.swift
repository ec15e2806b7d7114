import FluxFormat
import FluxStore
import TestSupport

/// An execution in the batches in which it is handed to the store, and what is known of each.
final class Plan {
    private let parts: SampleParts
    /// Batches that were handed in at least once: the first ones.
    var submittedCount = 0
    /// Batches that were acknowledged as written.
    var writtenCount = 0
    /// Batches that were acknowledged as durable.
    var durableCount = 0

    /// The segment with its first frame, as far as anyone was told.
    var firstSegment: UInt32?
    /// Whether its deletion was asked for, and whether that was acknowledged.
    var isDeletionAsked = false
    var isDeleted = false
    /// Whether it was deleted, and the deletion was dropped.
    var hasForgottenDeletion = false
    /// How often it was dropped.
    var expiryCount = 0
    /// The segment of the deletion.
    var tombstoneSegment: UInt32?

    /// The log begins at a segment: what began before it is gone, and what was remembered there.
    func expire(before segment: UInt32) {
        if let tombstoneSegment, tombstoneSegment < segment { forgetDeletion() }
        guard let firstSegment, firstSegment < segment else { return }
        self.firstSegment = nil
        expiryCount += 1
        (durableCount, writtenCount) = (0, 0)
    }

    /// The deletion was dropped, and the execution with it: its id is free.
    func forgetDeletion() {
        tombstoneSegment = nil
        (isDeleted, isDeletionAsked, hasForgottenDeletion) = (false, false, true)
        (durableCount, writtenCount, firstSegment) = (0, 0, nil)
        expiryCount += 1
    }

    init(number: UInt64, using generator: inout SeededGenerator) {
        parts = SampleParts(number: number, using: &generator)
    }

    var id: ExecutionID { parts.id }
    var batches: [EventBatch] { parts.batches }

    /// How many batches make so many events; `nil` where a batch is cut.
    func batchCount(ofEvents count: UInt64, isFinished: Bool) -> Int? {
        parts.batchCount(ofEvents: count, isFinished: isFinished)
    }

    /// The events of the first batches.
    func events(ofBatches count: Int) -> [Event] { parts.events(ofBatches: count) }
}

/// What went wrong, for a person who will run it again.
package struct SimulationFailure: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
