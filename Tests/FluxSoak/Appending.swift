import FluxFormat
import FluxStore
import Glibc
import TestSupport

/// The process that is killed: appends, and says what was acknowledged.
///
/// A line is `NUMBER BATCHES OF DURABILITY TIME`: of the execution of this number so many of its batches are stored, this
/// well, as was known at this time.
struct Appending {
    let options: AppendOptions

    /// Runs until it is killed, or its numbers are done; `false` where a call failed or said what cannot be.
    func run() async -> Bool {
        do {
            let store = try EventStore.open(
                at: options.path, options: StoreOptions(segmentByteCountMax: options.segmentByteCountMax))
            Self.say("open")
            var generator = SeededGenerator(seed: options.first)
            for number in options.again { try await append(number, isNew: false, to: store, using: &generator) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for producer in 0..<options.producerCount {
                    group.addTask { try await produce(producer, store) }
                }
                try await group.waitForAll()
            }
            await store.close()
            Self.say("closed")
            return true
        } catch {
            Self.say("failed: \(error)")
            return false
        }
    }

    private func produce(_ producer: UInt64, _ store: EventStore) async throws {
        var generator = SeededGenerator(seed: options.first + producer)
        var number = options.first + producer
        let end = options.count.map { options.first + $0 } ?? .max
        while number < end {
            try await append(number, isNew: true, to: store, using: &generator)
            number += options.producerCount
        }
    }

    private func append(
        _ number: UInt64, isNew: Bool, to store: EventStore, using generator: inout SeededGenerator
    ) async throws {
        let work = Work(number: number)
        let batches = work.parts.batches
        for (index, batch) in batches.enumerated() {
            let receipt = try await store.append(batch, durability: work.durabilities[index])
            guard !(isNew && receipt.isDuplicate) else { throw SoakFailure("\(number) is known before it was sent") }
            Self.say(number, index + 1, of: batches.count, receipt)
            guard Int.random(in: 0..<6, using: &generator) == 0 else { continue }
            let earlier = Int.random(in: 0...index, using: &generator)
            // Of one that only waits in memory nothing is known.
            let retry = try await store.append(batches[earlier], durability: max(.written, work.durabilities[earlier]))
            guard retry.isDuplicate else { throw SoakFailure("batch \(earlier) of \(number) is stored twice") }
            Self.say(number, earlier + 1, of: batches.count, retry)
        }
    }

    private static func say(_ number: UInt64, _ count: Int, of batchCount: Int, _ receipt: AppendReceipt) {
        say("\(number) \(count) \(batchCount) \(receipt.durability.rawValue) \(MonotonicTime.now.nanoseconds)")
    }

    /// One line in one write, so that whoever reads sees all of it or nothing.
    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(1, bytes, bytes.count)
    }
}
