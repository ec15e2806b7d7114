import FluxLog
import Logging
import Testing

@testable import FluxStore

@Suite("A disk that hangs")
struct HungDiskTests {
    /// Appends on a task of its own.
    private func append(_ seed: UInt64, to gate: AppendGate, _ watched: WatchedEngine) throws -> Task<
        BatchOutcome, any Error
    > {
        let batch = try watched.batch(seed)
        return Task { try await gate.submit(batch, durability: .durable, known: .nothing) }
    }

    @Test("A sync that hangs is reported while it hangs, and told when it has ended")
    func hungSync() async throws {
        let watched = try WatchedEngine()
        try watched.start()
        let gate = watched.gate()
        _ = try await append(1, to: gate, watched).value
        // On a busy machine the first one may have been slow, too.
        let (lineCount, slowCount) = (watched.log.lines.count, watched.metrics["slow_syncs"].count)
        watched.disk.hold()
        let waiting = try append(2, to: gate, watched)
        let slow = try #require(await watched.log.next("a sync takes long", from: lineCount))
        #expect(slow.level == .warning && slow.metadata["step"] == "sync")
        #expect(try #require(slow.metadata["durationNanoseconds"].flatMap(UInt64.init)) >= 1_000_000)
        let stalled = try #require(await watched.log.next("a sync has stalled"))
        #expect(stalled.level == .error)
        #expect(try #require(stalled.metadata["durationNanoseconds"].flatMap(UInt64.init)) >= 30_000_000)
        #expect(watched.metrics["slow_syncs"].count == slowCount + 1)
        let syncCount = watched.metrics["syncs"].count
        #expect(!watched.log.lines.dropFirst(lineCount).contains { $0.message == "a slow sync has ended" })
        watched.disk.release()
        guard case .stored(_, .durable) = try await waiting.value else {
            Issue.record("the append has another end")
            return
        }
        let ended = try #require(await watched.log.next("a slow sync has ended"))
        #expect(try #require(ended.metadata["durationNanoseconds"].flatMap(UInt64.init)) >= 30_000_000)
        #expect(watched.metrics["syncs"].count == syncCount + 1)
        #expect(try #require(watched.metrics["sync_duration"].max()) >= 30_000_000)
        watched.close()
    }

    @Test("A roll that hangs is reported as a roll")
    func hungRoll() async throws {
        let watched = try WatchedEngine()
        try watched.start()
        watched.disk.hold()
        // The first segment is begun, and its header synced.
        let waiting = try append(1, to: watched.gate(), watched)
        let slow = try #require(await watched.log.next("a roll takes long"))
        #expect(slow.metadata["step"] == "roll" && watched.metrics["slow_rolls"] == [1])
        #expect(watched.metrics["roll_duration"].isEmpty)
        watched.disk.release()
        _ = try await waiting.value
        #expect(watched.metrics["roll_duration"].count == 1)
        watched.close()
        #expect(watched.log.lines("a slow roll has ended").count == 1)
    }

    @Test("Who waits in vain for room behind a sync that hangs is counted, and told of once")
    func fullQueue() async throws {
        var limits = WatchedEngine.Limits()
        limits.engine.queueByteCountMax = 0
        let watched = try WatchedEngine(limits)
        try watched.start()
        let gate = watched.gate(timeout: .milliseconds(1))
        _ = try await append(1, to: gate, watched).value
        let lineCount = watched.log.lines.count
        watched.disk.hold()
        let hanging = try append(2, to: gate, watched)
        _ = await watched.log.next("a sync takes long", from: lineCount)
        // The queue takes one batch, and no other.
        #expect(watched.engine.queue.offer(try watched.submission(3)) == .taken)
        for seed in 4...6 as ClosedRange<UInt64> {
            let batch = try watched.batch(seed)
            let error = await storeError { try await gate.submit(batch, durability: .durable, known: .nothing) }
            #expect(error?.code == .overloaded)
        }
        #expect(watched.metrics["overloads"] == [1, 1, 1] && watched.metrics["queue_waits"] == [1, 1, 1])
        let lines = watched.log.lines("the queue is full, appends are refused")
        #expect(lines.first?.metadata["count"] == "1")
        #expect(lines.first?.metadata["bytes"] == "\(try watched.batch(3).byteCount)")
        watched.disk.release()
        _ = try await hanging.value
        watched.close()
    }
}
