import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("README example")
struct ReadmeExampleTests {
    @Test("The example of the README stores an execution, finds it and reads its events")
    func example() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/captures"
        let execution = Sample.execution(seed: 4, eventCount: 24)
        var payloadByteCount = 0

        let store = try EventStore.open(at: path)
        try await store.append(execution)

        let failed = ExecutionQuery(app: "shop-1", status: .failed)
        let page = try store.executions(matching: failed, limit: 50)
        if let newest = page.executions.first {
            var cursor = try store.cursor(over: newest.id)
            while let event = try cursor.next() {
                payloadByteCount += event.payload.byteCount
            }
        }
        await store.close()

        #expect(page.executions.map(\.id) == [execution.id])
        #expect(payloadByteCount == execution.events.reduce(0) { $0 + $1.payload.count })
    }
}
