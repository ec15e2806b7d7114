import FluxFormat
import FluxStore
import TestSupport

/// Appends one execution after the other.
struct DoorProducers {
    let store: EventStore
    let model: DoorModel

    func run(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        while !model.isOver {
            let number = model.take()
            let batches = DoorWork(number: number).parts.batches
            for (index, batch) in batches.enumerated() {
                guard try await append(batch, index, number) else { break }
                // The first one again would be stored anew, once the execution is dropped.
                guard index > 0, Int.random(in: 0..<8, using: &generator) == 0 else { continue }
                guard try await retry(batch, number) else { break }
            }
        }
    }

    /// Stores a batch; `false` where its execution is gone.
    private func append(_ batch: EventBatch, _ index: Int, _ number: UInt64) async throws -> Bool {
        model.send(number, index + 1)
        let start = ContinuousClock.now
        do {
            let receipt = try await store.append(batch)
            guard !receipt.isDuplicate else { throw SoakFailure("\(number) is known before it was sent") }
            model.acknowledge(number, index + 1, at: receipt.position)
            let time = ContinuousClock.now - start
            let byteCount = batch.events.reduce(0) { $0 + $1.payload.count + $1.descriptor.count }
            model.count {
                $0.longestAppend = max($0.longestAppend, time)
                $0.byteCount += byteCount
            }
            return true
        } catch let error as StoreError {
            try allowAbsence(of: number, error)
            return false
        }
    }

    /// Sends a batch again that was just stored.
    private func retry(_ batch: EventBatch, _ number: UInt64) async throws -> Bool {
        do {
            guard try await store.append(batch).isDuplicate || batch.events.isEmpty else {
                throw SoakFailure("\(number) takes a batch twice")
            }
            return true
        } catch let error as StoreError {
            try allowAbsence(of: number, error)
            return false
        }
    }

    private func allowAbsence(of number: UInt64, _ error: StoreError) throws {
        guard error.code == .deleted || error.code == .expectedEvent else {
            throw SoakFailure("execution \(number): \(error)")
        }
        if model.entry(number)?.isDeletionAsked ?? true { return }
        guard error.code == .expectedEvent else { throw SoakFailure("\(number) is refused, and no one deleted it") }
        model.miss(number)
    }
}
