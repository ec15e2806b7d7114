import FluxFormat
import Testing

@testable import FluxIndex

@Suite("Query plans")
struct QueryPlanTests {
    private static let allRanges: [ListRange] = [
        .all, .facet(1), .durationClass(3, isWhole: true), .errorFingerprint(1), .requestID("r"), .traceID("t"),
        .tag(StoredTag(key: 1, value: "v")), .tagKey(1), .facetOfTag(1, key: 1),
    ]

    /// What is read of a range's entries, besides their places.
    private func columns(of range: ListRange) -> [EntryColumns] {
        switch range {
        case .facet: [EntryColumns(), EntryColumns(duration: true, errorFingerprint: true)]
        case .facetOfTag: [EntryColumns(), EntryColumns(value: "v")]
        default: [EntryColumns(), EntryColumns(facet: true)]
        }
    }

    @Test("Every range is a search in one table, already in order", arguments: allRanges, ExecutionOrder.allCases)
    func ranges(range: ListRange, order: ExecutionOrder) throws {
        let index = try openIndex()
        let bounds = order == .newestFirst ? "started>? AND (started,n)<(?,?)" : "(started,n)>(?,?) AND started<?"
        for columns in columns(of: range) {
            let list = try plan(of: range.statement(order, reading: columns), index)
            #expect(list.count == 1 && list.allSatisfy { $0.hasPrefix("SEARCH e USING PRIMARY KEY (") }, "\(list)")
            #expect(list.allSatisfy { $0.contains(bounds) }, "\(list)")
            let entries = try plan(of: range.entriesStatement(reading: columns), index)
            #expect(entries.count == 1 && entries.allSatisfy { $0.hasPrefix("SEARCH e USING PRIMARY KEY (") })
            #expect(entries.allSatisfy { $0.contains("started>? AND started<?") }, "\(entries)")
        }
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
            RowConditions.tagKeyStatement, ListWay.greatestDurationStatement, FacetConditions.pairStatement,
            MetadataIndex.pairStatement, TallyPass.countStatement, TallyPass.newestStatement,
            TallyPass.fingerprintStatement, TallyPass.fingerprintsStatement, TallyPass.startsStatement,
            EntryKeys.statement,
        ] {
            let plan = try plan(of: text, index)
            #expect(plan.count == 1 && plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
        }
    }

    @Test("An entry is deleted and checked by its whole key", arguments: EntryTable.allCases)
    func entries(table: EntryTable) throws {
        let index = try openIndex()
        for text in [table.deleteStatement, table.checkStatement] {
            let plan = try plan(of: text, index)
            #expect(plan.count == 1 && plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
            #expect(plan.allSatisfy { $0.contains("started=? AND n=?)") }, "\(plan)")
        }
    }

    private func plan(of text: String, _ index: MetadataIndex) throws -> [String] {
        try index.database.statement("EXPLAIN QUERY PLAN " + text).rows([]) { row throws(IndexError) in
            for _ in 0..<3 { _ = try row.integer() }
            return try row.text()
        }
    }
}
