import FluxFormat
import Testing

@testable import FluxIndex

@Suite("Lists")
struct ListTests {
    private static let base: UInt64 = 1_700_000_000_000_000_000

    /// Every set of conditions, and some ranges of starts.
    private static let queries: [ExecutionQuery] = {
        let ranges: [(UInt64?, UInt64?)] = [
            (nil, nil), (0, nil), (nil, .max), (base + 1, base + 3), (base + 4, nil), (nil, base + 1), (5, 5),
            (9, 0),
            (.max, .max), (base + 2, base + 3),
        ]
        var queries: [ExecutionQuery] = []
        for app in [nil, "shop", "", "unknown"] {
            for status in [nil, ExecutionMetadata.Status.failed] {
                for route in [nil, "/orders", "unknown"] {
                    for range in ranges {
                        queries.append(
                            ExecutionQuery(
                                app: app, status: status, route: route, startedAtFirst: range.0,
                                startedAtEnd: range.1))
                    }
                }
            }
        }
        return queries
    }()

    /// The same answer by a plain pass over all rows.
    private func expected(_ rows: [IndexedExecution], _ query: ExecutionQuery) -> [ExecutionSummary] {
        rows.map(\.summary)
            .filter { row in
                let start = row.metadata.startedAt ?? 0
                let hasRange = query.startedAtFirst != nil || query.startedAtEnd != nil
                return (query.app ?? row.metadata.app) == row.metadata.app
                    && (query.route ?? row.metadata.route) == row.metadata.route
                    && (query.status ?? row.metadata.status) == row.metadata.status
                    && (!hasRange || start != 0)
                    && start >= query.startedAtFirst ?? 0
                    && (query.startedAtEnd.map { start < $0 } ?? true)
            }
            .sorted {
                ($0.metadata.startedAt ?? 0, $0.firstFrameSequence)
                    > ($1.metadata.startedAt ?? 0, $1.firstFrameSequence)
            }
    }

    @Test("Pages of any size give what a plain pass gives, without loss or repeat", arguments: [1, 3, 50])
    func pages(pageRowCount: Int) throws {
        let log = randomExecutions(150, seed: 3, frameCounts: 1...2)
        let index = try openIndex()
        try index.apply(log.frames, through: log.applied)
        let rows = try allRows(index)
        for query in Self.queries {
            let listed = try allPages(index, query, pageRowCount: pageRowCount)
            #expect(listed == expected(rows, query), "\(query)")
        }
    }

    @Test("Starts beyond the year 2262 come first and are found")
    func farStarts() throws {
        let starts: [UInt64?] = [nil, 1, Self.base, UInt64(Int64.max), 1 << 63, .max, .max]
        let index = try openIndex()
        var source = FrameSource()
        for (number, start) in starts.enumerated() {
            let metadata = ExecutionMetadata(app: "a", name: "n", source: "s", status: .ok, startedAt: start)
            try index.apply(
                [source.execution(ExecutionID(high: 0, low: UInt64(number)), metadata)],
                through: source.applied)
        }
        let all = try allPages(index, ExecutionQuery(), pageRowCount: 2)
        #expect(all.map(\.id.low) == [6, 5, 4, 3, 2, 1, 0])
        let far = try allPages(index, ExecutionQuery(startedAtFirst: 1 << 63), pageRowCount: 1)
        #expect(far.map(\.id.low) == [6, 5, 4])
    }

    @Test("Executions that arrive between two pages neither repeat nor hide others")
    func arrivals() throws {
        let log = randomExecutions(80, seed: 4, frameCounts: 1...1)
        let index = try openIndex()
        let first = Array(log.frames[..<40])
        try index.apply(
            first, through: AppliedPosition(position: first[39].position, nextFrameSequence: 41))
        let before = Set(try allRows(index).map(\.summary.id))
        let page = try index.page(matching: ExecutionQuery(), limit: 15, after: nil)
        try index.apply(Array(log.frames[40...]), through: log.applied)
        let token = try #require(page.nextPageToken)
        let rest = try index.page(matching: ExecutionQuery(), limit: 100, after: token).executions
        let listed = (page.executions + rest).map(\.id)
        #expect(Set(listed).count == listed.count)
        #expect(before.isSubset(of: listed))
    }

    @Test("A token survives a rebuild, and one of another store is refused")
    func tokens() throws {
        let log = randomExecutions(30, seed: 5)
        let index = try openIndex()
        try index.apply(log.frames, through: log.applied)
        let page = try index.page(matching: ExecutionQuery(), limit: 10, after: nil)
        let token = try #require(page.nextPageToken.flatMap { PageToken($0.description) })
        let again = try openIndex()
        for frame in log.frames {
            try again.apply(
                [frame],
                through: AppliedPosition(
                    position: frame.position, nextFrameSequence: frame.header.frameSequence + 1))
        }
        let next = try index.page(matching: ExecutionQuery(), limit: 10, after: token)
        #expect(try again.page(matching: ExecutionQuery(), limit: 10, after: token) == next)

        let other = try MetadataIndex.open(path: nil, storeID: (1, 2), access: .readWrite)
        #expect(throws: IndexError.foreignToken) {
            try other.page(matching: ExecutionQuery(), limit: 10, after: token)
        }
    }

    @Test("A page has no more rows than the limit, and asks for no page behind the last")
    func ends() throws {
        let log = randomExecutions(10, seed: 6)
        let index = try openIndex()
        try index.apply(log.frames, through: log.applied)
        let whole = try index.page(matching: ExecutionQuery(), limit: 10, after: nil)
        #expect(whole.executions.count == 10 && whole.nextPageToken == nil)
        #expect(try index.page(matching: ExecutionQuery(), limit: .max, after: nil) == whole)
        #expect(try openIndex().page(matching: ExecutionQuery(), limit: 1, after: nil).executions.isEmpty)
    }
}

@Suite("Query plans")
struct QueryPlanTests {
    @Test(
        "Every set of conditions is answered by ranges of an index alone, already in order", arguments: 0..<8)
    func searches(bits: Int) throws {
        let index = try openIndex()
        let columns = ListPlan.Columns(
            hasApp: bits & 1 != 0, hasRoute: bits & 2 != 0, hasStatus: bits & 4 != 0)
        for (text, range) in [
            (ListPlan.startsStatement(columns), "started>? AND started<?"),
            (ListPlan.tiesStatement(columns), "started=? AND rowid<?"),
        ] {
            let plan = try plan(of: text, index)
            let searches = plan.filter { $0.hasPrefix("SEARCH") }
            let others = plan.filter { !$0.hasPrefix("SEARCH") }
            #expect(searches.count == (columns.hasStatus ? 1 : 4))
            #expect(
                searches.allSatisfy { $0.contains("COVERING INDEX exec_") && $0.contains(range) }, "\(plan)")
            #expect(others.allSatisfy { ["MERGE (UNION ALL)", "LEFT", "RIGHT"].contains($0) }, "\(plan)")
        }
    }

    @Test("Lookups by id, by prefix and by frame sequence are searches")
    func lookups() throws {
        let index = try openIndex()
        for text in [
            "SELECT n FROM exec WHERE id = ?1",
            "SELECT id FROM exec WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3",
            "SELECT \(ExecutionRow.columns) FROM exec WHERE n > ?1 ORDER BY n LIMIT ?2",
            "SELECT \(FrameLocation.columns) FROM frame WHERE n = ?1 ORDER BY ord",
            "SELECT k, v FROM tag WHERE n = ?1", "SELECT id FROM dim WHERE kind = ?1 AND s = ?2",
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
