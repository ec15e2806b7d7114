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
