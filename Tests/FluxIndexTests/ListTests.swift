import FluxFormat
import Testing

@testable import FluxIndex

@Suite("Lists")
struct ListTests {
    private static let base: UInt64 = 1_700_000_000_000_000_000

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

    }

    @Test("A token of another store, query or order is refused")
    func foreignTokens() throws {
        let log = randomExecutions(30, seed: 5)
        let index = try openIndex()
        try index.apply(log.frames, through: log.applied)
        let token = try #require(try index.page(matching: ExecutionQuery(), limit: 10, after: nil).nextPageToken)
        let other = try MetadataIndex.open(path: nil, storeID: (1, 2), access: .readWrite)
        #expect(throws: IndexError.foreignToken(.otherStore)) {
            try other.page(matching: ExecutionQuery(), limit: 10, after: token)
        }
        #expect(throws: IndexError.foreignToken(.otherQuery)) {
            try index.page(matching: ExecutionQuery(app: "shop"), limit: 10, after: token)
        }
        #expect(throws: IndexError.foreignToken(.otherOrder)) {
            try index.page(matching: ExecutionQuery(), order: .oldestFirst, limit: 10, after: token)
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
