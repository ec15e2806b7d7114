import FluxFormat

/// Walks a range in the order of lists, reading some entries at a time.
///
/// The first read is small: of many ranges that are merged, most give a page nothing.
struct RangeCursor {
    let range: ListRange
    private let order: ExecutionOrder
    private let starts: ClosedRange<UInt64>?
    private let statements: RangeStatements
    /// What the statements are given, with places for the ends of a range and the limit.
    private var values: [SQLiteValue]
    private var span: ListSpan
    private var chunk: [ListRange.Entry] = []
    private var nextIndex = 0
    private var chunkCount: Int

    /// Begins behind a place.
    init(
        _ range: ListRange, in starts: ClosedRange<UInt64>?, behind place: ListPlace?, order: ExecutionOrder,
        statements: RangeStatements, firstChunkCount: Int
    ) {
        self.range = range
        self.starts = starts
        self.order = order
        self.statements = statements
        values = range.values + [.null, .null, .null]
        span = ListSpan(starts, behind: place, order: order)
        chunkCount = firstChunkCount
    }

    /// The entry that comes next, where it is read.
    var head: ListRange.Entry? { nextIndex < chunk.count ? chunk[nextIndex] : nil }

    /// Whether there is nothing behind what is read.
    var isAtEnd: Bool { span.isEmpty }

    /// Passes the head.
    mutating func pass() { nextIndex += 1 }

    /// Reads the next entries; returns how many. Entries that are not behind the last one are damage, which could
    /// lead in a circle.
    mutating func fill(from index: MetadataIndex) throws(IndexError) -> Int {
        let last = chunk.last?.place
        chunk.removeAll(keepingCapacity: true)
        nextIndex = 0
        if let ties = span.ties {
            (values[2], values[3]) = (StartKey.stored(ties.start), .bits(ties.number))
            try read(statements.ties)
            if chunk.count < chunkCount { span.ties = nil }
        }
        if let starts = span.starts, chunk.count < chunkCount {
            (values[2], values[3]) = (StartKey.stored(starts.lowerBound), StartKey.stored(starts.upperBound))
            try read(statements.starts)
            if chunk.count < chunkCount { span.starts = nil }
        }
        var before = last
        for entry in chunk {
            if let before, !order.puts(before, before: entry.place) {
                throw .corrupt(path: index.database.path, reason: "an index is out of order")
            }
            before = entry.place
        }
        if let end = chunk.last?.place, !span.isEmpty { span = ListSpan(starts, behind: end, order: order) }
        chunkCount = min(chunkCount * 4, Self.chunkCountMax)
        return chunk.count
    }

    /// Entries of the largest read.
    static let chunkCountMax = 256
    /// Entries of the first read of each of several ranges.
    static let mergedChunkCount = 2

    private mutating func read(_ statement: SQLiteStatement) throws(IndexError) {
        values[4] = .number(chunkCount - chunk.count)
        try statement.forEachRow(values) { row throws(IndexError) in
            chunk.append(try ListRange.Entry(reading: &row, readsFacet: statements.readFacet))
        }
    }
}

/// The statements that read the ranges of one index.
struct RangeStatements {
    let ties: SQLiteStatement
    let starts: SQLiteStatement
    let readFacet: Bool

    /// Prepares the statements for a range and all of its kind.
    init(
        _ range: ListRange, order: ExecutionOrder, readFacet: Bool, in index: MetadataIndex
    ) throws(IndexError) {
        ties = try index.database.statement(range.tiesStatement(order, readsFacet: readFacet))
        starts = try index.database.statement(range.startsStatement(order, readsFacet: readFacet))
        self.readFacet = readFacet
    }
}
