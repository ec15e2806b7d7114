import FluxFormat
import Foundation
import TestSupport
import Testing

@testable import FluxStore

@Suite("Scavenging")
struct ScavengeTests {
    private static let options = StoreOptions(segmentByteCountMax: 16 << 10)
    private let folder: QuickFolder
    private let files: StoreFiles

    init() throws {
        folder = try QuickFolder()
        files = StoreFiles(path: folder.path)
    }

    /// An execution with bytes that no other has and that no codec hides, in a payload, a name and the metadata.
    private func secret(_ seed: UInt64) -> Execution {
        var generator = SeededGenerator(seed: seed + 9000)
        var execution = Sample.execution(seed: seed, eventCount: 5)
        execution.events[1].payload = (0..<600).map { _ in UInt8.random(in: 0...255, using: &generator) }
        execution.events[1].payload.replaceSubrange(100..<100 + Self.mark(seed).count, with: Self.mark(seed))
        execution.metadata.name = String(decoding: Self.mark(seed), as: UTF8.self)
        execution.metadata.requestID = "request-\(execution.metadata.name)"
        execution.metadata.tags = ["note": execution.metadata.name]
        return execution
    }

    private static func mark(_ seed: UInt64) -> [UInt8] {
        Array("secret-\(seed)-\(seed &* 0x9E37_79B9_7F4A_7C15)".utf8)
    }

    /// The files of the store that have the bytes.
    private func holders(of bytes: [UInt8]) throws -> [String] {
        let walk = try #require(FileManager.default.enumerator(atPath: files.path))
        return try walk.compactMap { $0 as? String }.filter { name in
            var isDirectory: ObjCBool = false
            let path = "\(files.path)/\(name)"
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue else {
                return false
            }
            return try Data(contentsOf: URL(filePath: path)).range(of: Data(bytes)) != nil
        }
    }

    /// A store with many executions of which every fourth is secret.
    private func makeSecrets() async throws -> (all: [Execution], secret: [Execution]) {
        let all = (0..<40 as Range<UInt64>).map { seed in
            seed.isMultiple(of: 4) ? secret(seed) : Sample.execution(seed: seed, eventCount: 12)
        }
        let store = try EventStore.open(at: files.path, options: Self.options)
        for execution in all { try await store.append(execution) }
        await store.close()
        return (all, all.enumerated().filter { $0.offset.isMultiple(of: 4) }.map(\.element))
    }

    private func expectRest(_ store: EventStore, of all: [Execution], without gone: Set<ExecutionID>) async throws {
        for execution in all where !gone.contains(execution.id) {
            #expect(try store.events(of: execution.id) == execution.events)
        }
        #expect(try store.executions(limit: 1000).executions.count == all.count - gone.count)
        #expect(try await store.verify().findings == [])
    }

    @Test("Behind it no file has a byte of what was deleted, all else is as it was, and it is still refused")
    func bytes() async throws {
        let (all, secrets) = try await makeSecrets()
        try FileManager.default.createDirectory(atPath: "\(files.path)/quarantine", withIntermediateDirectories: true)
        try Data(Self.mark(0)).write(to: URL(filePath: "\(files.path)/quarantine/00000001.0000.rpl.5000"))
        try Data(Self.mark(0)).write(to: URL(filePath: "\(files.path)/index/index.db.old"))
        var store = try EventStore.open(at: files.path, options: Self.options)
        for place in secrets.indices { #expect(try !holders(of: Self.mark(UInt64(place) * 4)).isEmpty) }
        for execution in secrets { try await store.delete(execution.id) }
        let report = try await store.scavenge(.all)
        #expect(report.segments > 2 && report.heldFiles == 0 && report.isIndexClean && report.byteCount > 0)
        let gone = Set(secrets.map(\.id))
        for place in secrets.indices { #expect(try holders(of: Self.mark(UInt64(place) * 4)) == []) }
        try await expectRest(store, of: all, without: gone)
        #expect(try await store.scavenge(.all).segments == 0)
        await store.close()
        for place in secrets.indices { #expect(try holders(of: Self.mark(UInt64(place) * 4)) == []) }
        for isIndexKept in [true, false] {
            if !isIndexKept { try files.deleteIndex() }
            let reader = try EventStore.open(at: files.path, options: .readOnly)
            try await expectRest(reader, of: all, without: gone)
            store = try EventStore.open(at: files.path, options: Self.options)
            try await expectRest(store, of: all, without: gone)
            #expect(await storeError { try await store.append(secrets[1]) }?.code == .deleted)
            await store.close()
        }
        #expect(try StoreSurvey(of: files.path).isWhole)
    }

    @Test("Only segments with more of it than the share are written anew")
    func share() async throws {
        // Executions of one size in one segment.
        let all = (0..<10 as Range<UInt64>).map { secret($0) }
        let store = try EventStore.open(at: files.path)
        for execution in all { try await store.append(execution) }
        try await store.delete(all[3].id)
        #expect(try await store.scavenge(.share(0.3)).segments == 0)
        #expect(try !holders(of: Self.mark(3)).isEmpty)
        #expect(try await store.scavenge(.share(0.03)).segments == 1)
        #expect(try holders(of: Self.mark(3)) == [])
        try await expectRest(store, of: all, without: [all[3].id])
        await store.close()
    }

    @Test("A segment of which everything is deleted stays as header and seal, and one can be written anew again")
    func emptied() async throws {
        let (all, _) = try await makeSecrets()
        let store = try EventStore.open(at: files.path, options: Self.options)
        for execution in all.prefix(20) { try await store.delete(execution.id) }
        #expect(try await store.scavenge().segments > 0)
        for execution in all[20..<30] { try await store.delete(execution.id) }
        #expect(try await store.scavenge(.all).segments > 0)
        try await expectRest(store, of: all, without: Set(all.prefix(30).map(\.id)))
        let names = try files.segments.map { URL(filePath: $0).lastPathComponent }
        #expect(names.contains { $0.hasSuffix(".0001.rpl") } && Set(names.map { $0.prefix(8) }).count == names.count)
        try await store.retain(RetentionPolicy(maxByteCount: 0))
        #expect(try await store.verify().findings == [])
        await store.close()
    }

    @Test("A cursor that is held goes on through the old files, which go when it goes")
    func heldCursor() async throws {
        let (all, secrets) = try await makeSecrets()
        let store = try EventStore.open(at: files.path, options: Self.options)
        func walk() async throws {
            var cursor = try store.cursor(over: secrets[1].id)
            for execution in secrets { try await store.delete(execution.id) }
            let report = try await store.scavenge(.all)
            #expect(report.heldFiles > 0)
            var count = 0
            while try cursor.next() != nil { count += 1 }
            #expect(count == secrets[1].events.count)
            try await expectRest(store, of: all, without: Set(secrets.map(\.id)))
        }
        try await walk()
        #expect(try holders(of: Self.mark(4)) == [])
        await store.close()
    }

    @Test("After a crash before the rows were moved the next opening moves them, and removes the old files")
    func crashedMove() async throws {
        let (all, secrets) = try await makeSecrets()
        let store = try EventStore.open(at: files.path, options: Self.options)
        for execution in secrets { try await store.delete(execution.id) }
        _ = try store.executions()
        _ = try await store.statistics()
        let before = try QuickFolder()
        try files.copy(to: before.path)
        try await store.scavenge(.all)
        await store.close()
        // New files beside the old ones, and the index of before.
        for segment in try files.segments where segment.hasSuffix(".0001.rpl") {
            let name = URL(filePath: segment).lastPathComponent
            let old = name.replacing(".0001.rpl", with: ".0000.rpl")
            try FileManager.default.copyItem(atPath: "\(before.path)/seg/\(old)", toPath: "\(files.path)/seg/\(old)")
        }
        try files.deleteIndex()
        try FileManager.default.copyItem(atPath: "\(before.path)/index", toPath: "\(files.path)/index")
        try? FileManager.default.removeItem(atPath: "\(files.path)/index/index.db-shm")
        let gone = Set(secrets.map(\.id))
        let again = try EventStore.open(at: files.path, options: Self.options)
        try await expectRest(again, of: all, without: gone)
        #expect(
            try files.segments.allSatisfy { segment in
                !segment.hasSuffix(".0000.rpl")
                    || !FileManager.default.fileExists(atPath: segment.replacing(".0000.rpl", with: ".0001.rpl"))
            })
        #expect(again.warnings == [])
        await again.close()
    }
}
