import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Group commit")
struct GroupCommitTests {
    let folder: QuickFolder

    init() throws {
        folder = try QuickFolder()
    }

    @Test("An append is stored as well as was asked, and says so", arguments: Durability.allCases)
    func levels(durability: Durability) async throws {
        let store = try EventStore.open(at: folder.path)
        let execution = Sample.execution(seed: 1, eventCount: 5)
        let receipt = try await store.append(execution, durability: durability)
        #expect(receipt.durability >= durability && !receipt.isDuplicate)
        #expect((receipt.position == nil) == (receipt.durability == .queued))
        // A retry waits for the durability that it asks for itself.
        let retry = try await store.append(execution)
        #expect(retry.isDuplicate && retry.durability == .durable)
        #expect(try store.events(of: execution.id) == execution.events)
        await store.close()
    }

    @Test("What was only queued or written is durable once the store is closed")
    func closing() async throws {
        let store = try EventStore.open(at: folder.path)
        let executions = (1...40).map { Sample.execution(seed: $0, eventCount: Int($0 % 7)) }
        for (index, execution) in executions.enumerated() {
            try await store.append(execution, durability: index.isMultiple(of: 2) ? .queued : .written)
        }
        await store.close()
        let error = await storeError { try await store.append(executions[0]) }
        #expect(error?.code == .closed)
        let reopened = try EventStore.open(at: folder.path)
        #expect(reopened.warnings.isEmpty)
        for execution in executions { #expect(try reopened.events(of: execution.id) == execution.events) }
        #expect(try await reopened.verify().isClean)
        await reopened.close()
    }

    @Test("An execution is appended in parts, each once, and read before it has ended")
    func parts() async throws {
        let store = try EventStore.open(at: folder.path, options: StoreOptions(frameByteCountTarget: 4 << 10))
        let whole = Sample.execution(seed: 3, eventCount: 30)
        let ends = [0, 7, 8, 20, 30, 30]
        var running = whole.metadata
        running.status = .running
        for (index, (start, end)) in zip(ends, ends.dropFirst()).enumerated() {
            let isLast = index == ends.count - 2
            let batch = EventBatch(
                executionID: whole.id, firstEvent: UInt64(start), events: Array(whole.events[start..<end]),
                metadata: isLast ? whole.metadata : running, isLast: isLast)
            #expect(try await store.append(batch).isDuplicate == false)
            #expect(try await store.append(batch).isDuplicate)
            #expect(try store.events(of: whole.id) == Array(whole.events[..<end]))
            let summary = try #require(try store.execution(whole.id))
            #expect(summary.metadata.status == (isLast ? whole.metadata.status : .running))
            #expect(summary.nextEvent == UInt64(end))
        }
        // The same events at once are a retry of the whole.
        #expect(try await store.append(whole).isDuplicate)
        let late = EventBatch(
            executionID: whole.id, firstEvent: 30, events: [whole.events[0]], metadata: running, isLast: false)
        #expect(await storeError { try await store.append(late) }?.code == .conflict)
        await store.close()
    }

    @Test("A batch that leaves a gap is refused with the number that is expected")
    func gap() async throws {
        let store = try EventStore.open(at: folder.path)
        let whole = Sample.execution(seed: 4, eventCount: 9)
        func batch(_ range: Range<Int>) -> EventBatch {
            EventBatch(
                executionID: whole.id, firstEvent: UInt64(range.lowerBound), events: Array(whole.events[range]),
                metadata: whole.metadata, isLast: false)
        }
        let first = await storeError { try await store.append(batch(2..<5)) }
        #expect(first?.code == .expectedEvent && first?.message.contains("the next event is 0, not 2") == true)
        try await store.append(batch(0..<3))
        let second = await storeError { try await store.append(batch(5..<9)) }
        #expect(second?.code == .expectedEvent && second?.message.contains("the next event is 3, not 5") == true)
        try await store.append(batch(3..<9))
        #expect(try store.events(of: whole.id) == whole.events)
        await store.close()
    }

    @Test("A batch is known again after a restart, and without the index", arguments: [true, false])
    func restart(hasIndex: Bool) async throws {
        let executions = (1...30).map { Sample.execution(seed: $0, eventCount: 4) }
        let options = StoreOptions(segmentByteCountMax: 16 << 10)
        var store = try EventStore.open(at: folder.path, options: options)
        for execution in executions { try await store.append(execution) }
        await store.close()
        if !hasIndex { try StoreFiles(path: folder.path).deleteIndex() }
        store = try EventStore.open(at: folder.path, options: options)
        for execution in executions { #expect(try await store.append(execution).isDuplicate) }
        #expect(try await store.statistics().executions == 30)
        await store.close()
    }

    @Test("A queue of no bytes still takes one batch at a time, and loses none of many")
    func smallQueue() async throws {
        let store = try EventStore.open(
            at: folder.path, options: StoreOptions(queueByteCountMax: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 1...200 as ClosedRange<UInt64> {
                group.addTask { try await store.append(Sample.execution(seed: seed, eventCount: 3)) }
            }
            try await group.waitForAll()
        }
        #expect(try await store.statistics().executions == 200)
        await store.close()
    }

    @Test("A task that is cancelled stores all or nothing, and the store goes on")
    func cancellation() async throws {
        let store = try EventStore.open(at: folder.path)
        let executions = (1...100).map { Sample.execution(seed: $0, eventCount: 6) }
        let tasks = executions.map { execution in Task { try await store.append(execution) } }
        for task in tasks.enumerated() where task.offset.isMultiple(of: 3) { task.element.cancel() }
        for (task, execution) in zip(tasks, executions) {
            switch await task.result {
            case .success: #expect(try store.events(of: execution.id) == execution.events)
            case .failure(let error):
                #expect((error as? StoreError)?.code == .cancelled)
                #expect(try store.execution(execution.id) == nil)
            }
        }
        try await store.append(Sample.execution(seed: 500, eventCount: 1))
        #expect(try await store.verify().isClean)
        await store.close()
    }

    @Test("A reader in another place sees every append at once, while the writer goes on")
    func liveReader() async throws {
        let store = try EventStore.open(at: folder.path)
        for seed in 1...20 as ClosedRange<UInt64> {
            let execution = Sample.execution(seed: seed, eventCount: 4)
            try await store.append(execution)
            let reader = try EventStore.open(at: folder.path, options: StoreOptions(access: .readOnly))
            #expect(try reader.events(of: execution.id) == execution.events)
            #expect(try reader.executions().executions.count == Int(seed))
            #expect(reader.warnings.isEmpty, "\(reader.warnings)")
        }
        await store.close()
    }

    @Test("A store of a thousand sealed segments opens without reading them")
    func manySegments() async throws {
        let options = StoreOptions(segmentByteCountMax: 16 << 10)
        let store = try EventStore.open(at: folder.path, options: options)
        await withTaskGroup(of: Void.self) { group in
            for seed in 1...1000 as ClosedRange<UInt64> {
                group.addTask {
                    // What fails shows in the count below.
                    _ = try? await store.append(Sample.execution(seed: seed, eventCount: 10, payloadByteCountMax: 4000))
                }
            }
        }
        await store.close()
        let segmentCount = try StoreFiles(path: folder.path).segments.count
        let reopened = try EventStore.open(at: folder.path, options: options)
        #expect(reopened.warnings.isEmpty)
        #expect(try await reopened.statistics().executions == 1000)
        #expect(try await reopened.statistics().segments == segmentCount)
        #expect(segmentCount > 500)
        await reopened.close()
    }
}
