import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Derived index")
struct DerivedIndexTests {
    /// What may happen to an index.
    enum Harm: String, CaseIterable, Sendable {
        case deletedFolder, deletedDatabase, deletedWriteAheadLog, emptied, cutToHalf, cutToOnePage, cutInAPage
        case flippedMagic, flippedVersion, flippedSchema, text, otherStore, otherProgram, folderInstead
    }

    @Test(
        "Every answer is the same whatever happened to the index",
        arguments: Harm.allCases, [StoreOptions.Access.readOnly, .readWrite])
    func sameAnswers(harm: Harm, access: StoreOptions.Access) async throws {
        let folder = try QuickFolder()
        let files = StoreFiles(path: "\(folder.path)/store")
        let executions = try await makeStore(
            at: files.path, seeds: 0..<24, eventCount: 6, options: StoreOptions(segmentByteCountMax: 32 << 10))
        let sound = try EventStore.open(at: files.path, options: .readOnly)
        let answers = try await Answers(sound)
        let log = try files.log
        try await Self.harm(files, harm, in: folder.path)
        let store = try EventStore.open(at: files.path, options: StoreOptions(access: access))
        #expect(try await Answers(store) == answers)
        for execution in executions { #expect(try store.events(of: execution.id) == execution.events) }
        let report = try await store.verify()
        #expect(report.isClean, "\(report.findings)")
        await store.close()
        #expect(try files.log == log)
        let again = try EventStore.open(at: files.path, options: .readOnly)
        #expect(try await Answers(again) == answers)
        #expect(again.warnings.isEmpty, "\(again.warnings)")
    }

    @Test("A page token taken before goes on behind a rebuilt index")
    func tokenSurvives() async throws {
        let folder = try QuickFolder()
        let files = StoreFiles(path: folder.path)
        _ = try await makeStore(at: files.path, seeds: 0..<20)
        let store = try EventStore.open(at: files.path, options: .readOnly)
        let all = try store.executions(limit: 100).executions
        let first = try store.executions(limit: 7)
        let text = try #require(first.nextPageToken).description
        try files.deleteIndex()
        let rebuilt = try EventStore.open(at: files.path)
        let rest = try rebuilt.executions(limit: 100, after: PageToken(text))
        #expect(first.executions + rest.executions == all)
        await rebuilt.close()
    }

    @Test("A page token of another store is refused, with what to do")
    func foreignToken() async throws {
        let folder = try QuickFolder()
        _ = try await makeStore(at: "\(folder.path)/a", seeds: 0..<3)
        _ = try await makeStore(at: "\(folder.path)/b", seeds: 0..<3)
        let token = try EventStore.open(at: "\(folder.path)/a", options: .readOnly).executions(limit: 1).nextPageToken
        let other = try EventStore.open(at: "\(folder.path)/b", options: .readOnly)
        let error = await storeError { try other.executions(after: token) }
        #expect(error?.code == .foreignToken)
        #expect(error?.message.contains("ask for the first page again") == true)
    }

    @Test(
        "An index that fell behind the log is caught up on opening",
        arguments: [StoreOptions.Access.readOnly, .readWrite])
    func stale(access: StoreOptions.Access) async throws {
        let folder = try QuickFolder()
        let files = StoreFiles(path: "\(folder.path)/store")
        _ = try await makeStore(at: files.path, seeds: 0..<10)
        try FileManager.default.copyItem(atPath: "\(files.path)/index", toPath: "\(folder.path)/old")
        _ = try await makeStore(at: files.path, seeds: 10..<25)
        let answers = try await Answers(try EventStore.open(at: files.path, options: .readOnly))
        try files.deleteIndex()
        try FileManager.default.moveItem(atPath: "\(folder.path)/old", toPath: "\(files.path)/index")
        let store = try EventStore.open(at: files.path, options: StoreOptions(access: access))
        #expect(try await Answers(store) == answers)
        #expect(store.warnings.isEmpty)
        await store.close()
    }

    @Test("At most one index is put away, with its own files")
    func onePutAway() async throws {
        let folder = try QuickFolder()
        let files = StoreFiles(path: folder.path)
        _ = try await makeStore(at: files.path, seeds: 0..<3)
        for _ in 0..<3 {
            try Data("no database".utf8).write(to: URL(filePath: "\(files.path)/index/index.db"))
            let store = try EventStore.open(at: files.path)
            #expect(try store.executions().executions.count == 3)
            #expect(store.warnings.contains { $0.contains("built again from the log") })
            await store.close()
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(files.path)/index").sorted()
        #expect(names.filter { $0.hasPrefix("index.db.old") }.count <= 3, "\(names)")
        #expect(names.filter { !$0.hasPrefix("index.db") }.isEmpty, "\(names)")
    }

    /// A flipped bit inside of a value shows in no query; a frame that is not where the index says, or verify, tells.
    @Test("A flipped byte anywhere in the index traps nowhere, and deleting the index heals it")
    func flips() async throws {
        let folder = try QuickFolder()
        let whole = StoreFiles(path: "\(folder.path)/whole")
        _ = try await makeStore(at: whole.path, seeds: 0..<12)
        let answers = try await Answers(try EventStore.open(at: whole.path, options: .readOnly))
        let byteCount = try StoreFiles.byteCount("\(whole.path)/index/index.db")
        let copy = StoreFiles(path: "\(folder.path)/flipped")
        for offset in stride(from: 0, to: byteCount, by: 1531) {
            try whole.copy(to: copy.path)
            try StoreFiles.flip("\(copy.path)/index/index.db", at: offset)
            do {
                let store = try EventStore.open(at: copy.path, options: .readOnly)
                let isSame = try await Answers(store) == answers
                let isClean = try await store.verify().isClean
                #expect(isSame || !isClean, "flip at \(offset) shows nowhere")
            } catch let error as StoreError {
                #expect([.index, .noExecution, .ambiguous].contains(error.code), "flip at \(offset): \(error)")
            }
            try copy.deleteIndex()
            let healed = try EventStore.open(at: copy.path, options: .readOnly)
            #expect(try healed.executions(limit: 100).executions.count == 12)
        }
    }
}

extension DerivedIndexTests {
    private static func harm(_ files: StoreFiles, _ harm: Harm, in folder: String) async throws {
        let database = "\(files.path)/index/index.db"
        let byteCount = try StoreFiles.byteCount(database)
        let manager = FileManager.default
        switch harm {
        case .deletedFolder: try files.deleteIndex()
        case .deletedDatabase: try manager.removeItem(atPath: database)
        case .deletedWriteAheadLog: try? manager.removeItem(atPath: "\(database)-wal")
        case .emptied: try StoreFiles.cut(database, at: 0)
        case .cutToHalf: try StoreFiles.cut(database, at: byteCount / 2 / 4096 * 4096)
        case .cutToOnePage: try StoreFiles.cut(database, at: 4096)
        case .cutInAPage: try StoreFiles.cut(database, at: byteCount - 100)
        case .flippedMagic: try StoreFiles.flip(database, at: 3)
        case .flippedVersion: try StoreFiles.flip(database, at: 63)
        case .flippedSchema: try StoreFiles.flip(database, at: 4000)
        case .text: try Data("not a database, but text\n".utf8).write(to: URL(filePath: database))
        case .otherStore:
            _ = try await makeStore(at: "\(folder)/other", seeds: 50..<60)
            try files.deleteIndex()
            try manager.copyItem(atPath: "\(folder)/other/index", toPath: "\(files.path)/index")
        case .otherProgram:
            try StoreFiles.flip(database, at: 70)
        case .folderInstead:
            try manager.removeItem(atPath: database)
            try manager.createDirectory(atPath: database, withIntermediateDirectories: false)
        }
    }
}
