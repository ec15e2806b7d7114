import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Following a store in its process")
struct FollowTests {
    private let folder: QuickFolder
    private var path: String { "\(folder.path)/store" }

    init() throws {
        folder = try QuickFolder()
    }

    @Test("Every batch comes once, in the order of the log, and the end behind the last one of a store that is closed")
    func everyBatch() async throws {
        let store = try EventStore.open(at: path, options: .small)
        let followers = (0..<3).map { _ in Task { try await store.batches() } }
        let executions = (1..<60).map { Sample.execution(seed: $0, eventCount: 12) }
        for execution in executions { try await store.append(execution) }
        await store.close()
        #expect(try await store.statistics().segments > 3)
        for follower in followers {
            let batches = try await follower.value
            #expect(batches.map(\.executionID) == executions.map(\.id))
            #expect(batches.allSatisfy { $0.firstEvent == 0 && $0.eventCount == 12 && $0.isFirst && $0.isLast })
            #expect(batches.map(\.metadata?.tags["seed"]) == (1..<60).map { "\($0)" })
            let positions = batches.flatMap(\.positions)
            #expect(positions == positions.sorted() && Set(positions).count == positions.count)
        }
    }

    @Test("A batch of a running execution tells its part, and a cursor reads its events")
    func parts() async throws {
        let store = try EventStore.open(at: path, options: .small)
        var generator = SeededGenerator(seed: 7)
        let parts = (1..<20).map { SampleParts(number: $0, eventCountMax: 30, using: &generator) }
        for part in parts {
            for batch in part.batches { try await store.append(batch) }
        }
        await store.close()
        let sent = parts.flatMap(\.batches)
        let followed = try await store.batches()
        #expect(followed.map(\.executionID) == sent.map(\.executionID))
        for (batch, sent) in zip(followed, sent) {
            #expect(batch.firstEvent == sent.firstEvent && batch.eventCount == UInt64(sent.events.count))
            #expect(batch.isFirst == (sent.firstEvent == 0) && batch.isLast == sent.isLast)
            #expect((batch.metadata == nil) == !(batch.isFirst || batch.isLast))
            if let metadata = batch.metadata { #expect((metadata.status == .running) == !sent.isLast) }
            var cursor = store.cursor(over: batch)
            var assembler = EventAssembler()
            var events: [Event] = []
            while let view = try cursor.next() {
                if let whole = assembler.add(view) { events.append(whole.event) }
            }
            #expect(events == sent.events)
        }
    }

    @Test("From the checkpoint of any batch the next ones come")
    func checkpoints() async throws {
        let executions = try await makeStore(at: path, seeds: 1..<40, options: .small)
        let store = try EventStore.open(at: path, options: .small)
        defer { withExtendedLifetime(store) {} }
        let batches = try await store.batches(count: executions.count)
        for (index, batch) in batches.dropLast().enumerated() {
            let next = try await store.batches(from: batch.checkpoint, count: 1)
            #expect(next.map(\.executionID) == [executions[index + 1].id])
        }
        let end = try store.checkpoint()
        #expect(end == batches.last?.checkpoint)
        let follower = Task { try await store.items(from: end, count: 1) }
        let another = Sample.execution(seed: 100, eventCount: 3)
        try await store.append(another)
        #expect(try await follower.value.map(\.words) == ["\(another.id)"])
        await store.close()
        #expect(try await store.items(from: try store.checkpoint()).isEmpty)
    }

    @Test("A checkpoint behind a seal goes on with the next segment")
    func behindSeal() async throws {
        // Closed without order, the last segment is sealed by the next opening.
        _ = try await makeStore(at: path, seeds: 1..<9, options: .small)
        try FileManager.default.removeItem(atPath: "\(path)/HEAD")
        let store = try EventStore.open(at: path, options: .small)
        let end = try store.checkpoint()
        let last = try #require(try await store.batches(count: 8).last)
        #expect(end.frameSequence > last.checkpoint.frameSequence)
        let added = try await store.append(Sample.execution(seed: 100, eventCount: 3))
        let segment = try #require(last.positions.last?.segment)
        #expect(added.position?.segment == segment + 1)
        await store.close()
        for checkpoint in [end, last.checkpoint] {
            let next = try await store.items(from: checkpoint).map(\.words)
            #expect(next == ["\(Sample.execution(seed: 100, eventCount: 3).id)"])
        }
    }

    @Test("A task that is cancelled comes to the end, whether it waits or not")
    func cancelled() async throws {
        let store = try EventStore.open(at: path)
        let follower = Task { try await store.items() }
        follower.cancel()
        #expect(try await follower.value.isEmpty)
        try await store.append(Sample.execution(seed: 1, eventCount: 1))
        let (seen, note) = AsyncStream.makeStream(of: Void.self)
        let waiting = Task {
            var count = 0
            for try await _ in store.follow() {
                count += 1
                note.yield()
            }
            return count
        }
        for await _ in seen { break }
        waiting.cancel()
        #expect(try await waiting.value == 1)
        await store.close()
    }

    @Test("A checkpoint is written as text and as JSON, and read again")
    func text() async throws {
        _ = try await makeStore(at: path, seeds: 1..<3)
        let store = try EventStore.open(at: path, options: .readOnly)
        let checkpoint = try store.checkpoint()
        #expect(FollowCheckpoint(checkpoint.description) == checkpoint)
        let json = try JSONEncoder().encode([checkpoint])
        #expect(try JSONDecoder().decode([FollowCheckpoint].self, from: json) == [checkpoint])
        let text = checkpoint.description
        for wrong in ["", "start", text + ".1", text.uppercased(), "+" + text, String(text.dropLast())] {
            #expect(FollowCheckpoint(wrong) == nil, "\(wrong)")
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([FollowCheckpoint].self, from: Data("[\"1.2\"]".utf8))
        }
    }
}
