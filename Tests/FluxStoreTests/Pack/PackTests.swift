import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("One execution in a file of its own")
struct PackTests {
    private let folder: QuickFolder
    private var path: String { "\(folder.path)/store" }
    private var file: String { "\(folder.path)/one.rpx" }

    init() throws {
        folder = try QuickFolder()
    }

    private func other() throws -> EventStore { try EventStore.open(at: "\(folder.path)/other", options: .small) }

    /// A store with some batches of an execution of many events, and others around it.
    private func store(with parts: SampleParts, batches count: Int) async throws -> EventStore {
        let store = try EventStore.open(at: path, options: .small)
        for (index, batch) in parts.batches.prefix(count).enumerated() {
            try await store.append(Sample.execution(seed: 1000 + UInt64(index), eventCount: 20))
            try await store.append(batch)
        }
        return store
    }

    private var parts: SampleParts {
        var generator = SeededGenerator(seed: 3)
        var parts = SampleParts(number: 1, eventCountMax: 1, using: &generator)
        while parts.batches.count < 6 {
            parts = SampleParts(number: 1, eventCountMax: 60, payloadByteCountMax: 3000, using: &generator)
        }
        return parts
    }

    @Test("It goes to another store with every event and what is known of it, and a second time stores nothing")
    func roundTrip() async throws {
        let parts = parts
        let store = try await store(with: parts, batches: parts.batches.count)
        let packed = try await store.pack(parts.id, to: file)
        #expect(packed.id == parts.id && packed.isFinished && !packed.isDuplicate)
        #expect(packed.eventCount == UInt64(parts.batches.reduce(0) { $0 + $1.events.count }))
        #expect(try packed.byteCount == UInt64(StoreFiles.byteCount(file)))
        let other = try other()
        for isDuplicate in [false, true] {
            let report = try await other.unpack(file)
            #expect(report.isDuplicate == isDuplicate && report.eventCount == packed.eventCount)
        }
        #expect(try other.events(of: parts.id) == store.events(of: parts.id))
        #expect(try other.execution(parts.id)?.metadata == store.execution(parts.id)?.metadata)
        #expect(try await other.unpack(file).isDuplicate)
        #expect(try await store.unpack(file).isDuplicate)
        #expect(try await other.verify().isClean)
        let inspection = try SegmentInspection(of: file)
        #expect(inspection.damage.isEmpty && inspection.trailer != nil && inspection.seal?.executions == 1)
        await store.close()
        await other.close()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["one.rpx", "other", "store"])
    }

    @Test("A running execution has what is durable, and a later file brings the rest")
    func running() async throws {
        let parts = parts
        let store = try await store(with: parts, batches: 2)
        #expect(try await store.pack(parts.id, to: file).isFinished == false)
        let other = try other()
        #expect(try await other.unpack(file).isFinished == false)
        for batch in parts.batches.dropFirst(2) { try await store.append(batch) }
        try await store.pack(parts.id, to: "\(folder.path)/all.rpx")
        #expect(try await other.unpack("\(folder.path)/all.rpx").isDuplicate == false)
        #expect(try other.events(of: parts.id) == store.events(of: parts.id))
        #expect(try await other.unpack(file).isDuplicate)
        await store.close()
        await other.close()
    }

    @Test("An execution of the same id with other events is a conflict, and nothing is stored")
    func conflict() async throws {
        let parts = parts
        let store = try await store(with: parts, batches: parts.batches.count)
        try await store.pack(parts.id, to: file)
        let other = try other()
        var changed = parts.batches[0]
        changed.events[0].sequence += 1
        try await other.append(changed)
        let before = try await other.statistics()
        let error = await storeError { try await other.unpack(file) }
        #expect(error?.code == .conflict && error?.message.contains("another event 0") == true)
        #expect(try await other.statistics() == before)
        await store.close()
        await other.close()
        let reader = try EventStore.open(at: path, options: .readOnly)
        #expect(await storeError { try await reader.unpack(file) }?.code == .readOnly)
    }

    @Test("What is in the way, or is not there, is told")
    func refused() async throws {
        _ = try await makeStore(at: path, seeds: 1..<3)
        let store = try EventStore.open(at: path)
        let id = Sample.execution(seed: 1, eventCount: 12).id
        try Data("mine".utf8).write(to: URL(filePath: file))
        #expect(await storeError { try await store.pack(id, to: file) }?.code == .exists)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
        #expect(await storeError { try await store.unpack(file) }?.code == .invalid)
        let missing = Sample.execution(seed: 9, eventCount: 1).id
        #expect(await storeError { try await store.pack(missing, to: "\(folder.path)/a.rpx") }?.code == .noExecution)
        let segment = try StoreFiles(path: path).segments[0]
        // The first segment of a store is not sealed, or has several executions.
        #expect(
            await storeError { try await store.unpack(segment) }.map { [.invalid, .damaged].contains($0.code) } == true)
        await store.close()
    }

    @Test("A file that is cut or has a wrong byte anywhere is refused, and nothing is stored")
    func damaged() async throws {
        let store = try EventStore.open(at: path)
        let execution = Sample.execution(seed: 1, eventCount: 4, payloadByteCountMax: 100)
        try await store.append(execution)
        try await store.pack(execution.id, to: file)
        await store.close()
        let bytes = try Data(contentsOf: URL(filePath: file))
        let harmed = "\(folder.path)/harmed.rpx"
        let other = try other()
        // Of the header's many zeros some; of all else every byte.
        let places = Array(stride(from: 0, to: 4096, by: 61)) + Array(4096..<bytes.count)
        for place in places {
            var flipped = bytes
            flipped[place] ^= 0x10
            for (what, bytes) in [("flipped", flipped), ("cut", bytes.prefix(place))] {
                try Data(bytes).write(to: URL(filePath: harmed))
                let error = await storeError { try await other.unpack(harmed) }
                #expect(
                    [.damaged, .invalid, .unsupported].contains(error?.code),
                    "\(what) at \(place): \(error?.message ?? "none")")
            }
        }
        #expect(try await other.statistics().executions == 0)
        try await other.unpack(file)
        #expect(try other.events(of: execution.id) == execution.events)
        await other.close()
    }
}
