import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Cutting the tail")
struct TailCutTests {
    private let store: RepairStore

    init() async throws {
        store = try await RepairStore()
    }

    @Test("A tail that was promised and is damaged is cut, and the store goes on without it", arguments: [true, false])
    func promised(hasIndex: Bool) async throws {
        let segment = try store.files.segments[2]
        let byteCount = try StoreFiles.byteCount(segment)
        try StoreFiles.flip(segment, at: byteCount - 40)
        if !hasIndex { try store.files.deleteIndex() }
        let refused = await storeError { try EventStore.open(at: store.files.path) }
        #expect(refused?.code == .damaged)
        let cut = try TailCut(of: store.files.path)
        #expect(!cut.isWhole && cut.byteCount > 0)
        if hasIndex { #expect(cut.survey.executions == [store.executions[11].id]) }
        let report = try String(contentsOfFile: cut.reportPath, encoding: .utf8)
        #expect(report.contains("cut at: \(cut.end)") && report.contains("HEAD promised"))
        if hasIndex { #expect(report.contains("execution: \(store.executions[11].id)")) }
        let copy = try Data(contentsOf: URL(filePath: String(cut.reportPath.dropLast(4))))
        // The padding of a frame is zero, and zeros at the end are not kept.
        #expect(copy.count == cut.byteCount && (0..<8).contains(byteCount - cut.end.offset - copy.count))
        let opened = try EventStore.open(at: store.files.path)
        try await opened.append(store.executions[11])
        for execution in store.executions { #expect(try opened.events(of: execution.id) == execution.events) }
        #expect(try await opened.verify().isClean)
        await opened.close()
    }

    @Test("A whole store stays as it is but for HEAD and the index, which come back")
    func whole() async throws {
        let log = try store.files.log
        let cut = try TailCut(of: store.files.path)
        #expect(cut.isWhole && cut.byteCount == 0)
        #expect(try store.files.log == log)
        let opened = try EventStore.open(at: store.files.path)
        for execution in store.executions { #expect(try opened.events(of: execution.id) == execution.events) }
        #expect(try await opened.verify().isClean)
        await opened.close()
    }

    @Test("A last segment that lost its end is cut where it ends")
    func lostEnd() async throws {
        let segment = try store.files.segments[2]
        try StoreFiles.cut(segment, at: StoreFiles.byteCount(segment) - 100)
        let cut = try TailCut(of: store.files.path)
        #expect(!cut.isWhole && cut.survey.executions == [store.executions[11].id])
        let opened = try EventStore.open(at: store.files.path)
        #expect(try await opened.verify().isClean)
        await opened.close()
    }

    @Test("Damage elsewhere is refused, and nothing is changed", arguments: 0..<3)
    func elsewhere(number: Int) async throws {
        let segment = try store.files.segments[number]
        let offset = try #require(number == 2 ? 4096 + 200 : try Region.bodies.offset(in: segment))
        try StoreFiles.flip(segment, at: offset)
        let log = try store.files.log
        let head = try Data(contentsOf: URL(filePath: "\(store.files.path)/HEAD"))
        let error = await storeError { try TailCut(of: store.files.path) }
        #expect(error?.code == .damaged && error?.message.contains("nothing was changed") == true, "\(error as Any)")
        #expect(try store.files.log == log)
        #expect(try Data(contentsOf: URL(filePath: "\(store.files.path)/HEAD")) == head)
        #expect(!FileManager.default.fileExists(atPath: "\(store.files.path)/quarantine"))
    }

    @Test("An unfinished write at the end is cut off, and is no loss")
    func unfinished() async throws {
        let segment = try store.files.segments[2]
        let byteCount = try StoreFiles.byteCount(segment)
        let bytes = try Data(contentsOf: URL(filePath: segment))
        try (bytes + Data([1, 2, 3])).write(to: URL(filePath: segment))
        let survey = try StoreSurvey(of: store.files.path)
        #expect(survey.isWhole && survey.segments[2].losses.map(\.isTorn) == [true])
        let cut = try TailCut(of: store.files.path)
        #expect(cut.isWhole && cut.byteCount == 3 && cut.end.offset == byteCount)
        #expect(try Data(contentsOf: URL(filePath: segment)) == bytes)
        #expect(try String(contentsOfFile: cut.reportPath, encoding: .utf8).contains("torn: "))
    }

    @Test("A last segment that cannot be read, or that is sealed, is not cut", arguments: [true, false])
    func otherLast(isSealed: Bool) async throws {
        if isSealed { try FileManager.default.removeItem(atPath: store.files.segments[2]) }
        let segment = try #require(try store.files.segments.last)
        let region = isSealed ? Region.bodies : .header
        try StoreFiles.flip(segment, at: #require(try region.offset(in: segment)))
        let error = await storeError { try TailCut(of: store.files.path) }
        #expect(error?.code == .damaged && error?.message.hasPrefix(segment) == true, "\(error as Any)")
        #expect(error?.message.contains("the segment is sealed") == isSealed)
    }

    @Test("What cannot be written or removed is reported", arguments: ["quarantine", "index/index.db-wal"])
    func obstructed(path: String) async throws {
        let obstacle = "\(store.files.path)/\(path)"
        if path == "quarantine" {
            try Data().write(to: URL(filePath: obstacle))
        } else {
            try? FileManager.default.removeItem(atPath: obstacle)
            try FileManager.default.createDirectory(atPath: "\(obstacle)/full", withIntermediateDirectories: true)
        }
        let log = try store.files.log
        let error = await storeError { try TailCut(of: store.files.path) }
        #expect(error?.message.contains(obstacle) == true, "\(error as Any)")
        #expect(try store.files.log == log)
    }

    @Test("A store that is open for writing is refused")
    func locked() async throws {
        let writer = try EventStore.open(at: store.files.path)
        let error = await storeError { try TailCut(of: store.files.path) }
        #expect(error?.code == .locked)
        await writer.close()
    }
}
