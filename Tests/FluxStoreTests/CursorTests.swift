import FluxFormat
import FluxStore
import TestSupport
import Testing

@Suite("Cursor")
struct CursorTests {
    /// Executions of one event to a frame, whose payloads are stored (random) or compressed (one letter).
    private static func execution(isStored: Bool) -> Execution {
        var execution = Sample.execution(seed: 5, eventCount: 8)
        var generator = SeededGenerator(seed: 5)
        for index in execution.events.indices {
            execution.events[index].payload = (0..<6000).map { _ in
                isStored ? UInt8.random(in: 0...255, using: &generator) : UInt8(65 + index)
            }
        }
        return execution
    }

    private static func store(_ execution: Execution, at path: String) async throws -> EventStore {
        let store = try EventStore.open(at: path, options: StoreOptions(frameByteCountTarget: 4 << 10))
        try await store.append(execution)
        return store
    }

    @Test("Views of stored and of compressed sections are the events", arguments: [true, false], [true, false])
    func views(isStored: Bool, isWholeStore: Bool) async throws {
        let folder = try QuickFolder()
        let execution = Self.execution(isStored: isStored)
        let store = try await Self.store(execution, at: folder.path)
        let statistics = try await store.statistics()
        #expect((statistics.storedByteCount * 2 > statistics.rawByteCount) == isStored)
        var cursor = isWholeStore ? try await store.cursor() : try store.cursor(over: execution.id)
        var index = 0
        while let view = try cursor.next() {
            let event = execution.events[index]
            #expect(view.index == UInt64(index) && view.kind == event.kind && view.name == event.name)
            #expect(view.payload.array == event.payload && view.descriptor.array == event.descriptor)
            #expect(view.lane == event.lane && view.sequence == event.sequence)
            index += 1
        }
        #expect(index == 8)
        await store.close()
    }

    #if DEBUG
        /// The compiler of Swift 6.3 lets a view be carried into the next turn of a loop. In debug builds its bytes
        /// are overwritten by then, so that a test meets what a release build would hide.
        @Test("A view kept too long shows an overwritten arena", arguments: [true, false], [true, false])
        func staleView(isStored: Bool, isWholeStore: Bool) async throws {
            let folder = try QuickFolder()
            let execution = Self.execution(isStored: isStored)
            let store = try await Self.store(execution, at: folder.path)
            var cursor = isWholeStore ? try await store.cursor() : try store.cursor(over: execution.id)
            var kept: EventView? = nil
            var staleCount = 0
            while let event = try cursor.next() {
                if let kept {
                    let bytes = kept.payload.array
                    // Where the next frame lies at the same place, its bytes stand there; all else is overwritten.
                    #expect(!execution.events.prefix(Int(event.index)).contains { $0.payload == bytes })
                    staleCount += 1
                }
                kept = event
            }
            #expect(staleCount == 7)
            if let kept {
                #expect(kept.payload.array.allSatisfy { $0 == 0xDB })
            } else {
                Issue.record("no view was kept")
            }
            await store.close()
        }
    #endif

    @Test("Events of several pieces come in pieces between whole ones, compressed or stored", arguments: [true, false])
    func pieces(isStored: Bool) async throws {
        let folder = try QuickFolder()
        var execution = Self.execution(isStored: isStored)
        var generator = SeededGenerator(seed: 6)
        let byteCount = FormatLimit.pieceByteCount * 2 + 100
        execution.events[3].payload =
            isStored
            ? Array((0...byteCount / 8).map { _ in generator.next() }.withUnsafeBytes { [UInt8]($0) }.prefix(byteCount))
            : Array(repeating: 1, count: byteCount)
        let store = try await Self.store(execution, at: folder.path)
        var cursor = try store.cursor(over: execution.id)
        var pieces: [(index: UInt64, offset: Int, hasMore: Bool)] = []
        while let view = try cursor.next() {
            pieces.append((view.index, view.payloadOffset, view.flags.contains(.hasMorePieces)))
        }
        #expect(pieces.map(\.index) == [0, 1, 2, 3, 3, 3, 4, 5, 6, 7])
        #expect(pieces.map(\.offset) == [0, 0, 0, 0, 983_040, 1_966_080, 0, 0, 0, 0])
        #expect(pieces.map(\.hasMore) == [false, false, false, true, true, false, false, false, false, false])
        #expect(try store.events(of: execution.id) == execution.events)
        var count = 0
        try StoredRecording(execution.id, in: store).forEachEvent { _ in count += 1 }
        #expect(count == 10)
        await store.close()
    }
}
