import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Building the index anew")
struct IndexRebuildTests {
    private let store: RepairStore

    init() async throws {
        store = try await RepairStore()
    }

    @Test("It gives the answers of the one before")
    func same() async throws {
        let before = try await Answers(EventStore.open(at: store.files.path, options: .readOnly))
        #expect(try IndexRebuild(of: store.files.path).executionCount == 12)
        #expect(try await Answers(EventStore.open(at: store.files.path, options: .readOnly)) == before)
        try store.files.deleteIndex()
        #expect(try IndexRebuild(of: store.files.path).executionCount == 12)
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(store.files.path)/index")
        #expect(names == ["index.db"])
        let opened = try EventStore.open(at: store.files.path, options: .readOnly)
        #expect(opened.warnings.isEmpty)
        #expect(try await opened.verify().isClean)
    }

    @Test("A log that lost its end, or a segment, leaves the index as it is", arguments: 1..<3)
    func incomplete(number: Int) async throws {
        let index = "\(store.files.path)/index/index.db"
        let before = try Data(contentsOf: URL(filePath: index))
        let segment = try store.files.segments[number]
        if number == 1 {
            try FileManager.default.removeItem(atPath: segment)
        } else {
            try StoreFiles.cut(segment, at: StoreFiles.byteCount(segment) - 100)
        }
        let error = await storeError { try IndexRebuild(of: store.files.path) }
        #expect(error?.code == .damaged, "\(error as Any)")
        #expect(try Data(contentsOf: URL(filePath: index)) == before)
    }

    @Test("A store in which nothing was ever stored has nothing to index")
    func empty() async throws {
        let path = "\(store.folder.path)/empty"
        _ = try await makeStore(at: path, seeds: 0..<0)
        let error = await storeError { try IndexRebuild(of: path) }
        #expect(error?.code == .notFound, "\(error as Any)")
    }

    @Test("What cannot be removed is reported", arguments: ["index.db.new", "index.db-wal"])
    func obstructed(name: String) async throws {
        let obstacle = "\(store.files.path)/index/\(name)"
        try? FileManager.default.removeItem(atPath: obstacle)
        try FileManager.default.createDirectory(atPath: "\(obstacle)/full", withIntermediateDirectories: true)
        let error = await storeError { try IndexRebuild(of: store.files.path) }
        #expect(error?.code == .io && error?.message.contains(obstacle) == true, "\(error as Any)")
    }

    @Test("A damaged log leaves the index as it is, and so does a writer")
    func refused() async throws {
        let index = "\(store.files.path)/index/index.db"
        let before = try Data(contentsOf: URL(filePath: index))
        let writer = try EventStore.open(at: store.files.path)
        let locked = await storeError { try IndexRebuild(of: store.files.path) }
        #expect(locked?.code == .locked)
        await writer.close()
        let segment = try store.files.segments[0]
        // A seal tells all that an index needs; without it the frames do.
        let offsets = try [Region.frameHeader, Region.seal].map { try #require(try $0.offset(in: segment)) }
        for offset in offsets { try StoreFiles.flip(segment, at: offset) }
        let damaged = await storeError { try IndexRebuild(of: store.files.path) }
        #expect(damaged?.code == .damaged)
        #expect(try Data(contentsOf: URL(filePath: index)).count >= before.count)
    }
}
