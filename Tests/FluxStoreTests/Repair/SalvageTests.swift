import FluxFormat
import FluxLog
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Salvage")
struct SalvageTests {
    private let store: RepairStore

    init() async throws {
        store = try await RepairStore()
    }

    @Test("A whole store is copied, and nothing is lost")
    func whole() async throws {
        let salvage = try StoreSalvage(from: store.files.path, to: store.target)
        #expect(salvage.isWhole && salvage.executionCount == 12 && salvage.eventCount == 12 * 24)
        try await store.check(copy: store.target, missing: [], "whole")
    }

    @Test(
        "Of a store with a flipped byte everything outside of the damage is copied, and what is lost is named",
        arguments: Region.allCases, [true, false])
    func flipped(region: Region, hasIndex: Bool) async throws {
        for number in 0..<3 {
            let place: Comment = "\(region) of segment \(number), index: \(hasIndex)"
            let damaged = StoreFiles(path: "\(store.folder.path)/damaged")
            try store.files.copy(to: damaged.path)
            if !hasIndex { try damaged.deleteIndex() }
            let segment = try damaged.segments[number]
            guard let offset = try region.offset(in: segment) else { continue }
            try StoreFiles.flip(segment, at: offset)
            let log = try damaged.log
            try? FileManager.default.removeItem(atPath: store.target)
            let salvage = try StoreSalvage(from: damaged.path, to: store.target)
            #expect(!salvage.isWhole && !salvage.survey.losses.isEmpty, place)
            let isHarmless = region == .seal || region == .trailer
            let missing = Set(store.executions.map(\.id)).subtracting(try copied())
            switch region {
            case .header: #expect(missing.count >= 3, place)
            default: #expect(missing.count == (isHarmless ? 0 : 1), "\(place): \(salvage.survey.losses)")
            }
            // Without an index only a seal names what is lost.
            if hasIndex || (region != .header && number < 2) { #expect(salvage.lost == missing, place) }
            #expect(salvage.cut.isEmpty, place)
            try await store.check(copy: store.target, missing: missing, place)
            #expect(try damaged.log == log, place)
        }
    }

    private func copied() throws -> Set<ExecutionID> {
        let copy = try EventStore.open(at: store.target, options: .readOnly)
        return Set(try copy.executions(limit: 100).executions.map(\.id))
    }

    @Test("Of a store without one of its segments the others are copied", arguments: 0..<3)
    func missing(number: Int) async throws {
        let place: Comment = "segment \(number)"
        try FileManager.default.removeItem(atPath: try store.files.segments[number])
        let salvage = try StoreSalvage(from: store.files.path, to: store.target)
        #expect(!salvage.isWhole && salvage.survey.segments.contains { $0.state == .missing }, place)
        let missing = Set(store.executions.map(\.id)).subtracting(try copied())
        #expect(missing.count >= 3 && salvage.lost == missing, place)
        try await store.check(copy: store.target, missing: missing, place)
    }

    @Test("A file that claims to be the last of billions of segments costs no more than another")
    func farNumber() async throws {
        let segment = try store.files.segments[0]
        try FileManager.default.copyItem(
            atPath: segment, toPath: "\(store.files.path)/seg/\(SegmentName(segment: FormatLimit.segmentMax).fileName)")
        let survey = try StoreSurvey(of: store.files.path)
        #expect(survey.segments.count < 2000 && survey.segments.contains { $0.state == .missing })
        #expect(survey.segments.last?.number == FormatLimit.segmentMax)
        let salvage = try StoreSalvage(from: store.files.path, to: store.target)
        #expect(!salvage.isWhole && salvage.lost.isEmpty)
        try await store.check(copy: store.target, missing: [], "a number far off")
    }

    @Test("Of a segment that was cut what stands before the cut is copied", arguments: 0..<3)
    func truncated(number: Int) async throws {
        let segment = try store.files.segments[number]
        try StoreFiles.cut(segment, at: StoreFiles.byteCount(segment) / 2)
        let salvage = try StoreSalvage(from: store.files.path, to: store.target)
        let missing = Set(store.executions.map(\.id)).subtracting(try copied())
        #expect(!salvage.isWhole && !missing.isEmpty && salvage.lost == missing)
        try await store.check(copy: store.target, missing: missing, "segment \(number)")
    }

    @Test("An execution of several batches with a hole ends before it, and is named as cut")
    func cutExecution() async throws {
        let path = "\(store.folder.path)/large"
        var large = Sample.execution(seed: 99, eventCount: 5)
        for index in large.events.indices {
            var generator = SeededGenerator(seed: UInt64(index))
            large.events[index].payload = (0..<(20 << 20) / 8).flatMap { _ in
                withUnsafeBytes(of: generator.next()) { Array($0) }
            }
        }
        let written = try EventStore.open(at: path)
        try await written.append(large)
        try await written.append(store.executions[0])
        await written.close()
        // In the second batch, which holds the events 2 and 3.
        try StoreFiles.flip("\(path)/seg/00000001.0000.rpl", at: 50 << 20)
        let salvage = try StoreSalvage(from: path, to: store.target)
        #expect(salvage.cut == [large.id] && salvage.lost.isEmpty && salvage.executionCount == 2)
        let copy = try EventStore.open(at: store.target, options: .readOnly)
        #expect(try copy.events(of: large.id) == Array(large.events.prefix(2)))
        #expect(try copy.execution(large.id)?.metadata.status == .running)
        #expect(try copy.events(of: store.executions[0].id) == store.executions[0].events)
        #expect(try await copy.verify().isClean)
    }

    @Test("A store of many batches is copied, with a seal of its own")
    func manyBatches() async throws {
        let path = "\(store.folder.path)/many"
        let executions = try await makeStore(at: path, seeds: 0..<70, eventCount: 1)
        let salvage = try StoreSalvage(from: path, to: store.target)
        #expect(salvage.isWhole && salvage.batchCount == 70 && salvage.executionCount == 70)
        let copy = try EventStore.open(at: store.target, options: .readOnly)
        for execution in executions { #expect(try copy.events(of: execution.id) == execution.events) }
        #expect(try await copy.verify().isClean)
    }

    @Test("A store of which nothing verifies is refused")
    func nothingLeft() async throws {
        let path = "\(store.folder.path)/one"
        _ = try await makeStore(at: path, seeds: 0..<1)
        let segment = try StoreFiles(path: path).segments[0]
        try StoreFiles.flip(segment, at: #require(try Region.header.offset(in: segment)))
        let error = await storeError { try StoreSalvage(from: path, to: store.target) }
        #expect(error?.code == .damaged && error?.message.contains("no batch that verifies") == true)
        #expect(!FileManager.default.fileExists(atPath: store.target))
    }

    @Test("A folder that has something in it is refused, and a store that is open for writing")
    func refused() async throws {
        _ = try StoreSalvage(from: store.files.path, to: store.target)
        let again = await storeError { try StoreSalvage(from: store.files.path, to: store.target) }
        #expect(again?.code == .notAStore)
        let inside = await storeError { try StoreSalvage(from: store.files.path, to: "\(store.files.path)/copy") }
        #expect(inside?.code == .notAStore)
        let writer = try EventStore.open(at: store.files.path)
        let locked = await storeError { try StoreSalvage(from: store.files.path, to: "\(store.folder.path)/other") }
        #expect(locked?.code == .locked)
        await writer.close()
    }
}
