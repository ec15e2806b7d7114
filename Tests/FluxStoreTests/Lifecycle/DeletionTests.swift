import FluxFormat
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import FluxStore

@Suite("Deletion")
struct DeletionTests {
    private static let options = StoreOptions(segmentByteCountMax: 16 << 10)
    private let folder: QuickFolder
    private let files: StoreFiles

    init() throws {
        folder = try QuickFolder()
        files = StoreFiles(path: folder.path)
    }

    /// Everything but one execution is there.
    private func expectGone(_ gone: Execution, from store: EventStore, _ executions: [Execution]) async throws {
        let ids = try store.executions(limit: 1000).executions.map(\.id)
        #expect(Set(ids) == Set(executions.map(\.id)).subtracting([gone.id]))
        #expect(try store.execution(gone.id) == nil)
        #expect(await storeError { try store.cursor(over: gone.id) }?.code == .noExecution)
        #expect(try await store.statistics().executions == UInt64(executions.count - 1))
        let prefix = try #require(ExecutionIDPrefix(gone.id.description))
        #expect(await storeError { try store.execution(startingWith: prefix) }?.code == .noExecution)
        for execution in executions where execution.id != gone.id {
            #expect(try store.events(of: execution.id) == execution.events)
        }
        var count = 0
        var cursor = try await store.cursor()
        while try cursor.next() != nil { count += 1 }
        #expect(count == executions.reduce(0) { $0 + $1.events.count } - gone.events.count)
        #expect(try await store.verify().findings == [])
    }

    @Test("A deleted execution is gone at once, for good, and a retry of it is refused, whatever becomes of the index")
    func gone() async throws {
        let executions = try await makeStore(at: files.path, seeds: 0..<20, options: Self.options)
        let gone = executions[3]
        var store = try EventStore.open(at: files.path, options: Self.options)
        try await store.delete(gone.id)
        try await expectGone(gone, from: store, executions)
        #expect(await storeError { try await store.append(gone) }?.code == .deleted)
        try await store.delete(gone.id)
        await store.close()
        for isIndexKept in [true, false] {
            if !isIndexKept { try files.deleteIndex() }
            store = try EventStore.open(at: files.path, options: Self.options)
            #expect(await storeError { try await store.append(gone) }?.code == .deleted)
            try await expectGone(gone, from: store, executions)
            #expect(await storeError { try await store.append(gone) }?.code == .deleted)
            let reader = try EventStore.open(at: files.path, options: .readOnly)
            try await expectGone(gone, from: reader, executions)
            await store.close()
            let alone = try EventStore.open(at: files.path, options: .readOnly)
            try await expectGone(gone, from: alone, executions)
        }
    }

    @Test("What is not there cannot be deleted, and a store that only reads deletes nothing")
    func refusals() async throws {
        let executions = try await makeStore(at: files.path, seeds: 0..<2)
        let store = try EventStore.open(at: files.path)
        let other = Sample.execution(seed: 99, eventCount: 1)
        let error = await storeError { try await store.delete(other.id) }
        #expect(error?.code == .noExecution && error?.message.contains(other.id.description) == true)
        #expect(await storeError { try await store.delete(.none) }?.code == .noExecution)
        try await store.append(other)
        try await store.delete(other.id)
        await store.close()
        #expect(await storeError { try await store.delete(executions[0].id) }?.code == .closed)
        let reader = try EventStore.open(at: files.path, options: .readOnly)
        #expect(await storeError { try await reader.delete(executions[0].id) }?.code == .readOnly)
    }

    @Test("The newest execution stays refused when its id was the greatest of all")
    func greatestID() async throws {
        let executions = try await makeStore(at: files.path, seeds: 0..<3)
        let newest = try #require(executions.max { $0.id < $1.id })
        var store = try EventStore.open(at: files.path)
        try await store.delete(newest.id)
        await store.close()
        store = try EventStore.open(at: files.path)
        _ = try store.executions()
        #expect(await storeError { try await store.append(newest) }?.code == .deleted)
        await store.close()
    }

    @Test("An execution that is being recorded takes no further part, and a cursor over it goes on to its end")
    func running() async throws {
        let execution = Sample.execution(seed: 1, eventCount: 6)
        let store = try EventStore.open(at: files.path)
        func part(_ range: Range<Int>, isLast: Bool = false) -> EventBatch {
            EventBatch(
                executionID: execution.id, firstEvent: UInt64(range.lowerBound),
                events: Array(execution.events[range]), metadata: execution.metadata, isLast: isLast)
        }
        try await store.append(part(0..<2))
        try await store.append(part(2..<4))
        var cursor = try store.cursor(over: execution.id)
        try await store.delete(execution.id)
        for batch in [part(4..<6, isLast: true), part(0..<2), part(2..<4)] {
            #expect(await storeError { try await store.append(batch) }?.code == .deleted)
        }
        var count = 0
        while try cursor.next() != nil { count += 1 }
        #expect(count == 4)
        #expect(try store.execution(execution.id) == nil)
        await store.close()
    }

    @Test("Deletions and appends at the same time: each execution is whole or gone")
    func sameTime() async throws {
        let executions = (0..<60 as Range<UInt64>).map { Sample.execution(seed: $0, eventCount: 4) }
        let store = try EventStore.open(at: files.path, options: Self.options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, execution) in executions.enumerated() {
                group.addTask {
                    try await store.append(execution)
                    if place.isMultiple(of: 3) { try await store.delete(execution.id) }
                }
            }
            try await group.waitForAll()
        }
        for (place, execution) in executions.enumerated() {
            #expect(try (store.execution(execution.id) == nil) == place.isMultiple(of: 3))
        }
        #expect(try await store.verify().findings == [])
        await store.close()
    }

    @Test("Salvage brings back nothing that was deleted, and still refuses it")
    func salvage() async throws {
        let executions = try await makeStore(at: files.path, seeds: 0..<6)
        var store = try EventStore.open(at: files.path)
        try await store.delete(executions[2].id)
        await store.close()
        let target = try QuickFolder()
        let salvage = try StoreSalvage(from: files.path, to: target.path)
        #expect(salvage.isWhole)
        store = try EventStore.open(at: target.path)
        try await expectGone(executions[2], from: store, executions)
        #expect(await storeError { try await store.append(executions[2]) }?.code == .deleted)
        await store.close()
    }
}

@Suite("Keys of deleted executions")
struct DeletedKeyTests {
    /// Keys in memory, which may be out of reach.
    private final class Keys: ExecutionKeyStore {
        struct Away: Error {}
        private let state = Mutex<(destroyed: [ExecutionID], isAway: Bool)>(([], false))

        var destroyed: [ExecutionID] { state.withLock(\.destroyed) }
        func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

        func destroyKey(of id: ExecutionID) async throws {
            try state.withLock { state in
                guard !state.isAway else { throw Away() }
                state.destroyed.append(id)
            }
        }
    }

    @Test("A key is destroyed behind the deletion; where that failed, again by the next call and the next opening")
    func keys() async throws {
        let folder = try QuickFolder()
        let executions = try await makeStore(at: folder.path, seeds: 0..<4)
        let keys = Keys()
        var options = StoreOptions()
        options.keyStore = keys
        var store = try EventStore.open(at: folder.path, options: options)
        await store.finishKeyWork()
        try await store.delete(executions[0].id)
        #expect(keys.destroyed == [executions[0].id])
        keys.setAway(true)
        for execution in executions[1...2] {
            #expect(await storeError { try await store.delete(execution.id) }?.code == .keyStore)
            #expect(try store.execution(execution.id) == nil)
        }
        keys.setAway(false)
        try await store.delete(executions[1].id)
        #expect(keys.destroyed == [executions[0].id, executions[1].id])
        await store.close()
        store = try EventStore.open(at: folder.path, options: options)
        await store.finishKeyWork()
        #expect(keys.destroyed == [executions[0].id, executions[1].id, executions[2].id])
        await store.close()
    }
}
