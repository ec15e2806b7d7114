import FluxFormat
import FluxLog
import TestSupport
import Testing

@testable import FluxStore

@Suite("Cursors that are held while executions go")
struct HeldCursorTests {
    private static let options = StoreOptions(segmentByteCountMax: 256 << 10, frameByteCountTarget: 4 << 10)
    private let folder: QuickFolder

    init() throws {
        folder = try QuickFolder()
    }

    /// An execution of one frame for each event.
    private static func long(seed: UInt64, eventCount: Int) -> Execution {
        var execution = Sample.execution(seed: seed, eventCount: eventCount)
        var generator = SeededGenerator(seed: seed)
        for index in execution.events.indices {
            execution.events[index].payload = (0..<4200).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        return execution
    }

    /// Appends in parts, so that an execution reaches over several segments.
    private static func append(_ execution: Execution, to store: EventStore) async throws {
        for batch in SampleParts(execution, endsWithLast: true, eventCount: { 30 }).batches {
            try await store.append(batch)
        }
    }

    /// How executions go.
    enum Loss: CaseIterable {
        case deletion, scavenging, retention, both
    }

    private func lose(_ id: ExecutionID, _ loss: Loss, _ store: EventStore) async throws {
        if loss != .retention { try await store.delete(id) }
        if loss == .scavenging || loss == .both { try await store.scavenge(.all) }
        if loss == .retention || loss == .both { try await store.retain(RetentionPolicy(maxByteCount: 0)) }
        #expect(try store.execution(id) == nil)
    }

    private static func read(_ cursor: inout EventCursor, upTo count: Int = .max) throws -> [Event] {
        var events: [Event] = []
        var assembler = EventAssembler()
        while events.count < count, let view = try cursor.next() {
            if let whole = assembler.add(view) { events.append(whole.event) }
        }
        return events
    }

    @Test(
        "More frames than are looked up at once are there to the end, and from the start again",
        arguments: Loss.allCases)
    func manyFrames(loss: Loss) async throws {
        let execution = Self.long(seed: 1, eventCount: 600)
        let store = try EventStore.open(at: folder.path, options: Self.options)
        try await Self.append(execution, to: store)
        for seed in 2..<4 as Range<UInt64> { try await Self.append(Self.long(seed: seed, eventCount: 100), to: store) }
        // The index holds them.
        #expect(try await store.count() == 3)
        var cursor = try store.cursor(over: execution.id)
        let first = try Self.read(&cursor, upTo: 10)
        try await lose(execution.id, loss, store)
        let rest = try Self.read(&cursor)
        #expect(first + rest == execution.events)
        for event in [0, 300, 599] {
            try cursor.seek(to: UInt64(event))
            let events = try Self.read(&cursor)
            #expect(events == Array(execution.events[event...]))
        }
        await store.close()
    }

    @Test("A scan hands out whole what was there when it was opened", arguments: Loss.allCases)
    func scan(loss: Loss) async throws {
        let store = try EventStore.open(at: folder.path, options: Self.options)
        // The front is gone, so that frames may be of executions that went with it.
        for seed in 1..<6 as Range<UInt64> { try await Self.append(Self.long(seed: seed, eventCount: 100), to: store) }
        try await store.retain(RetentionPolicy(maxByteCount: 0))
        let executions = (6..<9 as Range<UInt64>).map { Self.long(seed: $0, eventCount: 150) }
        for execution in executions { try await Self.append(execution, to: store) }
        let kept = try store.executions(order: .oldestFirst, limit: 100).executions.map(\.id)
        var cursor = try await store.cursor()
        var expected: [Event] = []
        for id in kept { expected += try store.events(of: id) }
        let first = try Self.read(&cursor, upTo: expected.count - 400)
        try await lose(executions[0].id, loss, store)
        try await Self.append(Self.long(seed: 9, eventCount: 100), to: store)
        let rest = try Self.read(&cursor)
        #expect(first + rest == expected)
        await store.close()
    }

    @Test("A scan ends where it was to end, though that segment was written anew")
    func rewrittenEnd() async throws {
        let executions = (0..<4 as Range<UInt64>).map { Self.long(seed: $0, eventCount: 5) }
        let store = try EventStore.open(at: folder.path, options: Self.options)
        for execution in executions.prefix(3) { try await Self.append(execution, to: store) }
        var cursor = try await store.cursor()
        try await Self.append(executions[3], to: store)
        try await store.delete(executions[0].id)
        let report = try await store.scavenge(.all)
        #expect(report.segments == 1 && report.heldFiles == 1)
        let events = try Self.read(&cursor)
        #expect(events == executions.prefix(3).flatMap(\.events))
        await store.close()
    }

    @Test("What is being dropped is in no scan, though the index has its row yet")
    func halfDropped() async throws {
        let store = try EventStore.open(at: folder.path, options: Self.options)
        let executions = [Self.long(seed: 1, eventCount: 150), Self.long(seed: 2, eventCount: 20)]
        for execution in executions { try await Self.append(execution, to: store) }
        let lifecycle = try #require(store.writing?.lifecycle)
        let next = try lifecycle.directory().segments[1]
        try lifecycle.work.commit(
            .drop(before: LogStart(segment: next.name.segment, sequence: next.header.firstFrameSequence)))
        var cursor = try await store.cursor()
        let events = try Self.read(&cursor)
        #expect(events == executions[1].events)
        await store.close()
    }
}
