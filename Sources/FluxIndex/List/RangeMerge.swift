import FluxFormat

/// Walks several ranges as one, in the order of lists: a heap of cursors, the one with the next entry first.
struct RangeMerge {
    private let order: ExecutionOrder
    private var cursors: [RangeCursor] = []
    /// Entries that were read, and ranges that were looked into.
    private(set) var examinedCount = 0

    init(order: ExecutionOrder) {
        self.order = order
    }

    /// Adds a range. O(log its entries) reads.
    mutating func add(_ cursor: RangeCursor, from index: MetadataIndex) throws(IndexError) {
        var cursor = cursor
        examinedCount += max(1, try cursor.fill(from: index))
        guard cursor.head != nil else { return }
        cursors.append(cursor)
        var child = cursors.count - 1
        while child > 0, comes(child, before: (child - 1) / 2) {
            cursors.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The next entry and its range; `nil` at the end. O(log ranges), with a read now and then.
    mutating func next(from index: MetadataIndex) throws(IndexError) -> (entry: ListRange.Entry, range: ListRange)? {
        guard let first = cursors.first, let entry = first.head else { return nil }
        cursors[0].pass()
        if cursors[0].head == nil, !cursors[0].isAtEnd {
            examinedCount += max(1, try cursors[0].fill(from: index))
        }
        if cursors[0].head == nil {
            let last = cursors.removeLast()
            if !cursors.isEmpty { cursors[0] = last }
        }
        sink()
        return (entry, first.range)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < cursors.count && comes(child, before: least) {
                least = child
            }
            guard least != parent else { return }
            cursors.swapAt(parent, least)
            parent = least
        }
    }

    private func comes(_ first: Int, before second: Int) -> Bool {
        guard let one = cursors[first].head, let other = cursors[second].head else { return false }
        return order.puts(one.place, before: other.place)
    }
}
