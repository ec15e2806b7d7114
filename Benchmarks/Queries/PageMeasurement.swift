import FluxFormat
import FluxIndex
import Foundation
import TestSupport

/// Times of pages of 50 for each query of the documented set.
///
/// The set is asked for from its first query to its last, three times, and of each page the least time counts: what else
/// the machine does only ever adds, and what a query leaves in the caches is gone before its turn comes again.
struct PageMeasurement {
    let path: String
    let count: Int
    /// What the names of the queries contain that are asked for.
    let only: String
    private static let pageCount = 100
    private static let roundCount = 3
    private static let floorMilliseconds = 1.0

    init(path: String, count: Int, only: String) {
        self.path = path
        self.count = count
        self.only = only
    }

    /// A query of the set, with one condition or several.
    private struct Documented {
        let name: String
        let set: (inout ExecutionQuery, inout SeededGenerator) -> Void
        /// The least times of each page, of first pages and of those deep inside.
        var times = [[Double]](repeating: Array(repeating: .infinity, count: pageCount), count: 2)
        var examinedMax = 0
    }

    /// A condition on one field, with a value that is one of those stored.
    private typealias Condition = (
        name: String, set: (inout ExecutionQuery, inout SeededGenerator) -> Void
    )

    private var fields: [Condition] {
        let count = count
        func route(_ generator: inout SeededGenerator) -> Int {
            Int.random(in: 0..<Workload.routeCount, using: &generator)
        }
        return [
            ("no field", { _, _ in }),
            ("name", { $0.name = "handler\(route(&$1))" }),
            ("source, of all", { query, _ in query.source = "flux" }),
            ("source, rare", { query, _ in query.source = "har" }),
            ("status failed", { query, _ in query.statuses = [.failed] }),
            ("status cancelled", { query, _ in query.statuses = [.cancelled] }),
            ("statuses failed, cancelled", { query, _ in query.statuses = [.failed, .cancelled] }),
            ("SDK version", { $0.sdkVersion = "1.\(Int.random(in: 0..<3, using: &$1))" }),
            ("tenant", { $0.tenantID = UInt32.random(in: 0..<3, using: &$1) }),
            ("duration, the slowest 0.5 %", { query, _ in query.durationNanosecondsMin = 2_600_000_000 }),
            (
                "duration, a middle part",
                { query, _ in
                    (query.durationNanosecondsMin, query.durationNanosecondsMax) = (50_000_000, 80_000_000)
                }
            ),
            ("error fingerprint", { $0.errorFingerprint = "failure-\(Int.random(in: 0..<200, using: &$1))" }),
            ("request", { $0.requestID = Workload.requestID(Int.random(in: 0..<count, using: &$1)) }),
            ("trace", { $0.traceID = Workload.traceID(Int.random(in: 0..<count, using: &$1)) }),
            ("tag, many values", { $0.tags = ["customer": "c\(Int.random(in: 0..<1000, using: &$1))"] }),
            ("tag, two values", { $0.tags = ["stage": Bool.random(using: &$1) ? "test" : "live"] }),
            ("tag, any value", { query, _ in query.tagKeys = ["canary"] }),
        ]
    }

    private var companions: [Condition] {
        [
            ("", { _, _ in }),
            (" + app", { $0.app = Workload.app(ofRoute: Int.random(in: 0..<3, using: &$1)) }),
            (" + route", { $0.route = "/route/\(Int.random(in: 0..<Workload.routeCount, using: &$1))" }),
        ]
    }

    func run() throws -> [Figure] {
        let index = try MetadataIndex.open(path: path, storeID: QueryBench.storeID, access: .readOnly)
        print(
            "a page of 50, milliseconds".padding(toLength: 56, withPad: " ", startingAt: 0)
                + "first page     deep inside    examined")
        print("".padding(toLength: 56, withPad: " ", startingAt: 0) + "  p50    p99     p50    p99    most")
        var queries = documented.filter { only.isEmpty || $0.name.contains(only) }
        for _ in 0..<Self.roundCount {
            for place in queries.indices { try measure(&queries[place], index) }
        }
        defer { print("") }
        return queries.flatMap { report($0) }
    }

    private var documented: [Documented] {
        var queries: [Documented] = []
        for field in fields {
            for companion in companions {
                for hasTimes in [false, true] {
                    let name = field.name + companion.name + (hasTimes ? " + times" : "")
                    queries.append(
                        Documented(name: name) { query, generator in
                            field.set(&query, &generator)
                            companion.set(&query, &generator)
                            guard hasTimes else { return }
                            query.startedAtFirst = start(0.2, using: &generator)
                            query.startedAtEnd = start(0.9, using: &generator)
                        })
                }
            }
        }
        return queries
    }

    /// A start within a tenth of the whole time behind this share of it.
    private func start(_ share: Double, using generator: inout SeededGenerator) -> UInt64 {
        let nanoseconds = Double(UInt64(count) * Workload.stepNanoseconds)
        return Workload.firstStart + UInt64(nanoseconds * Double.random(in: share...share + 0.1, using: &generator))
    }

    private func measure(_ asked: inout Documented, _ index: MetadataIndex) throws {
        var generator = SeededGenerator(seed: 3)
        for page in 0..<Self.pageCount {
            var query = ExecutionQuery()
            asked.set(&query, &generator)
            let order = page % 2 == 0 ? ExecutionOrder.newestFirst : .oldestFirst
            let place = ListPlace(startedAt: start(0.4, using: &generator), firstFrameSequence: 1)
            for (kind, token) in [nil, index.token(behind: place, query, order)].enumerated() {
                var examinedCount = 0
                let time = try milliseconds {
                    examinedCount = try index.page(matching: query, order: order, limit: 50, after: token).examinedCount
                }
                asked.times[kind][page] = min(asked.times[kind][page], time)
                asked.examinedMax = max(asked.examinedMax, examinedCount)
            }
        }
    }

    private func report(_ asked: Documented) -> [Figure] {
        let sorted = asked.times.map { $0.sorted() }
        let half = Self.pageCount / 2
        let most = Self.pageCount * 99 / 100 - 1
        print(
            asked.name.padding(toLength: 54, withPad: " ", startingAt: 0)
                + String(
                    format: "%7.3f %6.3f %7.3f %6.3f %7d", sorted[0][half], sorted[0][most], sorted[1][half],
                    sorted[1][most], asked.examinedMax))
        return zip(["first page", "deep inside"], sorted).map { kind, times in
            Figure(name: "\(asked.name), \(kind), p99", value: times[most], unit: "ms", floor: Self.floorMilliseconds)
        }
    }
}

/// Times of what reads all executions.
struct GroupMeasurement {
    let path: String
    private static let roundCount = 5
    private static let floorMilliseconds = 300.0

    init(path: String) {
        self.path = path
    }

    func run() throws -> [Figure] {
        let index = try MetadataIndex.open(path: path, storeID: QueryBench.storeID, access: .readOnly)
        print("over all executions, milliseconds, median of \(Self.roundCount)")
        var figures = try ExecutionGrouping.allCases.map { grouping in
            try measure("groups by \(grouping.rawValue)") {
                _ = try index.groups(by: grouping, matching: ExecutionQuery(), order: .count, limit: 50)
            }
        }
        figures.append(try measure("count") { _ = try index.count(matching: ExecutionQuery()) })
        figures.append(
            try measure("histogram of 60 buckets") {
                _ = try index.histogram(matching: ExecutionQuery(), from: nil, to: nil, buckets: .count(60))
            })
        print("")
        return figures
    }

    private func measure(_ name: String, _ body: () throws -> Void) throws -> Figure {
        let times = try (0..<Self.roundCount).map { _ in try milliseconds(body) }.sorted()
        print(
            name.padding(toLength: 54, withPad: " ", startingAt: 0)
                + String(format: "%7.1f", times[Self.roundCount / 2]))
        return Figure(name: name, value: times[Self.roundCount / 2], unit: "ms", floor: Self.floorMilliseconds)
    }
}
