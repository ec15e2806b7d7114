import FluxFiles
import FluxFormat
import FluxLog
import TestSupport
import Testing

@testable import FluxStore

@Suite("Sealed segments that are read where the system has them")
struct MappedReadTests {
    private let folder: QuickFolder
    private let files: StoreFiles
    private let executions: [Execution]

    /// Four segments of executions that compress, and of others that are stored as they are.
    init() async throws {
        folder = try QuickFolder()
        files = StoreFiles(path: folder.path)
        executions = (0..<24 as Range<UInt64>).map { seed in
            guard seed % 2 == 1 else { return Sample.compressible(seed: seed) }
            var execution = Sample.execution(seed: seed, eventCount: 8)
            var generator = SeededGenerator(seed: seed)
            for index in execution.events.indices {
                execution.events[index].payload = (0..<1500).map { _ in UInt8.random(in: 0...255, using: &generator) }
            }
            return execution
        }
        let options = StoreOptions(segmentByteCountMax: 48 << 10, frameByteCountTarget: 4 << 10)
        let store = try EventStore.open(at: folder.path, options: options)
        for execution in executions { try await store.append(execution) }
        await store.close()
        #expect(try files.segments.count >= 4)
    }

    private func open(_ access: StoreOptions.Access = .readOnly) throws -> EventStore {
        var options = StoreOptions(access: access)
        options.mapsSealedSegments = true
        return try EventStore.open(at: folder.path, options: options)
    }

    private static func events(_ cursor: consuming EventCursor) throws -> [Event] {
        var events: [Event] = []
        var assembler = EventAssembler()
        while let view = try cursor.next() {
            if let whole = assembler.add(view) { events.append(whole.event) }
        }
        return events
    }

    @Test("Executions, scans and heads are those that are read without")
    func sameBytes() async throws {
        let store = try open()
        for execution in executions { #expect(try store.events(of: execution.id) == execution.events) }
        #expect(try Self.events(try await store.cursor()) == executions.flatMap(\.events))
        var byteCount = 0
        var heads = try store.headCursor()
        while let head = try heads.next() { byteCount += head.payloadByteCount }
        #expect(byteCount == executions.flatMap(\.events).reduce(0) { $0 + $1.payload.count })
        let segments = try files.segments.indices.map { try store.table.current(UInt32($0 + 1)) }
        #expect(segments.map { $0.file.mapping != nil } == segments.map(\.isSealed))
        #expect(segments.filter(\.isSealed).count >= 3)
        await store.close()
    }

    @Test("A task that waits for nothing but what it must reads the same")
    func loaded() async throws {
        let store = try open()
        for segment in try files.segments.indices { try store.table.current(UInt32(segment + 1)).file.dropCache() }
        var cursor = try await store.cursor()
        var events: [Event] = []
        var assembler = EventAssembler()
        while try await cursor.load() {
            while let view = cursor.nextLoaded() {
                if let whole = assembler.add(view) { events.append(whole.event) }
            }
        }
        #expect(events == executions.flatMap(\.events))
        await store.close()
    }

    @Test("A segment that is cut while it is mapped is an error, and not the end of the process")
    func cut() async throws {
        let store = try open()
        let first = executions[0]
        #expect(try store.events(of: first.id) == first.events)
        let cut = try files.segments[0]
        try StoreFiles.cut(cut, at: 8 << 10)
        // Behind what is left, at least one execution of the segment has all of its frames.
        let errors = await executions.prefix(8).asyncErrors { try store.events(of: $0.id) }
        #expect(!errors.isEmpty)
        for error in errors {
            #expect(error.code == .damaged && error.message.contains(cut), "\(error)")
        }
        let whole = try #require(executions.last)
        #expect(try store.events(of: whole.id) == whole.events)
        await store.close()
    }

    @Test("A byte that changes under the mapping is found before it is handed out")
    func flipped() async throws {
        let store = try open()
        for execution in executions { _ = try store.events(of: execution.id) }
        let byteCount = try StoreFiles.byteCount(try files.segments[1])
        var damagedCount = 0
        for offset in stride(from: 4096, to: byteCount - 4096, by: 1009) {
            try StoreFiles.flip(try files.segments[1], at: offset)
            for execution in executions {
                do {
                    #expect(try store.events(of: execution.id) == execution.events, "flip at \(offset)")
                } catch {
                    #expect(error.code == .damaged)
                    damagedCount += 1
                }
            }
            try StoreFiles.flip(try files.segments[1], at: offset)
        }
        #expect(damagedCount > 10)
        await store.close()
    }

    @Test("A cursor goes on in segments that retention gives up meanwhile")
    func held() async throws {
        let store = try open(.readWrite)
        var cursor = try await store.cursor()
        var events: [Event] = []
        var assembler = EventAssembler()
        while events.count < 5, let view = try cursor.next() {
            if let whole = assembler.add(view) { events.append(whole.event) }
        }
        try await store.retain(RetentionPolicy(maxByteCount: 0))
        #expect(try store.execution(executions[0].id) == nil)
        while let view = try cursor.next() {
            if let whole = assembler.add(view) { events.append(whole.event) }
        }
        #expect(events == executions.flatMap(\.events))
        await store.close()
    }
}

extension Collection {
    /// What a call threw, for each element for which it did.
    fileprivate func asyncErrors<Value>(_ body: (Element) throws -> Value) async -> [StoreError] {
        var errors: [StoreError] = []
        for element in self {
            if let error = await storeError({ try body(element) }) { errors.append(error) }
        }
        return errors
    }
}
