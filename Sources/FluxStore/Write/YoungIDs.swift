import FluxFormat

/// Tells of ids that they are not stored, without a look into the index: ids begin with the time at which they were
/// made, so that most of those that come are greater than all that came before.
///
/// Of the ids above a floor a filter has all that are stored. When it is full, another begins above the greatest id so
/// far, and the oldest goes. About 1 % of the ids that are absent are not told of, and none that is below the floors.
struct YoungIDs: Sendable {
    /// A filter, and the id above which it knows all ids up to the floor of the next.
    private struct Generation {
        var floor: ExecutionID
        var filter: BloomFilter
        var count = 0
    }

    private let countMax: Int
    /// None before the first id, so that a store to which nothing is appended pays for none.
    private var generations: [Generation] = []
    private var greatest = ExecutionID.none
    /// Whether the floors are those of all that is stored.
    private var isComplete = false

    /// Filters of so many ids each, at ten bits an id.
    init(countMax: Int = 1 << 20) {
        self.countMax = countMax
    }

    /// Everything that was stored and not inserted is at most this id.
    mutating func complete(greatestOther: ExecutionID) {
        greatest = max(greatest, greatestOther)
        for index in generations.indices {
            generations[index].floor = max(generations[index].floor, greatestOther)
        }
        isComplete = true
    }

    /// Notes an id that is stored.
    mutating func insert(_ id: ExecutionID) {
        if generations.isEmpty { begin() }
        greatest = max(greatest, id)
        guard let index = generations.lastIndex(where: { $0.floor < id }) else { return }
        guard generations[index].filter.insert(id) else { return }
        generations[index].count += 1
        guard index == generations.count - 1, generations[index].count >= countMax else { return }
        begin()
        if generations.count > 2 { generations.removeFirst() }
    }

    /// Begins a filter above the greatest id so far.
    private mutating func begin() {
        generations.append(Generation(floor: greatest, filter: BloomFilter(idCount: countMax)))
    }

    /// Whether an id is certain not to be stored.
    func isAbsent(_ id: ExecutionID) -> Bool {
        guard isComplete, let generation = generations.last(where: { $0.floor < id }) else { return false }
        return !generation.filter.mayContain(id)
    }
}
