import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Store without segments")
struct EmptyStoreTests {
    @Test("A store that was opened and closed with nothing in it opens again without a warning, and keeps its index")
    func opensAgain() async throws {
        let folder = try TemporaryFolder()
        for _ in 0..<2 {
            let store = try EventStore.open(at: folder.path)
            #expect(store.warnings.isEmpty)
            await store.close()
        }
        let store = try EventStore.open(at: folder.path)
        try await store.append(Sample.execution(seed: 1, eventCount: 3))
        #expect(try await store.verify().isClean)
        await store.close()
    }

    @Test("A store to which nothing was appended is listed, counted and verified", .timeLimit(.minutes(10)))
    func answers() async throws {
        let folder = try TemporaryFolder()
        for _ in 0..<2 {
            let store = try EventStore.open(at: folder.path)
            #expect(try store.executions().executions.isEmpty)
            #expect(try await store.statistics().executions == 0)
            #expect(try await store.verify().isClean)
            await store.close()
        }
    }

    @Test("A store all of whose segments are gone is refused, and its index is left as it is")
    func segmentsGone() async throws {
        let folder = try TemporaryFolder()
        let store = try EventStore.open(at: folder.path)
        try await store.append(Sample.execution(seed: 1, eventCount: 3))
        await store.close()
        let segment = folder.path + "/seg/00000001.0000.rpl"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: segment))
        try FileManager.default.removeItem(atPath: segment)
        for access in [StoreOptions.Access.readWrite, .readOnly] {
            let error = #expect(throws: StoreError.self) {
                try EventStore.open(at: folder.path, options: StoreOptions(access: access))
            }
            #expect(error?.code == .damaged)
        }
        try bytes.write(to: URL(fileURLWithPath: segment))
        let restored = try EventStore.open(at: folder.path)
        #expect(restored.warnings.isEmpty)
        #expect(try restored.executions().executions.count == 1)
        await restored.close()
    }
}
