import FluxFormat

/// Walks a range in the order of lists, reading some entries at a time.
///
/// The first read is small: of many ranges that are merged, most give a page nothing.
struct RangeCursor {
    private let read: RangeRead
    /// What the statement is given, with places for the span and the limit.
    private var values: [SQLiteValue]
    private var span: ListSpan
    private var chunk: [ListEntry] = []
    private var nextIndex = 0
    private var chunkCount: Int
    /// Whether there is nothing behind what is read.
    private(set) var isAtEnd = false

    /// Begins with what a span has of the range.
    init(_ range: ListRange, in span: ListSpan, _ read: RangeRead, firstChunkCount: Int) {
        self.span = span
        self.read = read
        values = range.values + [.null, .null, StartKey.stored(span.last), .null]
        if let value = read.columns.value { values.append(.text(value)) }
        chunkCount = firstChunkCount
    }

    /// The entry that comes next, where it is read.
    var head: ListEntry? { nextIndex < chunk.count ? chunk[nextIndex] : nil }

    /// Passes the head.
    mutating func pass() { nextIndex += 1 }

    /// Reads the next entries; returns how many. Entries that are not behind the last one are damage, which could
    /// lead in a circle.
    mutating func fill(from index: MetadataIndex) throws(IndexError) -> Int {
        var before = chunk.last?.place
        chunk.removeAll(keepingCapacity: true)
        nextIndex = 0
        (values[2], values[3]) = (StartKey.stored(span.start), .integer(span.number))
        values[5] = .number(chunkCount)
        let columns = read.columns
        let order = read.order
        try read.statement.forEachRow(values) { row throws(IndexError) in
            let entry = try ListEntry(reading: &row, columns)
            if let before, !order.puts(before, before: entry.place) {
                throw .corrupt(path: index.database.path, reason: "an index is out of order")
            }
            before = entry.place
            chunk.append(entry)
        }
        if let end = chunk.last?.place { span.pass(end) }
        isAtEnd = chunk.count < chunkCount
        // The next read is larger, but what the page does not need of it is read in vain.
        chunkCount = min(chunkCount * (chunkCount < 8 ? 4 : 2), Self.chunkCountMax)
        return chunk.count
    }

    /// Entries of the largest read.
    static let chunkCountMax = 256
    /// Entries of the first read of each of many ranges.
    static let mergedChunkCount = 2
}

/// How the ranges of one table are read.
struct RangeRead {
    let statement: SQLiteStatement
    let order: ExecutionOrder
    let columns: EntryColumns

    /// Prepares the statement for a range and all of its kind.
    init(
        _ range: ListRange, order: ExecutionOrder, columns: EntryColumns, in index: MetadataIndex
    ) throws(IndexError) {
        statement = try index.database.statement(range.statement(order, reading: columns))
        self.order = order
        self.columns = columns
    }
}
