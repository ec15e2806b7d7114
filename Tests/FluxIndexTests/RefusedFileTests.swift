import FluxFormat
import Foundation
import Testing

@testable import FluxIndex

@Suite("Refused files")
struct RefusedFileTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("index")
    }

    private func makeIndex() throws {
        let log = randomExecutions(20, seed: 7)
        let index = try openIndex(path)
        try index.apply(log.frames, through: log.applied)
        try index.close()
    }

    private func change(_ statement: String) throws {
        let database = try SQLiteDatabase(path: path, access: .readWrite)
        try database.run(statement)
        _ = try database.checkpoint(truncating: true)
    }

    private func expect(_ error: IndexError) throws {
        for access in [IndexAccess.readWrite, .readOnly] {
            let before = try Data(contentsOf: URL(filePath: path))
            #expect(throws: error) { try openIndex(path, access: access) }
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
        }
    }

    @Test("The index of another store is foreign")
    func otherStore() throws {
        try makeIndex()
        #expect(throws: IndexError.foreign(path: path, reason: .otherStore)) {
            try MetadataIndex.open(path: path, storeID: (storeID.high, 0), access: .readWrite)
        }
        #expect(try openIndex(path).totals().executions == 20)
    }

    @Test("Another schema is foreign, newer or older")
    func otherSchema() throws {
        try makeIndex()
        try change("PRAGMA user_version = \(Schema.version + 1)")
        try expect(.foreign(path: path, reason: .newerSchema(Int(Schema.version) + 1)))
        try change("PRAGMA user_version = 0")
        try expect(.foreign(path: path, reason: .olderSchema(0)))
    }

    @Test("A database of another program is foreign")
    func otherProgram() throws {
        let database = try SQLiteDatabase(path: path, access: .readWrite)
        try database.run("CREATE TABLE meta(k, v)")
        try expect(.foreign(path: path, reason: .otherProgram))
        try database.run("PRAGMA application_id = 1")
        try expect(.foreign(path: path, reason: .otherProgram))
    }

    @Test("An index whose tables were changed is corrupt")
    func otherTables() throws {
        try makeIndex()
        try change("DROP INDEX facet_route")
        try expect(.corrupt(path: path, reason: "its tables are not those of schema \(Schema.version)"))
    }

    @Test("A file that is no database is corrupt")
    func noDatabase() throws {
        try Data(repeating: 0x41, count: 5000).write(to: URL(filePath: path))
        for access in [IndexAccess.readWrite, .readOnly] {
            let error = #expect(throws: IndexError.self) { try openIndex(path, access: access) }
            guard case .corrupt = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(error?.asksForRebuild == true)
        }
    }

    @Test("A reader is told that an index is missing or empty; a writer makes it")
    func missing() throws {
        let error = #expect(throws: IndexError.self) { try openIndex(path, access: .readOnly) }
        guard case .cannotOpen = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try Data().write(to: URL(filePath: path))
        #expect(throws: IndexError.cannotOpen(path: path, reason: "it is not built yet")) {
            try openIndex(path, access: .readOnly)
        }
        try makeIndex()
        #expect(try openIndex(path, access: .readOnly).totals().executions == 20)
    }

    @Test(
        "A folder, a missing folder and a zero byte cannot be opened", arguments: ["", "/no/index", "/a\0b"])
    func unusableNames(suffix: String) throws {
        for access in [IndexAccess.readWrite, .readOnly] {
            let error = #expect(throws: IndexError.self) {
                try openIndex(folder.path("") + suffix, access: access)
            }
            guard case .cannotOpen = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(error?.asksForRebuild == false)
        }
    }

    @Test("A full disk is told, keeps what was applied, and hinders nothing once there is room")
    func fullDisk() throws {
        let index = try openIndex(path)
        let log = randomExecutions(400, seed: 8)
        let half = Array(log.frames[..<10])
        let end = AppliedPosition(
            position: half[9].position, nextFrameSequence: half[9].header.frameSequence + 1)
        try index.apply(half, through: end)
        let before = try allRows(index)
        try index.database.run("PRAGMA max_page_count = 20")
        #expect(throws: IndexError.full(path: path)) { try index.apply(log.frames, through: log.applied) }
        #expect(try index.applied == end)
        #expect(try allRows(index) == before)
        try index.database.run("PRAGMA max_page_count = 1000000")
        try index.apply(log.frames, through: log.applied)
        #expect(try allRows(index).count == 400)
        #expect(try index.problems(limit: 5) == [])
    }

    @Test("A second writer waits no longer than it was told")
    func busy() throws {
        let first = try openIndex(path)
        let second = try openIndex(path)
        try second.database.run("PRAGMA busy_timeout = 1")
        let log = randomExecutions(2, seed: 9)
        try first.database.transaction(.write) { () throws(IndexError) in
            _ = #expect(throws: IndexError.busy(path: path)) {
                try second.apply(log.frames, through: log.applied)
            }
        }
        try second.apply(log.frames, through: log.applied)
        #expect(try first.totals().executions == 2)
    }
}
