import FluxFormat
import FluxStore
import TestSupport

/// An execution in the batches in which it is handed to the store, and what is known of each.
final class Plan {
    let id: ExecutionID
    let batches: [EventBatch]
    /// Batches that were handed in at least once: the first ones.
    var submittedCount = 0
    /// Batches that were acknowledged as written.
    var writtenCount = 0
    /// Batches that were acknowledged as durable.
    var durableCount = 0

    init(number: UInt64, using generator: inout SeededGenerator) {
        let whole = Sample.execution(
            seed: number, eventCount: Int.random(in: 0...12, using: &generator), payloadByteCountMax: 400)
        id = whole.id
        var metadata = whole.metadata
        for event in whole.events { metadata.count(event.kind) }
        var running = whole.metadata
        running.status = .running
        running.durationNanoseconds = nil
        var batches: [EventBatch] = []
        var start = 0
        repeat {
            let end = min(start + Int.random(in: 1...6, using: &generator), whole.events.count)
            let isLast = end == whole.events.count && (number % 5 != 0 || start == 0 && end == 0)
            batches.append(
                EventBatch(
                    executionID: id, firstEvent: UInt64(start), events: Array(whole.events[start..<end]),
                    metadata: isLast ? metadata : running, isLast: isLast))
            start = end
        } while start < whole.events.count
        self.batches = batches
    }

    /// How many batches make so many events; `nil` where a batch is cut.
    func batchCount(ofEvents count: UInt64, isFinished: Bool) -> Int? {
        var sum: UInt64 = 0
        for (index, batch) in batches.enumerated() {
            if sum == count, !isFinished, index > 0 { return index }
            sum += UInt64(batch.events.count)
        }
        return sum == count ? batches.count : nil
    }

    /// The events of the first batches.
    func events(ofBatches count: Int) -> [Event] { batches.prefix(count).flatMap(\.events) }
}

/// What went wrong, for a person who will run it again.
package struct SimulationFailure: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
