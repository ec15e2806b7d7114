import FluxFormat
import FluxStore
import Foundation
import TestSupport

/// Follows a store and asks it while other processes append with 64 producers, one after the other, each of which is killed.
struct FollowLoop {
    /// What was done, in numbers.
    struct Counts {
        var processes = 0
        var batches = 0
        var queries = 0
        var segments = 0
        var acknowledgements = 0
        /// The longest time for which a query lacked a batch that was followed.
        var longestLag = Duration.zero
    }

    private static let producerCount: UInt64 = 64
    private static let segmentByteCountMax = 1 << 20
    /// Batches between two queries.
    private static let queryInterval = 200
    private static let lifeSeconds = 10

    private(set) var counts = Counts()

    /// Runs until the time has come, for at least one process. Throws what does not hold; the folder is left then.
    mutating func run(until end: ContinuousClock.Instant) async throws {
        let folder = try ScratchFolder(inMemory: false)
        let path = "\(folder.path)/store"
        try await EventStore.open(at: path).close()
        let reader = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        var items = reader.follow().makeAsyncIterator()
        var seen = FollowedLog()
        var promises = Promises()
        repeat {
            let options = AppendOptions(
                path: path, first: 1 + 10_000_000 * UInt64(counts.processes), producerCount: Self.producerCount,
                count: nil,
                segmentByteCountMax: Self.segmentByteCountMax)
            promises.begin(options)
            let lifeEnd = min(max(end, .now + .seconds(3)), .now + .seconds(Self.lifeSeconds))
            // It outlives the loop below, which waits for its batches.
            async let lines = Self.append(options, in: folder.path, until: lifeEnd + .seconds(5))
            while ContinuousClock.now < lifeEnd {
                guard let item = try await items.next() else { throw SoakFailure("following ends before its store") }
                let batch = try seen.take(item)
                if seen.batchCount.isMultiple(of: Self.queryInterval) { try await query(batch.executionID, reader) }
            }
            for line in try await lines { try promises.note(line, of: options) }
            counts.processes += 1
        } while ContinuousClock.now < end
        // Puts right what the last one left.
        try await EventStore.open(at: path).close()
        await reader.close()
        while let item = try await items.next() { try seen.take(item) }
        try await compare(seen, promises, with: path)
        counts.batches = seen.batchCount
        counts.acknowledgements = promises.acknowledgedCount
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

    /// What is followed is found, if not at once, then a moment later.
    private mutating func query(_ id: ExecutionID, _ reader: EventStore) async throws {
        let start = ContinuousClock.now
        while try reader.execution(id) == nil { try await Task.sleep(for: .milliseconds(1)) }
        counts.longestLag = max(counts.longestLag, ContinuousClock.now - start)
        counts.queries += 1
    }

    /// What was followed is all of the log, and has all that was promised.
    private mutating func compare(_ seen: FollowedLog, _ promises: Promises, with path: String) async throws {
        let store = try EventStore.open(at: path)
        await store.close()
        var whole = FollowedLog()
        for try await item in store.follow() { try whole.take(item) }
        guard whole.batchCount == seen.batchCount, whole.lastCheckpoint == seen.lastCheckpoint else {
            throw SoakFailure("\(seen.batchCount) batches were followed, and the log has \(whole.batchCount)")
        }
        for (number, promised) in promises.numbers where promised.written > 0 {
            let followed = seen.batchCount(of: Work(number: number).parts.id)
            guard followed >= promised.written else {
                throw SoakFailure("of \(number) \(followed) batches were followed, and \(promised.written) promised")
            }
        }
        let report = try await store.verify(.deep)
        if let finding = report.findings.first { throw SoakFailure("verify finds: \(finding.message)") }
        counts.segments = report.segments
    }
}

/// The batches that were followed, each once and in order.
private struct FollowedLog {
    private(set) var batchCount = 0
    private(set) var lastCheckpoint: FollowCheckpoint?
    /// Of each execution the batches, and the event that comes next.
    private var executions: [ExecutionID: (batchCount: Int, nextEvent: UInt64)] = [:]

    func batchCount(of id: ExecutionID) -> Int { executions[id]?.batchCount ?? 0 }

    @discardableResult
    mutating func take(_ item: FollowItem) throws -> FollowedBatch {
        guard case .batch(let batch) = item else { throw SoakFailure("following has a gap: \(item)") }
        let known = executions[batch.executionID] ?? (0, 0)
        guard batch.firstEvent == known.nextEvent else {
            throw SoakFailure("\(batch.executionID) goes on with \(batch.firstEvent) where \(known.nextEvent) belongs")
        }
        guard batch.checkpoint.frameSequence > lastCheckpoint?.frameSequence ?? 0 else {
            throw SoakFailure("the batch of \(batch.executionID) comes out of order")
        }
        executions[batch.executionID] = (known.batchCount + 1, batch.firstEvent + batch.eventCount)
        lastCheckpoint = batch.checkpoint
        batchCount += 1
        return batch
    }
}
