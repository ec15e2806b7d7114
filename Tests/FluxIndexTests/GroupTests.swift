import FluxFormat
import Testing

@testable import FluxIndex

@Suite("Groups and histograms")
struct GroupTests {
    private static let queries = [
        ExecutionQuery(), ExecutionQuery(app: "shop"), ExecutionQuery(status: .failed, route: "/"),
        ExecutionQuery(startedAtFirst: 1_700_000_000_000_000_002), ExecutionQuery(app: "nowhere"),
        ExecutionQuery(errorFingerprint: "fp1"), ExecutionQuery(tags: ["team": "a1"]), ExecutionQuery(tagKeys: ["é"]),
        ExecutionQuery(app: "desk", durationNanosecondsMin: 1000), ExecutionQuery(durationNanosecondsMax: 5000),
        ExecutionQuery(startedAtEnd: 0), ExecutionQuery(requestID: "request 7"),
    ]

    private let index: MetadataIndex
    private let rows: [IndexedExecution]

    init() throws {
        index = try openIndex()
        let log = randomExecutions(400, seed: 21, frameCounts: 1...2)
        try index.apply(log.frames, through: log.applied)
        rows = try allRows(index)
    }

    private func matching(_ query: ExecutionQuery) -> [ExecutionSummary] {
        rows.filter { query.matches($0.summary.metadata, tenantID: $0.tenantID) }.map(\.summary)
    }

    private func value(_ metadata: ExecutionMetadata, _ grouping: ExecutionGrouping) -> String? {
        switch grouping {
        case .app: metadata.app
        case .route: metadata.route
        case .name: metadata.name
        case .source: metadata.source
        case .status: "\(metadata.status)"
        case .errorFingerprint: metadata.errorFingerprint
        }
    }

    @Test("Groups count what a plain pass counts, in both orders", arguments: ExecutionGrouping.allCases)
    func groups(grouping: ExecutionGrouping) throws {
        for query in Self.queries {
            var members: [String: [ExecutionSummary]] = [:]
            for row in matching(query) {
                if let value = value(row.metadata, grouping) { members[value, default: []].append(row) }
            }
            for order in [ExecutionGroupOrder.count, .lastSeen] {
                let found = try index.groups(by: grouping, matching: query, order: order, limit: 1000)
                #expect(found.groupCount == members.count && found.groups.count == members.count)
                #expect(found.executionCount == UInt64(members.values.reduce(0) { $0 + $1.count }))
                for group in found.groups {
                    let rows = try #require(members[group.value], "\(group)")
                    let starts = rows.compactMap(\.metadata.startedAt).filter { $0 > 0 }
                    #expect(group.count == UInt64(rows.count))
                    #expect(group.firstStartedAt == starts.min() && group.lastStartedAt == starts.max())
                    #expect(group.sampleID == rows.max { $0.place < $1.place }?.id)
                }
                let pairs = zip(found.groups, found.groups.dropFirst())
                switch order {
                case .count: #expect(pairs.allSatisfy { $0.count >= $1.count })
                case .lastSeen: #expect(pairs.allSatisfy { ($0.lastStartedAt ?? 0) >= ($1.lastStartedAt ?? 0) })
                }
                let top = try index.groups(by: grouping, matching: query, order: order, limit: 2)
                #expect(top.groups == Array(found.groups.prefix(2)) && top.groupCount == found.groupCount)
            }
            #expect(try index.count(matching: query) == UInt64(matching(query).count))
        }
    }

    @Test("A histogram has every execution with a time, in the bucket of its start")
    func histograms() throws {
        for query in Self.queries {
            for (from, to) in [(nil, nil), (1_700_000_000_000_000_001, 1_700_000_000_000_000_004)]
                as [(UInt64?, UInt64?)]
            {
                for buckets in [HistogramBuckets.count(1), .count(3), .count(60), .nanoseconds(2)] {
                    let found = try index.histogram(matching: query, from: from, to: to, buckets: buckets)
                    let expected = matching(query).filter { row in
                        guard let start = row.metadata.startedAt, start > 0 else { return false }
                        return start >= from ?? 0 && start < to ?? .max
                    }
                    #expect(found.buckets.reduce(0) { $0 + $1.count } == UInt64(expected.count))
                    for bucket in found.buckets {
                        let end = bucket.start + found.bucketNanoseconds
                        let inside = expected.filter { (bucket.start..<end).contains($0.metadata.startedAt ?? 0) }
                        let counts = Dictionary(grouping: inside, by: \.metadata.status).mapValues { UInt64($0.count) }
                        #expect(bucket.counts == counts)
                    }
                    for (bucket, next) in zip(found.buckets, found.buckets.dropFirst()) {
                        #expect(next.start == bucket.start + found.bucketNanoseconds)
                    }
                }
            }
        }
        #expect(throws: IndexError.tooManyBuckets(10_001)) {
            try index.histogram(matching: ExecutionQuery(), from: 0, to: 10_001, buckets: .nanoseconds(1))
        }
    }

    @Test("The totals of all apps add up to the totals")
    func totals() throws {
        var sum = StoreTotals()
        for (app, totals) in try index.totalsByApp() {
            let own = rows.filter { $0.summary.metadata.app == app }
            #expect(totals.executions == UInt64(own.count))
            #expect(totals.storedBytes == own.reduce(0) { $0 + $1.summary.storedByteCount })
            sum.executions += totals.executions
            sum.events += totals.events
        }
        let all = try index.totals()
        #expect(sum.executions == all.executions && sum.events == all.events)
    }
}
