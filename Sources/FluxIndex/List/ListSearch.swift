import FluxFormat

/// Looks for the executions of a page.
///
/// Which way is the shortest depends on what is stored, and nothing counts that. So the ways are tried in turn, each for
/// a small budget, then each for four times as much, until one has the page: all together cost a small multiple of what the
/// best one does.
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

    /// What a way may cost at first, in entries that are read from an index alone.
    private static let firstBudget = 1024
    private static let budgetFactor = 4
    /// What it costs to read an entry's facet in its row, and to look at a row, in the same unit.
    private static let facetCost = 2
    private static let rowCost = 6

    /// Looks at about `examinedMax` entries at most, and at one at least.
    func run(in index: MetadataIndex, examinedMax: Int) throws(IndexError) -> Finding {
        guard plan.ways.count > 1 else {
            return try run(plan.ways[0], in: index, budget: .max, examinedMax: examinedMax)
        }
        var best = Finding()
        var examinedCount = 0
        var budget = Self.firstBudget
        var ways = plan.ways.map { (way: $0, yield: Double.infinity) }
        while true {
            // Where many ranges would cost more than the budget to begin with, another way is tried first.
            for place in ways.indices where ways[place].way.ranges.count * RangeCursor.mergedChunkCount <= budget {
                var finding = try run(
                    ways[place].way, in: index, budget: budget, examinedMax: examinedMax - examinedCount)
                ways[place].yield = Double(finding.places.count)
                examinedCount += finding.examinedCount
                finding.examinedCount = examinedCount
                if finding.isComplete { return finding }
                if let end = finding.end, best.end.map({ order.puts($0, before: end) }) ?? true { best = finding }
                best.examinedCount = examinedCount
                if examinedCount >= examinedMax { return best }
            }
            // What was not tried goes first, then what found the most.
            ways.sort { $0.yield > $1.yield }
            budget *= Self.budgetFactor
        }
    }

    private func run(
        _ way: ListWay, in index: MetadataIndex, budget: Int, examinedMax: Int
    ) throws(IndexError) -> Finding {
        var filter = try ListFilter(plan, way, in: index)
        var merge = RangeMerge(order: order)
        let chunkCount = way.ranges.count > 1 ? RangeCursor.mergedChunkCount : min(limit, RangeCursor.chunkCountMax)
        let statements = try RangeStatements(way.ranges[0], order: order, readFacet: filter.readsFacet, in: index)
        for range in way.ranges {
            let cursor = RangeCursor(
                range, in: plan.starts, behind: place, order: order, statements: statements,
                firstChunkCount: chunkCount)
            try merge.add(cursor, from: index)
        }
        let entryCost = filter.readsFacet && !way.ranges[0].hasFacet ? 1 + Self.facetCost : 1
        var finding = Finding()
        while let (entry, range) = try merge.next(from: index) {
            finding.end = entry.place
            if try filter.matches(entry, of: range, in: index) {
                finding.places.append(entry.place)
                if finding.places.count == limit { finding.isComplete = true }
            }
            finding.examinedCount = merge.examinedCount + filter.rowCount
            let cost = merge.examinedCount * entryCost + filter.rowCount * Self.rowCost
            if finding.isComplete || finding.examinedCount >= examinedMax || cost >= budget { return finding }
        }
        finding.examinedCount = merge.examinedCount + filter.rowCount
        finding.isComplete = true
        return finding
    }
}
