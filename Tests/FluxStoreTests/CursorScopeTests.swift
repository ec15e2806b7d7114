import FluxFormat
import FluxIndex
import FluxLog
import TestSupport
import Testing

@testable import FluxStore

/// What of a store a cursor goes over.
@Suite("Cursor scopes")
struct CursorScopeTests {
    private static let options = StoreOptions(segmentByteCountMax: 32 << 10, frameByteCountTarget: 4 << 10)

    /// What a cursor handed out, and where.
    private struct Seen: Equatable {
        var execution: ExecutionID
        var index: UInt64
        var position: Position
        var payload: [UInt8]
    }

    private static func all(_ cursor: consuming EventCursor) throws -> [Seen] {
        var seen: [Seen] = []
        while let event = try cursor.next() {
            seen.append(
                Seen(
                    execution: event.executionID, index: event.index, position: event.position,
                    payload: event.payload.array))
        }
        return seen
    }

    private static func heads(_ cursor: consuming EventHeadCursor) throws -> [Seen] {
        var seen: [Seen] = []
        try cursor.forEach { head in
            seen.append(
                Seen(
                    execution: head.executionID, index: head.index, position: head.position,
                    payload: [UInt8](repeating: 0, count: head.payloadByteCount)))
        }
        return seen
    }

    @Test("A range hands out the frames that begin in it, over segments, and may end anywhere")
    func range() async throws {
        let folder = try QuickFolder()
        _ = try await makeStore(at: folder.path, seeds: 0..<40, options: Self.options)
        let store = try EventStore.open(at: folder.path, options: .readOnly)
        let all = try Self.all(try await store.cursor())
        var positions: [Position] = []
        for seen in all where positions.last != seen.position { positions.append(seen.position) }
        try #require(Set(positions.map(\.segment)).count > 2)
        for first in stride(from: 0, to: positions.count, by: 7) {
            for last in stride(from: first, to: positions.count, by: 11) {
                let range = positions[first]..<positions[last]
                let expected = all.filter { range.contains($0.position) }
                #expect(try Self.all(try store.cursor(over: range)) == expected)
                let within = positions[first]..<Position(rawValue: positions[last].rawValue + 8)
                #expect(
                    try Self.all(try store.cursor(over: within)).count == all.count { within.contains($0.position) })
            }
            let rest = all.filter { $0.position >= positions[first] }
            #expect(try Self.all(try store.cursor(from: positions[first])) == rest)
            #expect(
                try Self.heads(try store.headCursor(over: positions[first]..<Position(rawValue: .max))).count
                    == rest.count)
        }
        let start = Position(segment: positions[0].segment + 1, offset: 0)
        #expect(try Self.all(try store.cursor(from: start)) == all.filter { $0.position >= start })
        let last = try #require(positions.last)
        let behind = Position(segment: last.segment + 1, offset: 0)
        #expect(try Self.all(try store.cursor(from: behind)).isEmpty)
    }

    @Test("A range that begins where no frame does is refused, and names the place")
    func notAFrame() async throws {
        let folder = try QuickFolder()
        _ = try await makeStore(at: folder.path, seeds: 0..<2)
        let store = try EventStore.open(at: folder.path, options: .readOnly)
        var cursor = try store.cursor(from: Position(segment: 1, offset: 4104))
        do throws(StoreError) {
            if try cursor.next() != nil { Issue.record("an event from the middle of a frame") }
            Issue.record("no error")
        } catch {
            #expect(error.code == .damaged && error.message.contains("damaged at byte 4104"))
        }
        #expect(try Self.all(try store.cursor(from: Position(segment: 1, offset: 1 << 30))).isEmpty)
    }

    @Test("A receipt says where a cursor can begin, while the log goes on and rolls")
    func receipts() async throws {
        let folder = try QuickFolder()
        let store = try EventStore.open(at: folder.path, options: Self.options)
        var positions: [Position] = []
        for seed in 0..<40 as Range<UInt64> {
            let receipt = try await store.append(Sample.execution(seed: seed, eventCount: 12))
            positions.append(try #require(receipt.position))
        }
        // Before more is stored: it ends with what was durable then.
        var cursor = try store.cursor(from: positions[30])
        var whole = try await store.cursor()
        var seen = 0
        while let event = try cursor.next() {
            if seen == 0 { #expect(event.executionID == Sample.execution(seed: 30, eventCount: 12).id) }
            if seen.isMultiple(of: 12) {
                try await store.append(Sample.execution(seed: 100 + UInt64(seen), eventCount: 12))
            }
            seen += 1
        }
        #expect(seen == 120)
        var count = 0
        while let event = try whole.next() { count += event.index < 12 ? 1 : 0 }
        #expect(count == 480)
        await store.close()
    }

    @Test("A query's executions come one after the other, in the order of its pages", arguments: [true, false])
    func query(isWriting: Bool) async throws {
        let folder = try QuickFolder()
        _ = try await makeStore(at: folder.path, seeds: 0..<150, eventCount: 3)
        let store = try EventStore.open(at: folder.path, options: isWriting ? StoreOptions() : .readOnly)
        if isWriting { try await store.append(Sample.execution(seed: 1000, eventCount: 3)) }
        for query in [ExecutionQuery(), ExecutionQuery(app: "shop-1"), ExecutionQuery(app: "nowhere")] {
            var expected: [Seen] = []
            for row in try store.executions(matching: query, limit: 1000).executions {
                expected += try Self.all(try store.cursor(over: row.id))
            }
            #expect(try Self.all(try store.cursor(matching: query)) == expected)
            let heads = try Self.heads(try store.headCursor(matching: query))
            #expect(heads.map(\.index) == expected.map(\.index) && heads.map(\.position) == expected.map(\.position))
        }
        await store.close()
    }

    @Test("An event is found by its number, in a frame and in others, forwards and back", arguments: [true, false])
    func seek(isIndexed: Bool) async throws {
        let folder = try QuickFolder()
        // Over 256 frames, which are more than a page of locations.
        var execution = Sample.execution(seed: 3, eventCount: 2400)
        for index in execution.events.indices { execution.events[index].payload = [UInt8](repeating: 7, count: 600) }
        execution.events[1200].payload = [UInt8](repeating: 9, count: FormatLimit.pieceByteCount + 5)
        let store = try EventStore.open(at: folder.path, options: StoreOptions(frameByteCountTarget: 4 << 10))
        try await store.append(execution)
        if isIndexed { _ = try await store.statistics() }
        var cursor = try store.cursor(over: execution.id)
        var heads = try store.headCursor(over: execution.id)
        for number in [0, 1, 5, 2399, 1200, 1199, 1201, 1500, 3, 4, 600] {
            try cursor.seek(to: UInt64(number))
            try heads.seek(to: UInt64(number))
            if let event = try cursor.next() {
                #expect(event.index == UInt64(number) && event.payloadOffset == 0)
                #expect(event.sequence == execution.events[number].sequence)
            } else {
                Issue.record("event \(number) is not found")
            }
            if let head = try heads.next() { #expect(head.index == UInt64(number)) }
            if number + 1 < 2400, number != 1200, let next = try cursor.next() {
                #expect(next.index == UInt64(number) + 1)
            }
        }
        for number in [2400, 5000, UInt64(UInt32.max)] {
            try cursor.seek(to: number)
            if try cursor.next() != nil { Issue.record("event \(number) is found") }
        }
        await store.close()
    }

    @Test("Heads alone are those of the events, of large frames and of small ones")
    func heads() async throws {
        let folder = try QuickFolder()
        let executions = try await makeStore(at: folder.path, seeds: 0..<30, eventCount: 20)
        let store = try EventStore.open(at: folder.path, options: .readOnly)
        for execution in executions {
            var cursor = try store.headCursor(over: execution.id)
            var index = 0
            while let head = try cursor.next() {
                let event = execution.events[index]
                #expect(head.kind == event.kind && head.name == event.name && head.lane == event.lane)
                #expect(head.descriptor.array == event.descriptor && head.flags == event.flags)
                #expect(head.payloadByteCount == event.payload.count && head.done == event.done)
                #expect(head.issued == event.issued && head.encoding == event.encoding)
                #expect(head.offsetNanoseconds == event.offsetNanoseconds && head.payloadOffset == 0)
                index += 1
            }
            #expect(index == execution.events.count)
        }
    }

    @Test("Damage of a body is not seen by a pass over heads, damage of a head is", arguments: [true, false])
    func damage(isWholeStore: Bool) async throws {
        let folder = try QuickFolder()
        var execution = Sample.execution(seed: 1, eventCount: 1)
        execution.events[0].payload = [UInt8](repeating: 3, count: 600)
        let store = try EventStore.open(at: folder.path)
        try await store.append(execution)
        await store.close()
        let segment = try #require(try StoreFiles(path: folder.path).segments.first)
        let end = try StoreFiles.byteCount(segment)
        try StoreFiles.flip(segment, at: end - 9)
        func count() async throws -> Int {
            let store = try EventStore.open(at: folder.path, options: .readOnly)
            return try Self.heads(isWholeStore ? try store.headCursor() : try store.headCursor(over: execution.id))
                .count
        }
        #expect(try await count() == 1)
        try StoreFiles.flip(segment, at: 4096 + 96 + 60)
        let error = await storeError { try await count() }
        #expect(error?.code == .damaged)
    }

    @Test("A task loads, and walks what is in memory", arguments: [true, false])
    func load(isWholeStore: Bool) async throws {
        let folder = try QuickFolder()
        let executions = try await makeStore(at: folder.path, seeds: 0..<30, options: Self.options)
        let store = try EventStore.open(at: folder.path, options: .readOnly)
        var count = 0
        for execution in isWholeStore ? Array(executions.prefix(1)) : executions {
            var cursor = isWholeStore ? try await store.cursor() : try store.cursor(over: execution.id)
            if cursor.nextLoaded() != nil { Issue.record("an event that was not loaded") }
            while try await cursor.load() {
                while let event = cursor.nextLoaded() { count += event.payload.byteCount >= 0 ? 1 : 0 }
            }
            var heads = isWholeStore ? try store.headCursor() : try store.headCursor(over: execution.id)
            while try await heads.load() {
                while let head = heads.nextLoaded() { count -= head.payloadByteCount >= 0 ? 1 : 0 }
            }
        }
        #expect(count == 0)
        var cursor = try store.cursor(matching: ExecutionQuery())
        while try await cursor.load() {
            while cursor.nextLoaded() != nil { count += 1 }
        }
        #expect(count == 360)
    }
}
