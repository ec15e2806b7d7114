import FluxFormat
import FluxLog
import Synchronization
import TestSupport
import Testing

@testable import FluxStore

@Suite("Commit queue")
struct CommitQueueTests {
    private func submission(
        _ id: UInt64, byteCount: Int, _ durability: Durability = .durable
    ) throws -> Submission {
        var generator = SeededGenerator(seed: id)
        // Bytes that no compression makes fewer.
        let payload = (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let batch = EventBatch(
            executionID: ExecutionID(high: 1, low: id), firstEvent: 0,
            events: [Event(kind: .clock, sequence: 0, payload: payload)],
            metadata: ExecutionMetadata(app: "a", name: "n", source: "s", status: .ok), isLast: true)
        let encoded = try BatchEncoder.encode(
            batch, encoder: FrameEncoder(storeSalt: 1), frameByteCountTarget: 1 << 20)
        return Submission(
            batch: encoded, durability: durability, known: KnownProgress(progress: nil, throughSequence: 0))
    }

    @Test("Who waits longest for room gets it first; no one passes by")
    func turns() throws {
        let queue = CommitQueue(byteCountMax: 0)
        let turns = Mutex<[UInt64]>([])
        #expect(queue.offer(try submission(1, byteCount: 10)) == .taken)
        for id in 2...4 as ClosedRange<UInt64> {
            queue.waitForRoom(try submission(id, byteCount: 10)) { offer in
                if offer == .taken { turns.withLock { $0.append(id) } }
            }
        }
        for id in 2...4 as ClosedRange<UInt64> {
            let taken = queue.take(byteCountMax: 1 << 20)
            #expect(taken.map(\.batch.executionID.low) == [id - 1])
            queue.release(taken[0].byteCount)
            #expect(queue.offer(try submission(9, byteCount: 10)) == .full)
        }
        let inTurn = turns.withLock { $0 }
        #expect(inTurn == [2, 3, 4])
    }

    @Test("A wait that ends in vain lets the next one in, and a closed queue no one")
    func ends() throws {
        let first = try submission(1, byteCount: 100)
        let queue = CommitQueue(byteCountMax: first.byteCount * 2)
        let offers = Mutex<[UInt64: CommitQueue.Offer]>([:])
        #expect(queue.offer(first) == .taken)
        let large = try submission(2, byteCount: 50_000)
        for waiting in [large, try submission(3, byteCount: 100), try submission(4, byteCount: 100)] {
            queue.waitForRoom(waiting) { offer in
                offers.withLock { $0[waiting.batch.executionID.low] = offer }
            }
        }
        var seen = offers.withLock { $0 }
        #expect(seen.isEmpty)
        queue.expire(large)
        seen = offers.withLock { $0 }
        #expect(seen == [2: .full, 3: .taken])
        queue.close()
        seen = offers.withLock { $0 }
        #expect(seen == [2: .full, 3: .taken, 4: .closed])
        #expect(queue.offer(first) == .closed)
    }

    /// Batches in a queue, by their sizes in KiB, and how many of them make the first group.
    struct Line: Sendable, CustomStringConvertible {
        let first: (kibibytes: Int, durability: Durability)
        let others: [(kibibytes: Int, durability: Durability)]
        let count: Int

        var description: String { "\(first) before \(others)" }
    }

    @Test(
        "A small batch does not wait for more than 512 KiB that need no sync",
        arguments: [
            Line(first: (10, .durable), others: [(300, .queued), (200, .written), (300, .queued)], count: 3),
            Line(first: (10, .written), others: [(700, .written), (1, .written)], count: 1),
            // A batch that asks for a sync as well would pay for one of its own.
            Line(first: (10, .durable), others: [(300, .queued), (300, .queued), (1, .durable)], count: 4),
            Line(first: (10, .durable), others: [(700, .durable)], count: 2),
            // One that is large itself waits for the others.
            Line(first: (600, .durable), others: [(300, .queued), (300, .queued)], count: 3),
            Line(first: (10, .durable), others: [(300, .queued), (200, .queued)], count: 3),
        ])
    func fairness(line: Line) throws {
        let queue = CommitQueue(byteCountMax: 64 << 20)
        for (id, batch) in ([line.first] + line.others).enumerated() {
            let submission = try submission(UInt64(id + 1), byteCount: batch.kibibytes << 10, batch.durability)
            #expect(queue.offer(submission) == .taken)
        }
        #expect(queue.take(byteCountMax: 4 << 20).count == line.count)
        // The rest is the next group.
        #expect(queue.take(byteCountMax: 4 << 20).count == line.others.count + 1 - line.count)
    }
}
