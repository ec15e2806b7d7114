import FluxFormat
import FluxFiles
import FluxIndex
import FluxLog
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Retries")
struct RetryTests {
    private let folder: QuickFolder
    private let files: StoreFiles

    init() throws {
        folder = try QuickFolder()
        files = StoreFiles(path: folder.path)
    }

    @Test("Appending again stores nothing, also after reopening and without the index", arguments: [true, false])
    func again(hasIndex: Bool) async throws {
        let executions = try await makeStore(at: files.path, seeds: 0..<5)
        let log = try files.log
        if !hasIndex { try files.deleteIndex() }
        let store = try EventStore.open(at: files.path)
        for execution in executions { #expect(try await store.append(execution).isDuplicate) }
        await store.close()
        #expect(try files.log == log)
    }

    @Test("Another number of events under a stored id is a conflict", arguments: [3, 11, 13, 40])
    func otherEvents(eventCount: Int) async throws {
        let execution = try await makeStore(at: files.path, seeds: 4..<5)[0]
        let store = try EventStore.open(at: files.path)
        let other = Execution(
            id: execution.id, metadata: execution.metadata,
            events: Sample.execution(seed: 9, eventCount: eventCount).events)
        let error = await storeError { try await store.append(other) }
        #expect(error?.code == .conflict && error?.message.contains(execution.id.description) == true)
        #expect(try store.events(of: execution.id) == execution.events)
        await store.close()
    }

    @Test("Two tasks that append the same execution store it once")
    func sameTime() async throws {
        let store = try EventStore.open(at: files.path)
        let execution = Sample.execution(seed: 3, eventCount: 200)
        let duplicates = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { try await store.append(execution).isDuplicate } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(duplicates == 7)
        #expect(try store.events(of: execution.id) == execution.events)
        await store.close()
    }

    /// 80 MiB in three batches of stored payloads.
    private static func large() -> Execution {
        var execution = Sample.execution(seed: 1, eventCount: 80)
        var generator = SeededGenerator(seed: 1)
        let block = (0..<1 << 17).map { _ in generator.next() }.withUnsafeBytes { [UInt8]($0) }
        for index in execution.events.indices { execution.events[index].payload = block + [UInt8(index)] }
        return execution
    }

    @Test("An execution of several batches goes on behind an interruption, where every batch was stored whole")
    func interrupted() async throws {
        let large = Self.large()
        let store = try EventStore.open(at: files.path)
        try await store.append(large)
        await store.close()
        let segment = try files.segments[0]
        let ends = try batchEnds(of: segment)
        #expect(ends.count == 3)
        let whole = "\(folder.path)/whole"
        try FileManager.default.copyItem(atPath: segment, toPath: whole)
        for end in [ends[0], ends[0] + 5000, ends[1]] {
            try FileManager.default.removeItem(atPath: "\(files.path)/seg")
            try FileManager.default.createDirectory(atPath: "\(files.path)/seg", withIntermediateDirectories: false)
            try FileManager.default.copyItem(atPath: whole, toPath: segment)
            try StoreFiles.cut(segment, at: end)
            try files.deleteEvidence()
            let store = try EventStore.open(at: files.path)
            let summary = try #require(try store.execution(large.id))
            #expect(summary.metadata.status == .running && summary.nextEvent < 80)
            #expect(try await store.append(large).isDuplicate == false)
            #expect(try await store.append(large).isDuplicate)
            #expect(try store.events(of: large.id) == large.events)
            #expect(try store.execution(large.id)?.metadata.status == large.metadata.status)
            await store.close()
        }
    }

    /// Behind each batch of a segment.
    private func batchEnds(of segment: String) throws -> [Int] {
        let name = try #require(SegmentName(URL(filePath: segment).lastPathComponent))
        let file = try SegmentFile(
            opening: name, in: "\(files.path)/seg", files: PosixFileSystem(), access: .read)
        var scan = file.scan()
        var ends: [Int] = []
        while let frame = try scan.next(verifyingPayload: false) {
            if frame.header.flags.contains(.batchLast) { ends.append(scan.offset) }
        }
        return ends
    }
}
