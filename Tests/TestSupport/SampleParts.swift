public import FluxFormat

/// An execution in the batches in which it is handed to a store.
public struct SampleParts: Sendable {
    /// The execution's id.
    public let id: ExecutionID
    /// Its batches in order, at least one. Of every fifth number the last batch is missing that would end it.
    public let batches: [EventBatch]

    /// Cuts an execution, which is the same for the same number and generator.
    public init(
        number: UInt64, eventCountMax: Int = 12, payloadByteCountMax: Int = 400,
        using generator: inout SeededGenerator
    ) {
        let whole = Sample.execution(
            seed: number, eventCount: Int.random(in: 0...eventCountMax, using: &generator),
            payloadByteCountMax: payloadByteCountMax)
        self.init(whole, endsWithLast: number % 5 != 0) { Int.random(in: 1...6, using: &generator) }
    }

    /// Cuts an execution into batches of as many events as `eventCount` says each time.
    public init(_ whole: Execution, endsWithLast: Bool, eventCount: () -> Int) {
        id = whole.id
        var metadata = whole.metadata
        for event in whole.events { metadata.count(event.kind) }
        var running = whole.metadata
        running.status = .running
        running.durationNanoseconds = nil
        var batches: [EventBatch] = []
        var start = 0
        repeat {
            let end = min(start + eventCount(), whole.events.count)
            let isLast = end == whole.events.count && (endsWithLast || start == 0 && end == 0)
            batches.append(
                EventBatch(
                    executionID: id, firstEvent: UInt64(start), events: Array(whole.events[start..<end]),
                    metadata: isLast ? metadata : running, isLast: isLast))
            start = end
        } while start < whole.events.count
        self.batches = batches
    }

    /// How many batches make so many events; `nil` where a batch is cut.
    public func batchCount(ofEvents count: UInt64, isFinished: Bool) -> Int? {
        var sum: UInt64 = 0
        for (index, batch) in batches.enumerated() {
            if sum == count, !isFinished, index > 0 { return index }
            sum += UInt64(batch.events.count)
        }
        return sum == count ? batches.count : nil
    }

    /// The events of the first batches.
    public func events(ofBatches count: Int) -> [Event] { batches.prefix(count).flatMap(\.events) }
}
