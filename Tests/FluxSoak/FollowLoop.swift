import FluxFormat
import FluxStore
import Foundation
import TestSupport

/// Follows a store and asks it while other processes append with 64 producers, one after the other, each of which is killed.
///
/// Time decides how long a process lives, and nothing else. Nobody waits for a batch that may never come: who follows comes
/// to its end when the reader is closed, and what was seen by then is held against the log.
struct FollowLoop {
    /// What was done, in numbers.
    struct Counts {
        var processes = 0
        var batches = 0
        var queries = 0
        var segments = 0
        var acknowledgements = 0
        /// Time from the acknowledgement of a batch that is durable, as its process took it, until it was followed.
        var following = FollowLag()
        /// Time from then on until a query found its execution, for some batches.
        var asking = FollowLag()
    }

    private static let producerCount: UInt64 = 64
    private static let segmentByteCountMax = 1 << 20
    private static let lifeSeconds = 1.0...10
    /// What following may be behind while it has a processor.
    private static let lagMax = Duration.seconds(1)

    let seed: UInt64
    private(set) var counts = Counts()

    init(seed: UInt64) {
        self.seed = seed
    }

    /// Runs until the time has come, for at least one process. Throws what does not hold; the folder is left then.
    mutating func run(until end: ContinuousClock.Instant) async throws {
        let folder = try ScratchFolder(inMemory: false)
        let path = "\(folder.path)/store"
        try await EventStore.open(at: path).close()
        let reader = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        let following = Following(reader)
        var promises = Promises()
        var generator = SeededGenerator(seed: seed)
        do {
            repeat {
                let first = 1 + 1_000_000_000 * seed + 10_000_000 * UInt64(counts.processes)
                let options = AppendOptions(
                    path: path, first: first, producerCount: Self.producerCount, count: nil,
                    segmentByteCountMax: Self.segmentByteCountMax)
                promises.begin(options)
                let life = Duration.seconds(Double.random(in: Self.lifeSeconds, using: &generator))
                let lines = try await Self.append(options, in: folder.path, until: .now + life)
                for line in lines { try promises.note(line, of: options) }
                counts.processes += 1
            } while ContinuousClock.now < end
            // Puts right what the last one left, and writes HEAD. The log's end is then what is durable.
            try await EventStore.open(at: path).close()
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
        let seen = try await following.finish()
        try await compare(seen.log, promises, with: path)
        try measure(seen, promises)
        folder.remove()
    }

    /// Runs a process until a time, and kills it; returns what it said. On a thread of its own, since it blocks.
    private static func append(
        _ options: AppendOptions, in folder: String, until end: ContinuousClock.Instant
    ) async throws -> [String] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let result = Result {
                    let process = try AppendProcess(options, following: folder)
                    return process.read(until: end) + process.kill()
                }
                continuation.resume(with: result)
            }
        }
    }

    /// What was followed is all of the log, and has all that was promised.
    private mutating func compare(_ seen: FollowedLog, _ promises: Promises, with path: String) async throws {
        let store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        await store.close()
        var whole = FollowedLog()
        for try await item in store.follow() { try whole.take(item) }
        guard whole.batchCount == seen.batchCount, whole.lastCheckpoint == seen.lastCheckpoint else {
            throw SoakFailure("\(seen.batchCount) batches were followed, and the log has \(whole.batchCount)")
        }
        for (number, promised) in promises.numbers where promised.written > 0 {
            let followed = seen.times(of: Work(number: number).parts.id).count
            guard followed >= promised.written else {
                throw SoakFailure("of \(number) \(followed) batches were followed, and \(promised.written) promised")
            }
        }
        let report = try await store.verify(.deep)
        if let finding = report.findings.first { throw SoakFailure("verify finds: \(finding.message)") }
        counts.batches = seen.batchCount
        counts.acknowledgements = promises.acknowledgedCount
        counts.segments = report.segments
    }

    /// Holds the times at which batches were followed against those at which they were acknowledged.
    private mutating func measure(_ seen: Following.Seen, _ promises: Promises) throws {
        for (number, promised) in promises.numbers where promised.durable > 0 {
            let times = seen.log.times(of: Work(number: number).parts.id)
            for (index, acknowledged) in promised.durableTimes {
                counts.following.note(from: acknowledged, to: times[index], seen.waits)
            }
        }
        counts.asking = seen.asking
        counts.queries = seen.queryCount
        let longest = counts.following.longest
        guard longest.duration - longest.waiting <= Self.lagMax else {
            throw SoakFailure(
                "a durable batch was not followed for \(longest.duration), and the processors were busy for "
                    + "\(longest.waiting) of it", isBrokenPromise: true)
        }
    }
}
