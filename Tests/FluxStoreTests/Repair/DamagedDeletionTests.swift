import FluxFormat
import Foundation
import TestSupport
import Testing

@testable import FluxStore

@Suite("Damage to tombstones")
struct DamagedDeletionTests {
    private static let options = StoreOptions(segmentByteCountMax: 32 << 10)
    private let folder: QuickFolder
    private let files: StoreFiles
    private var target: String { "\(folder.path)/copy" }

    init() throws {
        folder = try QuickFolder()
        files = StoreFiles(path: "\(folder.path)/store")
    }

    /// A closed store of which one execution was deleted, with a bit of the tombstone turned over in a sealed segment.
    private func write() async throws -> (all: [Execution], gone: ExecutionID, segment: String, offset: Int) {
        let all = (0..<30).map { Sample.execution(seed: $0, eventCount: 12) }
        let store = try EventStore.open(at: files.path, options: Self.options)
        for execution in all.prefix(4) { try await store.append(execution) }
        try await store.delete(all[1].id)
        for execution in all.dropFirst(4) { try await store.append(execution) }
        await store.close()
        for segment in try files.segments.dropLast() {
            var offset: Int?
            _ = try SegmentInspection(of: segment) { frame in
                if frame.header.frameKind == .tombstone { offset = frame.offset }
            }
            guard let offset else { continue }
            try StoreFiles.flip(segment, at: offset + FrameHeader.byteCount + 1)
            return (all, all[1].id, segment, offset)
        }
        throw CocoaError(.fileNoSuchFile)
    }

    @Test("The deep check names one with its place, and what was deleted stays so, with an index and without")
    func verify() async throws {
        let (all, gone, segment, offset) = try await write()
        for isIndexKept in [true, false] {
            if !isIndexKept { try files.deleteIndex() }
            let store = try EventStore.open(at: files.path, options: .readOnly)
            #expect(try store.execution(gone) == nil)
            #expect(try store.executions(limit: 100).executions.count == all.count - 1)
            #expect(try await store.verify(.structure).isClean)
            let findings = try await store.verify(.deep).findings
            #expect(findings.count == 1 && findings[0].place == .log, "\(findings)")
            #expect(findings[0].message.hasPrefix("\(segment): damaged at byte \(offset)"), "\(findings)")
        }
    }

    @Test("Salvage goes by the seal: it brings nothing back, and the copy refuses a retry")
    func salvage() async throws {
        let (all, gone, _, _) = try await write()
        let salvage = try StoreSalvage(from: files.path, to: target)
        #expect(!salvage.survey.isWhole && salvage.lost.isEmpty && salvage.cut.isEmpty)
        #expect(salvage.executionCount == all.count - 1)
        let copy = try EventStore.open(at: target)
        #expect(try copy.execution(gone) == nil)
        #expect(await storeError { try await copy.append(all[1]) }?.code == .deleted)
        for execution in all where execution.id != gone {
            #expect(try copy.events(of: execution.id) == execution.events)
        }
        #expect(try await copy.verify().isClean)
        await copy.close()
    }
}
