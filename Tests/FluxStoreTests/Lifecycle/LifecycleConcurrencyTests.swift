import FluxFormat
import Foundation
import TestSupport
import Testing

@testable import FluxStore

@Suite("Everything at the same time")
struct LifecycleConcurrencyTests {
    @Test("Appends, cursors, deletions, retention, scavenging and checks: no wrong byte, and nothing is left open")
    func together() async throws {
        let folder = try QuickFolder()
        let store = try EventStore.open(at: folder.path, options: StoreOptions(segmentByteCountMax: 32 << 10))
        let executions = (0..<240 as Range<UInt64>).map { Sample.execution(seed: $0, eventCount: 8) }
        let byID = Dictionary(uniqueKeysWithValues: executions.map { ($0.id, $0) })
        for execution in executions.prefix(40) { try await store.append(execution) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<4 {
                group.addTask {
                    for (place, execution) in executions.enumerated().dropFirst(40) where place % 4 == lane {
                        try await store.append(execution)
                        if place.isMultiple(of: 7) { try await store.delete(execution.id) }
                    }
                }
                group.addTask {
                    for _ in 0..<40 {
                        for row in try store.executions(limit: 20).executions {
                            try Self.walk(row.id, store, byID)
                        }
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                for round in 0..<12 {
                    try await store.retain(RetentionPolicy(maxByteCount: UInt64(400 - 20 * round) << 10))
                    try await store.scavenge(round.isMultiple(of: 3) ? .all : .share(0.05))
                    let report = try await store.verify(.structure)
                    #expect(report.findings == [])
                }
            }
            try await group.waitForAll()
        }
        let report = try await store.scavenge(.all)
        #expect(report.heldFiles == 0)
        #expect(try await store.verify().findings == [])
        let kept = try store.executions(limit: 1000).executions.map(\.id)
        for id in kept { #expect(try store.events(of: id) == byID[id]?.events) }
        await store.close()
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/seg")
        #expect(Set(names.map { $0.prefix(8) }).count == names.count)
    }

    /// Reads an execution to its end: what a list showed may be gone by now, and is never read in part.
    private static func walk(
        _ id: ExecutionID, _ store: EventStore, _ executions: [ExecutionID: Execution]
    ) throws {
        do {
            #expect(try store.events(of: id) == executions[id]?.events)
        } catch {
            #expect(error.code == .noExecution, "\(error)")
        }
    }
}
