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
