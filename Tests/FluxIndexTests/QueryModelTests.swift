import FluxFormat
import Testing

@testable import FluxIndex

/// Queries of all kinds against a plain pass over all rows.
@Suite("Queries")
struct QueryModelTests {
    private static let base: UInt64 = 1_700_000_000_000_000_000

    @Test(
        "Pages of any size, order and budget give what a plain pass gives, without loss or repeat", arguments: 1..<4)
    func model(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed))
        let log = randomExecutions(220, seed: UInt64(seed), frameCounts: 1...3)
        let index = try openIndex()
        try index.apply(log.frames, through: log.applied)
        let rows = try allRows(index)
        for _ in 0..<150 {
            let query = Self.query(using: &generator)
            for order in ExecutionOrder.allCases {
                let listed = try allPages(
                    index, query, order: order, pageRowCount: [1, 3, 50, 1000].randomElement(using: &generator) ?? 1,
                    examinedMax: [1, 7, 60, .max].randomElement(using: &generator) ?? 1)
                #expect(listed == Self.expected(rows, query, order), "\(order) \(query)")
            }
        }
    }

    /// The same answer by conditions that are spelled once more.
    private static func expected(
        _ rows: [IndexedExecution], _ query: ExecutionQuery, _ order: ExecutionOrder
    ) -> [ExecutionSummary] {
        let found = rows.filter { row in
            let metadata = row.summary.metadata
            func has(_ asked: String?, _ text: String?) -> Bool { asked == nil || asked == text }
            func lies(_ number: UInt64?, _ first: UInt64?, _ last: UInt64?) -> Bool {
                if first == nil && last == nil { return true }
                guard let number else { return false }
                return number >= first ?? 0 && number <= last ?? .max
            }
            let start = metadata.startedAt == 0 ? nil : metadata.startedAt
            return has(query.app, metadata.app) && has(query.route, metadata.route) && has(query.name, metadata.name)
                && has(query.source, metadata.source) && has(query.sdkVersion, metadata.sdkVersion)
                && has(query.errorFingerprint, metadata.errorFingerprint) && has(query.requestID, metadata.requestID)
                && has(query.traceID, metadata.traceID) && (query.statuses?.contains(metadata.status) ?? true)
                && (query.tenantID == nil || query.tenantID == row.tenantID)
                && lies(start, query.startedAtFirst, query.startedAtEnd == 0 ? 0 : query.startedAtEnd.map { $0 - 1 })
                && lies(metadata.durationNanoseconds, query.durationNanosecondsMin, query.durationNanosecondsMax)
                && lies(metadata.eventCount, query.eventCountMin, query.eventCountMax)
                && lies(metadata.interactionCount, query.interactionCountMin, query.interactionCountMax)
                && query.tags.allSatisfy { metadata.tags[$0.key] == $0.value }
                && query.tagKeys.allSatisfy { metadata.tags[$0] != nil }
        }
        let sorted = found.map(\.summary).sorted {
            ($0.metadata.startedAt ?? 0, $0.firstFrameSequence) > ($1.metadata.startedAt ?? 0, $1.firstFrameSequence)
        }
        return order == .newestFirst ? sorted : sorted.reversed()
    }

    /// A few conditions, of which some are met by nothing.
    private static func query(using generator: inout SeededGenerator) -> ExecutionQuery {
        var query = ExecutionQuery()
        func one<Value>(of values: [Value]) -> Value { values[Int(generator.next() % UInt64(values.count))] }
        for _ in 0..<(generator.next() % 4) {
            switch generator.next() % 16 {
            case 0: query.app = one(of: ["shop", "", "unknown"])
            case 1: query.route = one(of: ["/orders", "/", "unknown"])
            case 2: query.name = "recording \(generator.next() % 22)"
            case 3: query.source = one(of: ["vcr-ruby", "har", "unknown"])
            case 4: query.sdkVersion = one(of: ["1.0", "3.0"])
            case 5: query.statuses = one(of: [[.failed], [.ok, .running], [], [.ok, .failed, .running, .cancelled]])
            case 6: query.tenantID = one(of: [4, 5, 9])
            case 7: query.errorFingerprint = one(of: ["fp0", "fp2", "unknown"])
            case 8: query.requestID = "request \(generator.next() % 110)"
            case 9: query.traceID = "trace \(generator.next() % 10)"
            case 10: query.tags[one(of: ["team", "é", "unknown"])] = one(of: ["a1", "ü", "b"])
            case 11: query.tagKeys.insert(one(of: ["team", "é", "unknown"]))
            case 12:
                query.durationNanosecondsMin = one(of: [nil, 0, generator.next() >> (generator.next() % 64)])
                query.durationNanosecondsMax = one(of: [nil, 1, .max, generator.next() >> (generator.next() % 64)])
            case 13: (query.eventCountMin, query.eventCountMax) = one(of: [(2, nil), (nil, 1), (1, 3), (3, 1)])
            case 14: (query.interactionCountMin, query.interactionCountMax) = one(of: [(2, nil), (nil, 1), (1, 3)])
            default:
                (query.startedAtFirst, query.startedAtEnd) = one(of: [
                    (0, nil), (nil, .max), (base + 1, base + 3), (base + 4, nil), (nil, base + 1), (5, 5), (9, 0),
                    (.max, .max), (nil, 0),
                ])
            }
        }
        return query
    }

    @Test("What the index finds is what the conditions say of metadata")
    func matches() throws {
        var generator = SeededGenerator(state: 77)
        let log = randomExecutions(120, seed: 9)
        let index = try openIndex()
        try index.apply(log.frames, through: log.applied)
        let rows = try allRows(index)
        for _ in 0..<150 {
            let query = Self.query(using: &generator)
            let matching = rows.filter { query.matches($0.summary.metadata, tenantID: $0.tenantID) }
            #expect(
                matching.map(\.summary)
                    == Self.expected(rows, query, .oldestFirst).sorted { $0.firstFrameSequence < $1.firstFrameSequence }
            )
        }
    }

    @Test("A search that stops at its budget says so, and its token goes on there")
    func budget() throws {
        let index = try openIndex()
        var source = FrameSource()
        // One in a thousand is slow in a way that no index tells.
        let frames = (0..<5000).map { number in
            var metadata = ExecutionMetadata(
                app: "a", name: "n", source: "s", status: .ok, startedAt: Self.base + UInt64(number))
            for _ in 0..<(number % 1000 == 0 ? 9 : 1) { metadata.count(.http) }
            return source.execution(ExecutionID(high: 1, low: UInt64(number)), metadata)
        }
        try index.apply(frames, through: source.applied)
        var query = ExecutionQuery()
        query.eventCountMin = 5
        var token: PageToken?
        var found: [UInt64] = []
        var pageCount = 0
        repeat {
            let page = try index.page(matching: query, limit: 50, after: token, examinedMax: 800)
            #expect(page.examinedCount <= 800 + RangeCursor.chunkCountMax * 2)
            found += page.executions.map(\.id.low)
            token = page.nextPageToken
            pageCount += 1
        } while token != nil
        #expect(found == [4000, 3000, 2000, 1000, 0])
        #expect(pageCount > 5)
    }

    @Test("Equal queries have equal digests, others have others")
    func digests() {
        var generator = SeededGenerator(state: 5)
        var queries: [ExecutionQuery] = []
        for _ in 0..<2000 {
            let query = Self.query(using: &generator)
            #expect(query.digest == query.digest)
            if !queries.contains(query) { queries.append(query) }
        }
        #expect(Set(queries.map(\.digest)).count == queries.count)
    }
}
