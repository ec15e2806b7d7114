import FluxFormat

/// Walks several ranges as one, in the order of lists: a heap of cursors, the one with the next entry first.
struct RangeMerge {
    private let order: ExecutionOrder
    private var cursors: [RangeCursor] = []
    /// The places of the heads, and whose they are.
    private var heap: [(place: ListPlace, cursor: Int)] = []
    /// Entries that were read, and ranges that were looked into.
    private(set) var examinedCount = 0
    /// Searches that were made in an index.
    private(set) var searchCount = 0

    init(order: ExecutionOrder, rangeCount: Int) {
        self.order = order
        cursors.reserveCapacity(rangeCount)
        heap.reserveCapacity(rangeCount)
    }

    /// Adds a range. O(log its entries) reads.
    mutating func add(_ cursor: RangeCursor, from index: MetadataIndex) throws(IndexError) {
        cursors.append(cursor)
        try fill(cursors.count - 1, from: index)
        guard let head = cursors[cursors.count - 1].head else { return }
        heap.append((head.place, cursors.count - 1))
        var child = heap.count - 1
        while child > 0, order.puts(heap[child].place, before: heap[(child - 1) / 2].place) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The next entry, and which of the ranges has it, in the order in which they were added; `nil` at the end.
    /// O(log ranges), with a read now and then.
    mutating func next(from index: MetadataIndex) throws(IndexError) -> (entry: ListEntry, range: Int)? {
        guard let number = heap.first?.cursor, let entry = cursors[number].head else { return nil }
        cursors[number].pass()
        if cursors[number].head == nil, !cursors[number].isAtEnd { try fill(number, from: index) }
        if let head = cursors[number].head {
            heap[0].place = head.place
        } else {
            let last = heap.removeLast()
            if !heap.isEmpty { heap[0] = last }
        }
        sink()
        return (entry, number)
    }

    private mutating func fill(_ number: Int, from index: MetadataIndex) throws(IndexError) {
        searchCount += 1
        examinedCount += max(1, try cursors[number].fill(from: index))
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in 2 * parent + 1...2 * parent + 2
            where child < heap.count && order.puts(heap[child].place, before: heap[least].place) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
