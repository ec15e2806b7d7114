import FluxFormat
import FluxStore
import TestSupport

/// Lists, counts and groups of a store that goes on.
struct DoorQueries {
    let store: EventStore
    let model: DoorModel

    func run(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        while !model.isOver {
            let query = Self.query(using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: try await count(query)
            case 1: try walk(query)
            default: try list(query, using: &generator)
            }
            model.count { $0.queries += 1 }
            await Task.yield()
        }
    }

    private static func query(using generator: inout SeededGenerator) -> ExecutionQuery {
        let number = UInt64.random(in: 0..<15, using: &generator)
        return switch Int.random(in: 0..<4, using: &generator) {
        case 0: ExecutionQuery(app: "shop-\(number % 3)")
        case 1: ExecutionQuery(route: "/orders/\(number % 5)")
        case 2: ExecutionQuery(app: "shop-\(number % 3)", route: "/orders/\(number % 5)")
        default: ExecutionQuery()
        }
    }

    private static func matches(_ number: UInt64, _ query: ExecutionQuery) -> Bool {
        query.app.map { $0 == "shop-\(number % 3)" } ?? true
            && query.route.map { $0 == "/orders/\(number % 5)" } ?? true
    }

    /// Pages to the end, or some of them: in order, each execution once, none that was gone, and none left out.
    private func list(_ query: ExecutionQuery, using generator: inout SeededGenerator) throws {
        let moment = model.enter()
        defer { model.leave(moment) }
        let isNewestFirst = Bool.random(using: &generator)
        let limit = Int.random(in: 1...200, using: &generator)
        var rows: [ExecutionSummary] = []
        var token: PageToken?
        var pageCount = Int.random(in: 1...30, using: &generator)
        repeat {
            let page = try store.executions(
                matching: query, order: isNewestFirst ? .newestFirst : .oldestFirst, limit: limit, after: token)
            rows += page.executions
            token = page.nextPageToken
            pageCount -= 1
        } while token != nil && pageCount > 0
        let numbers = rows.map(DoorWork.number)
        // They start in the order of their numbers.
        for (one, next) in zip(numbers, numbers.dropFirst()) where isNewestFirst ? one <= next : one >= next {
            throw SoakFailure("a list has \(one) before \(next)")
        }
        for (number, row) in zip(numbers, rows) { try check(row, number, query, moment) }
        let listed = Set(numbers)
        for number in moment.promised.keys where Self.matches(number, query) && !listed.contains(number) {
            let isBehind = token != nil && numbers.last.map { isNewestFirst ? number < $0 : number > $0 } ?? true
            if !isBehind, !(model.entry(number)?.isDeletionAsked ?? true) { model.miss(number) }
        }
    }

    private func check(
        _ row: ExecutionSummary, _ number: UInt64, _ query: ExecutionQuery, _ before: DoorMoment
    ) throws {
        guard Self.matches(number, query), row.metadata.tags == ["seed": "\(number)"] else {
            throw SoakFailure("a list has \(number), which was not asked for")
        }
        if before.entries[number]?.endedRound != nil {
            throw SoakFailure("a list has \(number), which was gone before")
        }
        guard let entry = model.entry(number), entry.sent > 0 else {
            throw SoakFailure("a list has \(number), which is gone for long, or was never sent")
        }
        let parts = DoorWork(number: number).parts
        let least = parts.events(ofBatches: before.entries[number]?.acknowledged ?? 0).count
        let most = parts.events(ofBatches: entry.sent).count
        guard (UInt64(least)...UInt64(most)).contains(row.nextEvent) else {
            throw SoakFailure("a list gives \(number) \(row.nextEvent) events, where \(least) to \(most) are there")
        }
    }

    /// Counts, alone and in groups: no more than what may have been there.
    private func count(_ query: ExecutionQuery) async throws {
        let before = model.enter()
        defer { model.leave(before) }
        let count = try await store.count(matching: query)
        let groups = try await store.groups(by: .app, matching: query)
        let after = model.enter()
        defer { model.leave(after) }
        let most = after.entries.filter {
            Self.matches($0.key, query) && $0.value.sent > 0 && before.entries[$0.key]?.endedRound == nil
        }
        guard count <= most.count, groups.executionCount <= most.count,
            groups.groups.reduce(0, { $0 + $1.count }) == groups.executionCount
        else {
            throw SoakFailure("\(count) are counted, and \(groups.executionCount) in groups, of \(most.count)")
        }
    }

    /// A cursor over what a query asks for: each execution whole.
    private func walk(_ query: ExecutionQuery) throws {
        var cursor = try store.cursor(matching: query)
        var open: ExpectedEvents?
        var executionCount = 0
        while executionCount < 200, let view = try cursor.next() {
            let number = DoorWork.number(of: view.executionID)
            if open?.number != number {
                try open?.finish(acknowledged: 0, sent: .max)
                guard Self.matches(number, query) else { throw SoakFailure("\(number) was not asked for") }
                open = ExpectedEvents(number: number)
                executionCount += 1
            }
            try open?.take(view)
        }
    }
}
