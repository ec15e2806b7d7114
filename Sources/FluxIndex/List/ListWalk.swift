import FluxFormat

/// The walk along one way: goes on where it stopped.
struct ListWalk {
    private let way: ListWay
    private let read: RangeRead
    private let span: ListSpan
    private let limit: Int
    /// Entries that are passed for each that matches, as long as none is read.
    private let guess: Int
    private var filter: ListFilter
    private var merge: RangeMerge
    /// What the first reads of all ranges have cost; `nil` before them.
    private var costOfBeginning: Int?
    /// Entries that were passed: those that are read beyond them tell nothing yet.
    private var passedCount = 0
    /// What matched, in order.
    private(set) var places: [ListPlace] = []
    /// The last place that was looked at.
    private(set) var end: ListPlace?
    /// Whether the limit is reached, or nothing is left.
    private(set) var isComplete = false

    /// What work costs, in entries that are read one behind the other.
    private enum Cost {
        /// To find the place of a range in its table.
        static let search = 12
        /// To look for a row or a tag, by a statement of its own.
        static let row = 16
    }

    /// A walk that takes no step before ``advance(by:in:examinedMax:)``.
    init(
        _ way: ListWay, of plan: ListPlan, in span: ListSpan, order: ExecutionOrder, limit: Int, index: MetadataIndex
    ) throws(IndexError) {
        self.way = way
        self.span = span
        self.limit = limit
        filter = try ListFilter(plan, way, in: index)
        merge = RangeMerge(order: order, rangeCount: way.ranges.count)
        let columns = plan.rows.columns(of: way.ranges[0], readsFacet: !plan.facets.isOpen)
        read = try RangeRead(way.ranges[0], order: order, columns: columns, in: index)
        guess = columns == EntryColumns() && way.kind != .durations ? 1 : 4
    }

    /// Entries of the first read of each range.
    private var firstChunkCount: Int {
        min(max(RangeCursor.mergedChunkCount, limit / way.ranges.count), RangeCursor.chunkCountMax)
    }

    /// What the first reads of all ranges cost.
    private var beginningCost: Int { way.ranges.count * (Cost.search + firstChunkCount) }

    /// What the walk has cost so far.
    private var cost: Int {
        merge.searchCount * Cost.search + passedCount + filter.rowCount * Cost.row
    }

    /// Entries and rows that were looked at.
    var examinedCount: Int { merge.examinedCount + filter.rowCount }

    /// What the rest of the walk will cost when it goes on as it went so far.
    var expectedCost: Int {
        let begun = costOfBeginning ?? 0
        let ahead = (limit - places.count) * (cost - begun + guess) / (places.count + 1)
        return costOfBeginning == nil ? beginningCost + ahead : ahead
    }

    /// Walks on until it is complete or that much has cost, or more than `examinedMax` is looked at in all.
    mutating func advance(by budget: Int, in index: MetadataIndex, examinedMax: Int) throws(IndexError) {
        let costMax = cost + budget
        if costOfBeginning == nil { try begin(in: index) }
        while let (entry, range) = try merge.next(from: index) {
            end = entry.place
            passedCount += 1
            if try filter.matches(entry, ofRange: range, in: index) {
                places.append(entry.place)
                if places.count == limit { isComplete = true }
            }
            if isComplete || examinedCount >= examinedMax || cost >= costMax { return }
        }
        isComplete = true
    }

    private mutating func begin(in index: MetadataIndex) throws(IndexError) {
        for range in way.ranges {
            try merge.add(RangeCursor(range, in: span, read, firstChunkCount: firstChunkCount), from: index)
        }
        costOfBeginning = cost
    }
}
