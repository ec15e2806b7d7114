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

    /// A batch that was followed.
    private struct Followed: Sendable {
        let id: ExecutionID
        let time: MonotonicTime
        /// Batches up to this one.
        let count: Int
    }

    /// Batches between two that are asked for.
    private static let queryInterval = 200
    /// A query that begins so long after a batch was durable finds it.
    private static let freshness = Duration.milliseconds(500)

    private let follower: Task<Seen, any Error>
    private let asker: Task<[(followed: MonotonicTime, found: MonotonicTime)], any Error>

    /// Begins with the oldest batch, and ends behind the last one once the reader is closed.
    init(_ reader: EventStore) {
        // Of batches that come while a query is made, the last is looked at next.
        let (batches, followed) = AsyncStream.makeStream(of: Followed.self, bufferingPolicy: .bufferingNewest(1))
        follower = Task {
            defer { followed.finish() }
            var seen = Seen()
            for try await item in reader.follow() {
                let time = MonotonicTime.now
                seen.waits.sample(at: time)
                let batch = try seen.log.take(item, at: time)
                followed.yield(Followed(id: batch.executionID, time: time, count: seen.log.batchCount))
            }
            seen.waits.sample(at: .now)
            return seen
        }
        asker = Task {
            var answers: [(followed: MonotonicTime, found: MonotonicTime)] = []
            var asked: Followed?
            var askedCount = 0
            func ask() throws {
                guard let batch = asked, let found = try Self.found(batch, reader) else { return }
                answers.append((batch.time, found))
                asked = nil
            }
            for await batch in batches {
                if asked == nil, batch.count >= askedCount + Self.queryInterval {
                    (asked, askedCount) = (batch, batch.count)
                }
                // What was not found is asked for again with each batch that comes.
                try ask()
            }
            try ask()
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

    /// Asks for an execution; returns when it was found, and `nil` where it need not be there yet.
    private static func found(_ batch: Followed, _ reader: EventStore) throws -> MonotonicTime? {
        let start = MonotonicTime.now
        if try reader.execution(batch.id) != nil { return .now }
        guard start.since(batch.time) <= freshness else {
            throw SoakFailure(
                "a query does not find \(batch.id), which was followed \(start.since(batch.time)) before it began",
                isBrokenPromise: true)
        }
        return nil
    }
}
