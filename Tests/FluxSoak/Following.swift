import FluxFormat
import FluxStore

/// Follows a store that others write, and asks it for some of what it sees, in tasks of its own.
struct Following {
    /// What was seen.
    struct Seen: Sendable {
        var log = FollowedLog()
        var waits = ProcessorWaits()
        /// Time from following a batch until a query found its execution.
        var asking = FollowLag()
        var queryCount = 0
    }

    private typealias Sample = (id: ExecutionID, followed: MonotonicTime)

    /// Batches between two that are asked for.
    private static let queryInterval = 200
    /// A query that begins so long after a batch was durable finds it.
    private static let freshness = Duration.milliseconds(500)

    private let follower: Task<Seen, any Error>
    private let asker: Task<[(followed: MonotonicTime, found: MonotonicTime)], any Error>

    /// Begins with the oldest batch, and ends behind the last one once the reader is closed.
    init(_ reader: EventStore) {
        // Of batches that come while a query is made, the last is asked for next.
        let (samples, sample) = AsyncStream.makeStream(of: Sample.self, bufferingPolicy: .bufferingNewest(1))
        follower = Task {
            defer { sample.finish() }
            var seen = Seen()
            for try await item in reader.follow() {
                let time = MonotonicTime.now
                seen.waits.sample(at: time)
                let batch = try seen.log.take(item, at: time)
                if seen.log.batchCount.isMultiple(of: Self.queryInterval) { sample.yield((batch.executionID, time)) }
            }
            seen.waits.sample(at: .now)
            return seen
        }
        asker = Task {
            var answers: [(followed: MonotonicTime, found: MonotonicTime)] = []
            for await (id, time) in samples {
                answers.append((time, try await Self.found(id, followed: time, reader)))
            }
            return answers
        }
    }

    /// Waits for the end, and returns what was seen by then.
    func finish() async throws -> Seen {
        var seen = try await follower.value
        let answers = try await asker.value
        for answer in answers { seen.asking.note(from: answer.followed, to: answer.found, seen.waits) }
        seen.queryCount = answers.count
        return seen
    }

    /// Asks until an execution is found; returns when.
    private static func found(
        _ id: ExecutionID, followed: MonotonicTime, _ reader: EventStore
    ) async throws -> MonotonicTime {
        while true {
            let start = MonotonicTime.now
            if try reader.execution(id) != nil { return .now }
            guard start.since(followed) <= freshness else {
                throw SoakFailure(
                    "a query does not find \(id), which was followed \(start.since(followed)) before it began",
                    isBrokenPromise: true)
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}
