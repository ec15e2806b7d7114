import FluxFormat
import Testing

@testable import FluxIndex

/// The tables of entries, which SQLite's own check cannot compare with the rows.
@Suite("Check of the entries")
struct EntryCheckTests {
    private let index: MetadataIndex

    init() throws {
        index = try openIndex()
        let log = randomExecutions(60, seed: 31, frameCounts: 1...3)
        try index.apply(log.frames, through: log.applied)
    }

    private var problems: [String] {
        get throws { try index.problems(limit: 100) }
    }

    private func count(_ text: String) throws -> Int64 {
        try index.database.integer("SELECT count(*) FROM \(text)") ?? 0
    }

    @Test("An index is sound while executions come, go on and go")
    func sound() throws {
        #expect(try problems == [])
        var source = FrameSource(nextSequence: try index.applied.nextFrameSequence)
        let ids = try allRows(index).map(\.summary.id)
        for (number, id) in ids.prefix(20).enumerated() {
            var metadata = ExecutionMetadata(
                app: "shop", name: "later", source: "har", status: .failed, startedAt: UInt64(number),
                durationNanoseconds: 7, requestID: "r\(number)", errorFingerprint: "fp9")
            metadata.tags = ["team": "b", "new": "yes"]
            try index.apply([source.frame(of: id, .executionLast, metadata: metadata)], through: source.applied)
            #expect(try problems == [])
        }
        try index.expire(below: 40)
        #expect(try problems == [])
        try index.expire(below: .max >> 1)
        #expect(try problems == [])
        for table in EntryTable.allCases { #expect(try count(table.rawValue) == 0) }
    }

    @Test("An entry that is missing is found", arguments: EntryTable.allCases)
    func missing(table: EntryTable) throws {
        let number = try #require(try index.database.integer("SELECT max(n) FROM \(table.rawValue)"))
        let lost = try count("\(table.rawValue) WHERE n = \(number)")
        let all = try count(table.rawValue)
        try index.database.run("DELETE FROM \(table.rawValue) WHERE n = \(number)")
        let line = "\(table.rawValue) has no entry of execution \(number)"
        let sum = "\(table.rawValue) has \(all - lost) entries where \(all) are due"
        #expect(try problems == Array(repeating: line, count: Int(lost)) + [sum])
    }

    @Test("An entry that is left over is found", arguments: EntryTable.allCases)
    func surplus(table: EntryTable) throws {
        let all = try count(table.rawValue)
        let columns = (table.keyColumns + ["started", "n + 1000000"] + table.restColumns).joined(separator: ", ")
        try index.database.run("INSERT INTO \(table.rawValue) SELECT \(columns) FROM \(table.rawValue) LIMIT 1")
        #expect(try problems == ["\(table.rawValue) has \(all + 1) entries where \(all) are due"])
    }

    @Test("An entry that says something else is found", arguments: EntryTable.allCases)
    func changed(table: EntryTable) throws {
        for column in table.restColumns {
            let number = try #require(
                try index.database.integer("SELECT max(n) FROM \(table.rawValue) WHERE \(column) IS NOT NULL"))
            let found = try count("\(table.rawValue) WHERE n = \(number)")
            let isText = table == .tagFacet
            let (other, own) = isText ? ("v || 'x'", "rtrim(v, 'x')") : ("\(column) + 1", "\(column) - 1")
            try index.database.run("UPDATE \(table.rawValue) SET \(column) = \(other) WHERE n = \(number)")
            let line = "\(table.rawValue) has a wrong entry of execution \(number)"
            #expect(try problems == Array(repeating: line, count: Int(found)))
            try index.database.run("UPDATE \(table.rawValue) SET \(column) = \(own) WHERE n = \(number)")
            #expect(try problems == [])
        }
    }

    @Test("An entry at another start is found", arguments: EntryTable.allCases)
    func moved(table: EntryTable) throws {
        let number = try #require(try index.database.integer("SELECT max(n) FROM \(table.rawValue)"))
        let found = try count("\(table.rawValue) WHERE n = \(number)")
        try index.database.run("UPDATE \(table.rawValue) SET started = started + 1 WHERE n = \(number)")
        let line = "\(table.rawValue) has no entry of execution \(number)"
        #expect(try problems == Array(repeating: line, count: Int(found)))
    }

    @Test("A fingerprint whose facet is not noted is found, one that is noted beside is none")
    func pairs() throws {
        try index.database.run("INSERT INTO fp_facet(fp, facet) VALUES(1000, 1)")
        #expect(try problems == [])
        try index.database.run("DELETE FROM fp_facet")
        let lines = try problems
        #expect(lines.count == Int(try count("exec WHERE fp IS NOT NULL")) && !lines.isEmpty)
        #expect(lines.allSatisfy { $0.hasPrefix("fp_facet lacks what execution ") })
        #expect(try index.problems(limit: 2).count == 2)
    }
}
