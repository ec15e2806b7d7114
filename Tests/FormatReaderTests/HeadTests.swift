import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite(
    "What an open store leaves when it is killed, for both readers",
    .enabled(if: PythonReader.isRequired, "Python's modules lz4 and xxhash are missing; `make test` installs them"))
struct KilledStoreTests {
    @Test("HEAD, a file made ahead of time and reserved zeros are no part of the log")
    func openStore() async throws {
        let folder = try TemporaryFolder()
        let store = try EventStore.open(
            at: "\(folder.path)/open", options: StoreOptions(segmentByteCountMax: 64 << 10))
        let copy = "\(folder.path)/copy"
        var seed: UInt64 = 0
        // The spare is made by another thread, and a roll uses it up.
        while try !Self.hasSpare(copy) {
            seed += 1
            try await store.append(Sample.execution(seed: seed, eventCount: 8))
            try? FileManager.default.removeItem(atPath: copy)
            try FileManager.default.copyItem(atPath: store.path, toPath: copy)
            try #require(seed < 1000)
        }
        try FileManager.default.removeItem(atPath: "\(copy)/index")
        await store.close()
        let found = try ReadStore(byPython: copy)
        let expected = try await ReadStore(byStore: copy, end: found.totals.end)
        #expect(found.executions == expected.executions)
        #expect(found.totals == expected.totals)
        #expect(found.totals.executions == Int(seed))
    }

    private static func hasSpare(_ path: String) throws -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return false }
        return try FileManager.default.contentsOfDirectory(atPath: "\(path)/seg").contains { $0.hasSuffix(".rpl.next") }
    }

    @Test("A roll that was interrupted leaves a header that counts under either name, or a file that holds nothing")
    func interruptedRoll() async throws {
        let store = try await SmallStore()
        let whole = try ReadStore(byPython: store.path)
        let name = try #require(try store.segments.last)
        let next = "0000000\(try store.segments.count + 1).0000.rpl"
        let bytes = try store.bytes(name)
        try store.remove(name)
        try store.write(bytes, to: "\(name).next")
        let renamed = try ReadStore(byPython: store.path)
        #expect(renamed.executions == whole.executions && renamed.totals == whole.totals)
        for content in [Array(bytes.prefix(100)), Array(repeating: 0, count: 8192)] {
            try store.write(content, to: next)
            let found = try ReadStore(byPython: store.path)
            let expected = try await ReadStore(byStore: store.path, end: found.totals.end)
            #expect(found.totals == whole.totals && expected.totals == whole.totals)
        }
    }

    @Test("A sealed segment may keep the room that it had", arguments: [8, 4096, 100_000])
    func untrimmed(byteCount: Int) async throws {
        let store = try await SmallStore()
        let whole = try ReadStore(byPython: store.path)
        let names = try store.segments
        try store.write(try store.bytes(names[0]) + Array(repeating: 0, count: byteCount), to: names[0])
        let found = try ReadStore(byPython: store.path)
        #expect(found.executions == whole.executions && found.totals == whole.totals)
        let expected = try await ReadStore(byStore: store.path, end: found.totals.end)
        #expect(expected.totals == whole.totals && expected.executions == whole.executions)
        // The same one as the last of its log.
        for name in names.dropFirst() { try store.remove(name) }
        try store.deleteEvidence()
        let last = try ReadStore(byPython: store.path)
        #expect(try await ReadStore(byStore: store.path, end: last.totals.end).totals == last.totals)
        #expect(last.executions == Array(whole.executions.prefix(last.executions.count)))
    }
}

@Suite(
    "What HEAD says, for both readers",
    .enabled(if: PythonReader.isRequired, "Python's modules lz4 and xxhash are missing; `make test` installs them"))
struct HeadTests {
    @Test("A log that ends before the place that HEAD promises is damaged, and without HEAD it is whole")
    func promise() async throws {
        let store = try await SmallStore()
        try await store.cutLastBatch()
        let run = try PythonReader.run(store.path)
        #expect(run.exitCode == 3)
        #expect(run.errors.contains("HEAD: byte "), "\(run.errors)")
        #expect(try EventStore.open(at: store.path, options: StoreOptions(access: .readOnly)).warnings.count == 1)
        try Data(count: 3 * 4096).write(to: URL(filePath: "\(store.path)/HEAD"))
        let found = try ReadStore(byPython: store.path)
        #expect(try await ReadStore(byStore: store.path, end: found.totals.end).totals == found.totals)
    }

    @Test("A slot that does not verify says nothing", arguments: [0, 9, 12, 40, 72, 120])
    func flippedSlot(offset: Int) async throws {
        let store = try await SmallStore()
        let whole = try ReadStore(byPython: store.path)
        try store.flipHead(at: [0, 1, 2].map { $0 * 4096 + offset })
        let found = try ReadStore(byPython: store.path)
        #expect(found.totals == whole.totals)
        // With the last batch gone, nothing tells.
        try await store.cutLastBatch()
        #expect(try PythonReader.run(store.path).exitCode == 0)
    }

    @Test("The HEAD of another store is told")
    func foreign() async throws {
        let store = try await SmallStore()
        let other = try await SmallStore()
        try FileManager.default.removeItem(atPath: "\(store.path)/HEAD")
        try FileManager.default.copyItem(atPath: "\(other.path)/HEAD", toPath: "\(store.path)/HEAD")
        let run = try PythonReader.run(store.path)
        #expect(run.exitCode == 3 && run.errors.contains("another store's"), "\(run.errors)")
    }
}

extension SmallStore {
    /// Ends the last segment exactly before its last batch, and deletes the index.
    fileprivate func cutLastBatch() async throws {
        let name = try #require(try segments.last)
        let head = try Data(contentsOf: URL(filePath: "\(path)/HEAD"))
        try write(try bytes(name).dropLast(8), to: name)
        try deleteEvidence()
        let end = try ReadStore(byPython: path, isWhole: false).totals.end.split(separator: ":").last
        try write(try bytes(name).prefix(try #require(end.flatMap { Int($0) })), to: name)
        try head.write(to: URL(filePath: "\(path)/HEAD"))
    }

    fileprivate func flipHead(at offsets: [Int]) throws {
        let url = URL(filePath: "\(path)/HEAD")
        var bytes = Array(try Data(contentsOf: url))
        for offset in offsets { bytes[offset] ^= 0x10 }
        try Data(bytes).write(to: url)
    }
}
