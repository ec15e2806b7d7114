import FluxFormat

/// Looks for the executions of a page.
///
/// Which way is the shortest depends on what is stored, and nothing counts that. So the walks take turns: the next steps
/// are those of the walk that is expected to cost the least from where it is, by what it found so far. A walk that finds
/// nothing is expected to cost ever more, so that all together cost a small multiple of what the best one does.
struct ListSearch {
    let plan: ListPlan
    let order: ExecutionOrder
    let place: ListPlace?
    /// Executions that are looked for.
    let limit: Int

    /// What was found.
    struct Finding {
        var places: [ListPlace] = []
        /// The last place that was looked at.
        var end: ListPlace?
        /// Whether the limit is reached, or nothing is left.
        var isComplete = false
        /// Entries and rows that were looked at.
        var examinedCount = 0
    }

    /// What a turn may cost, in entries that are read one behind the other: so many that a way on which one in twenty
    /// matches is hardly ever taken for a bad one.
    private static let turnCost = 160

    /// Looks at about `examinedMax` entries at most, and at one at least.
    func run(in index: MetadataIndex, examinedMax: Int) throws(IndexError) -> Finding {
        guard let span = ListSpan(plan.starts, behind: place, order: order) else { return Finding(isComplete: true) }
        var walks: [ListWalk] = []
        for way in plan.ways {
            walks.append(try ListWalk(way, of: plan, in: span, order: order, limit: limit, index: index))
        }
        let turnCost = walks.count > 1 ? Self.turnCost : .max >> 1
        var examinedCount = 0
        while true {
            let next = walks.indices.min { walks[$0].expectedCost < walks[$1].expectedCost } ?? 0
            let rest = examinedMax - examinedCount
            let before = walks[next].examinedCount
            try walks[next].advance(by: turnCost, in: index, examinedMax: rest < .max - before ? before + rest : .max)
            examinedCount += walks[next].examinedCount - before
            if walks[next].isComplete || examinedCount >= examinedMax {
                return finding(of: walks[next].isComplete ? walks[next] : furthest(of: walks), examinedCount)
            }
        }
    }

    /// The walk that came furthest: a page that is not complete goes on there.
    private func furthest(of walks: [ListWalk]) -> ListWalk {
        var best = walks[0]
        for walk in walks.dropFirst() {
            if let end = walk.end, best.end.map({ order.puts($0, before: end) }) ?? true { best = walk }
        }
        return best
    }

    private func finding(of walk: ListWalk, _ examinedCount: Int) -> Finding {
        Finding(places: walk.places, end: walk.end, isComplete: walk.isComplete, examinedCount: examinedCount)
    }
}
