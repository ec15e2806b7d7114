import FluxFiles
import FluxFormat
import FluxIndex
import Foundation
import TestSupport
import Testing

@testable import FluxStore

@Suite("A reader's copy of the index")
struct CopiedIndexTests {
    private static let options = StoreOptions(segmentByteCountMax: 64 << 10)
    private let folder: QuickFolder
    private let files: StoreFiles

    /// A store of 20 executions, of which the index has 12.
    init() async throws {
        folder = try QuickFolder()
        files = StoreFiles(path: "\(folder.path)/store")
        _ = try await makeStore(at: files.path, seeds: 0..<12, eventCount: 24, options: Self.options)
        let (index, old) = ("\(files.path)/index", "\(folder.path)/old")
        try FileManager.default.copyItem(atPath: index, toPath: old)
        _ = try await makeStore(at: files.path, seeds: 12..<20, eventCount: 24, options: Self.options)
        try FileManager.default.removeItem(atPath: index)
        try FileManager.default.moveItem(atPath: old, toPath: index)
    }

    /// What a reader chooses that may write nothing.
    private func choose() throws -> (source: IndexSource, warnings: [String]) {
        let log = try #require(try FoundLog.look(at: files.path, files: PosixFileSystem()).log)
        let table = SegmentTable(path: files.path, files: PosixFileSystem(), segments: log.segments)
        let keeper = IndexKeeper(
            path: files.path, storeID: log.header.storeID, table: table, files: PosixFileSystem())
        var choice = IndexChoice(keeper: keeper, mayLock: false)
        let source = try choice.choose(for: log.extent, isWriterAlive: false)
        guard case .memory = source else { throw StoreError(.io, "the index that was chosen is not in memory") }
        return (source, choice.warnings)
    }

    private static func executionCount(_ source: IndexSource) throws -> UInt64 {
        try source.read { (index) throws(IndexError) in try index.totals().executions }
    }

    @Test("Of the log only what the copy lacks is read, and the file stays as it is")
    func behind() throws {
        let database = "\(files.path)/index/index.db"
        let before = try Data(contentsOf: URL(filePath: database))
        // Who reads all of the log meets the damage.
        try StoreFiles.flip(try files.segments[0], at: 4096 + 20)
        let (source, warnings) = try choose()
        #expect(warnings == [])
        #expect(try Self.executionCount(source) == 20)
        #expect(try Data(contentsOf: URL(filePath: database)) == before)
    }

    @Test("Where no index can be read, all of the log is", arguments: [true, false])
    func scanned(isDamaged: Bool) throws {
        if isDamaged {
            try StoreFiles.flip("\(files.path)/index/index.db", at: 3)
        } else {
            try files.deleteIndex()
        }
        #expect(try Self.executionCount(try choose().source) == 20)
        try StoreFiles.flip(try files.segments[0], at: 4096 + 20)
        let (source, warnings) = try choose()
        #expect(!warnings.isEmpty)
        #expect(try Self.executionCount(source) < 20)
    }
}
