import FluxFormat
import FluxStore
import TestSupport
import Testing

@testable import FluxIndex

@Suite("An index without one of its rows")
struct MissingRowTests {
    @Test("It is found by both depths, and the execution is named", arguments: [VerifyDepth.structure, .deep])
    func missing(depth: VerifyDepth) async throws {
        let store = try await RepairStore()
        let id = store.executions[3].id
        let reader = try EventStore.open(at: store.files.path, options: .readOnly)
        let number = try #require(try reader.execution(id)).firstFrameSequence
        let header = try #require(try SegmentInspection(of: store.files.segments[0]).header)
        func deleteRow() throws {
            let index = try MetadataIndex.open(
                path: "\(store.files.path)/index/index.db", storeID: (header.storeID.high, header.storeID.low),
                access: .readWrite)
            try index.database.run("DELETE FROM exec WHERE n = ?1", [.integer(Int64(number))])
        }
        try deleteRow()
        let again = try EventStore.open(at: store.files.path, options: .readOnly)
        let findings = try await again.verify(depth).findings
        #expect(findings.allSatisfy { $0.place == .index })
        #expect(
            findings.contains { $0.message == "the index differs from the log at execution \(id)" }, "\(findings)")
    }
}
