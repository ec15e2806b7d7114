import FluxFormat
import FluxLog
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Torn tail")
struct TornTailTests {
    /// How a cut store is opened.
    struct Opening: Sendable, CustomStringConvertible {
        var access: StoreOptions.Access
        var hasEvidence: Bool

        var description: String { "\(access), \(hasEvidence ? "with" : "without") index and HEAD" }
    }

    static let openings = [
        Opening(access: .readOnly, hasEvidence: true), Opening(access: .readOnly, hasEvidence: false),
        Opening(access: .readWrite, hasEvidence: true), Opening(access: .readWrite, hasEvidence: false),
    ]

    /// Three batches, the last of several frames, and where that one begins and ends.
    private struct Whole {
        let folder: QuickFolder
        let files: StoreFiles
        let earlier: [Execution]
        let last: Execution
        let batch: Range<Int>

        init() async throws {
            folder = try QuickFolder()
            files = StoreFiles(path: "\(folder.path)/whole")
            earlier = [Sample.compressible(seed: 1), Sample.execution(seed: 2, eventCount: 30)]
            last = Sample.compressible(seed: 3)
            let store = try EventStore.open(at: files.path, options: StoreOptions(frameByteCountTarget: 4 << 10))
            for execution in earlier { try await store.append(execution) }
            let position = try #require(try await store.append(last).position)
            await store.close()
            batch = position.offset..<(try StoreFiles.byteCount(try files.segments[0]))
        }
    }

    @Test("A last batch cut at any byte is not shown, and no earlier one is lost", arguments: openings)
    func cutEverywhere(opening: Opening) async throws {
        let whole = try await Whole()
        for cut in whole.batch {
            let copy = StoreFiles(path: "\(whole.folder.path)/cut")
            try whole.files.copy(to: copy.path)
            if !opening.hasEvidence { try copy.deleteEvidence() }
            try StoreFiles.cut(try copy.segments[0], at: cut)
            let log = try copy.log
            if opening.access == .readWrite, opening.hasEvidence {
                let error = await storeError { try EventStore.open(at: copy.path) }
                #expect(error?.code == .damaged, "cut at \(cut)")
                #expect(error?.message.contains("was stored durably up to 1:\(whole.batch.upperBound)") == true)
                #expect(try copy.log == log, "cut at \(cut): the log was changed")
                continue
            }
            let store = try EventStore.open(at: copy.path, options: StoreOptions(access: opening.access))
            try await expectEarlierOnly(whole.earlier, whole.last, store, "cut at \(cut)")
            let torn = store.warnings.contains { $0.contains("unfinished write") }
            let lost = store.warnings.contains { $0.contains("were stored durably") }
            #expect(torn == (!opening.hasEvidence && cut > whole.batch.lowerBound), "cut at \(cut): \(store.warnings)")
            #expect(lost == opening.hasEvidence, "cut at \(cut): \(store.warnings)")
            let report = try await store.verify()
            #expect(report.isClean == !opening.hasEvidence, "cut at \(cut): \(report.findings)")
            if opening.access == .readOnly {
                #expect(try copy.log == log, "cut at \(cut): the log was changed")
            } else if cut.isMultiple(of: 32) {
                try await expectGoesOn(whole.earlier + [whole.last], whole.last, store, copy.path)
            }
        }
    }

    private func expectEarlierOnly(
        _ earlier: [Execution], _ last: Execution, _ store: EventStore, _ place: String
    ) async throws {
        for execution in earlier { #expect(try store.events(of: execution.id) == execution.events, "\(place)") }
        let listed = try store.executions().executions.map(\.id)
        #expect(Set(listed) == Set(earlier.map(\.id)), "\(place)")
        #expect(try store.execution(last.id) == nil, "\(place)")
        #expect(await storeError { try store.events(of: last.id) }?.code == .noExecution, "\(place)")
        let events = UInt64(earlier.reduce(0) { $0 + $1.events.count })
        let statistics = try await store.statistics()
        #expect(statistics.executions == UInt64(earlier.count) && statistics.events == events, "\(place)")
        var cursor = try await store.cursor()
        var count: UInt64 = 0
        while let event = try cursor.next() { count += event.payload.byteCount >= 0 ? 1 : 0 }
        #expect(count == events, "\(place)")
    }

    /// What was lost can be appended again, and the store is whole.
    private func expectGoesOn(
        _ all: [Execution], _ last: Execution, _ store: EventStore, _ path: String
    ) async throws {
        let receipt = try await store.append(last)
        #expect(!receipt.isDuplicate)
        await store.close()
        let reopened = try EventStore.open(at: path)
        #expect(reopened.warnings.isEmpty)
        for execution in all { #expect(try reopened.events(of: execution.id) == execution.events) }
        let report = try await reopened.verify()
        #expect(report.findings.allSatisfy { $0.place == .quarantine }, "\(report.findings)")
        await reopened.close()
    }

    @Test("A tail that cannot be copied is not cut")
    func interruptedRecovery() async throws {
        let whole = try await Whole()
        try whole.files.deleteEvidence()
        try StoreFiles.cut(try whole.files.segments[0], at: whole.batch.upperBound - 1)
        let log = try whole.files.log
        // Recovery cannot copy the tail where a folder lies.
        let name = "quarantine/00000001.0000.rpl.\(whole.batch.lowerBound)"
        let obstacle = "\(whole.files.path)/\(name)"
        try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
        let error = await storeError { try EventStore.open(at: whole.files.path) }
        #expect(error?.code == .io && error?.message.contains(name) == true)
        #expect(try whole.files.log == log)
        try FileManager.default.removeItem(atPath: obstacle)
        let store = try EventStore.open(at: whole.files.path)
        try await expectEarlierOnly(whole.earlier, whole.last, store, "after an interrupted opening")
        #expect(try await store.verify().isClean)
        await store.close()
    }

    @Test("A seal or trailer cut at any byte loses nothing", arguments: [openings[1], openings[3]])
    func sealCutEverywhere(opening: Opening) async throws {
        let whole = try await Whole()
        try whole.files.deleteEvidence()
        // A torn tail is sealed away, which leaves a sealed last segment.
        let segment = try whole.files.segments[0]
        try StoreFiles.cut(segment, at: whole.batch.upperBound - 1)
        let sealing = try EventStore.open(at: whole.files.path)
        let answers = try await Answers(sealing)
        await sealing.close()
        let end = try StoreFiles.byteCount(segment)
        #expect(end > whole.batch.lowerBound + SegmentTrailer.byteCount)
        for cut in whole.batch.lowerBound..<end {
            let copy = StoreFiles(path: "\(whole.folder.path)/cut")
            try whole.files.copy(to: copy.path)
            try copy.deleteEvidence()
            try StoreFiles.cut(try copy.segments[0], at: cut)
            let store = try EventStore.open(at: copy.path, options: StoreOptions(access: opening.access))
            if cut.isMultiple(of: 8) { #expect(try await Answers(store) == answers, "cut at \(cut)") }
            for execution in whole.earlier { #expect(try store.events(of: execution.id) == execution.events) }
            #expect(!store.warnings.contains { $0.contains("lost") }, "cut at \(cut): \(store.warnings)")
            let report = try await store.verify()
            #expect(report.isClean, "cut at \(cut): \(report.findings)")
            if opening.access == .readWrite, cut.isMultiple(of: 4) {
                try await store.append(whole.last)
                #expect(try store.events(of: whole.last.id) == whole.last.events)
            }
            await store.close()
        }
    }
}
