import FluxFormat
import Testing

@testable import FluxIndex

@Suite("Query plans")
struct QueryPlanTests {
    private static let allRanges: [ListRange] = [
        .all, .facet(1), .durationClass(3, isWhole: true), .errorFingerprint(1), .requestID("r"), .traceID("t"),
        .tag(StoredTag(key: 1, value: "v")), .tagKey(1),
    ]

    @Test("Every range is a search in one index, already in order", arguments: allRanges, ExecutionOrder.allCases)
    func ranges(range: ListRange, order: ExecutionOrder) throws {
        let index = try openIndex()
        for readsFacet in [false, true] {
            let starts = try plan(of: range.startsStatement(order, readsFacet: readsFacet), index)
            #expect(starts.count == 1 && starts.allSatisfy { $0.hasPrefix("SEARCH") }, "\(starts)")
            #expect(starts.allSatisfy { $0.contains("started>? AND started<?") }, "\(starts)")
            let ties = try plan(of: range.tiesStatement(order, readsFacet: readsFacet), index)
            #expect(ties.count == 1 && ties.allSatisfy { $0.hasPrefix("SEARCH") }, "\(ties)")
            let number = ["rowid", "n"].map { "started=? AND \($0)\(order == .newestFirst ? "<" : ">")?" }
            #expect(ties.allSatisfy { text in number.contains { text.contains($0) } }, "\(ties)")
            let entries = try plan(of: range.entriesStatement(readsFacet: readsFacet), index)
            #expect(entries.count == 1 && entries.allSatisfy { $0.hasPrefix("SEARCH") }, "\(entries)")
        }
        let walked = try plan(of: range.startsStatement(order, readsFacet: false), index)
        let isIndexAlone = walked.allSatisfy { $0.contains("COVERING INDEX") || $0.contains("PRIMARY KEY") }
        #expect(isIndexAlone, "\(walked)")
    }

    @Test("Facets are found by a search, under any of their conditions", arguments: 0..<128)
    func facets(bits: Int) throws {
        let index = try openIndex()
        var source = FrameSource()
        let metadata = ExecutionMetadata(
            app: "a", name: "n", source: "s", route: "r", status: .ok, sdkVersion: "v")
        try index.apply([source.execution(ExecutionID(high: 1, low: 1), metadata)], through: source.applied)
        let query = ExecutionQuery(
            app: bits & 1 != 0 ? "a" : nil, name: bits & 2 != 0 ? "n" : nil, source: bits & 4 != 0 ? "s" : nil,
            statuses: bits & 8 != 0 ? [.ok, .failed] : nil, route: bits & 16 != 0 ? "r" : nil,
            sdkVersion: bits & 32 != 0 ? "v" : nil, tenantID: bits & 64 != 0 ? 5 : nil)
        let conditions = try #require(try FacetConditions(query, in: index))
        let found = try plan(of: conditions.statement, index)
        #expect(found.allSatisfy { $0.hasPrefix("SEARCH facet") }, "\(found)")
    }

    @Test("All other statements of lists and look-ups are searches")
    func lookups() throws {
        let index = try openIndex()
        for text in [
            "SELECT n FROM exec WHERE id = ?1",
            "SELECT id FROM exec WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3",
            "SELECT \(ExecutionRow.columns) FROM exec WHERE n > ?1 ORDER BY n LIMIT ?2",
            "SELECT \(ExecutionRow.columns) FROM exec WHERE n = ?1",
            "SELECT \(FrameLocation.columns) FROM frame WHERE n = ?1 ORDER BY ord",
            "SELECT \(Facet.columns) FROM facet WHERE id = ?1",
            "SELECT id FROM facet WHERE (\(Facet.columns)) = (\(places(1...7)))",
            "SELECT id FROM dim WHERE kind = ?1 AND s = ?2", RowConditions.statement, RowConditions.tagStatement,
            RowConditions.tagKeyStatement, ListWay.greatestDurationStatement,
            "DELETE FROM tag WHERE k = ?1 AND v = ?2 AND started = ?3 AND n = ?4",
            "DELETE FROM tag_key WHERE k = ?1 AND started = ?2 AND n = ?3",
        ] {
            let plan = try plan(of: text, index)
            #expect(plan.count == 1 && plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
        }
    }

    private func plan(of text: String, _ index: MetadataIndex) throws -> [String] {
        try index.database.statement("EXPLAIN QUERY PLAN " + text).rows([]) { row throws(IndexError) in
            for _ in 0..<3 { _ = try row.integer() }
            return try row.text()
        }
    }
}
