import FluxFormat

/// What is answered once every recorded answer to a request was given.
package enum Repeats: String, Sendable, CaseIterable {
    /// A miss of kind ``PlaybackMiss/Kind/exhausted``.
    case error
    /// The last recorded answer, again and again, as Ruby's VCR does.
    case last
    /// The first recorded answer, again and again, as vcrpy and go-vcr do.
    case first
}

/// Whose turn it is among equal requests, and what was asked so far: the decisions of a playback, without the doing.
struct PlaybackTurns: Sendable {
    /// Different misses that are listed; later ones are only counted.
    static let listedMissCountMax = 1000
    /// Different requests that are counted one by one; of later ones that were never recorded only their sum is kept.
    static let countedRequestCountMax = 1 << 20

    /// What a request gets.
    enum Turn: Equatable {
        /// The exchange at this position, for the first time.
        case next(Int)
        /// The exchange at this position, which was given before.
        case again(Int)
        /// Nothing: asked for so many times by now, of so many recorded.
        case miss(askedCount: Int)
    }

    private let repeats: Repeats
    /// Whether the exchange at a position was given.
    private(set) var isGiven: [Bool]
    private(set) var servedCount = 0
    private(set) var repeatedCount = 0
    private(set) var unansweredCount = 0
    private(set) var missCount = 0
    private(set) var misses: [(miss: PlaybackMiss, count: Int)] = []
    private var missIndexes: [RequestKey: Int] = [:]
    private var askedCounts: [RequestKey: Int] = [:]
    /// Where the first exchange not yet given may stand in the positions of a key, so that long runs of equal requests
    /// are not searched from the start each time.
    private var starts: [RequestKey: Int] = [:]

    init(count: Int, repeats: Repeats) {
        self.repeats = repeats
        isGiven = Array(repeating: false, count: count)
    }

    /// Takes the turn of a request that is recorded at these positions.
    mutating func take(_ keys: RequestKeys, at positions: RecordedPositions) -> Turn {
        let askedCount = (askedCounts[keys.canonical] ?? 0) + 1
        if !positions.isEmpty || askedCount > 1 || askedCounts.count < Self.countedRequestCountMax {
            askedCounts[keys.canonical] = askedCount
        }
        guard let first = positions.first, let last = positions.last else { return .miss(askedCount: askedCount) }
        let next = [open(keys.canonical, at: positions.canonical), open(keys.exact, at: positions.exact)]
        if let position = next.compactMap(\.self).min() {
            isGiven[position] = true
            return .next(position)
        }
        switch repeats {
        case .error: return .miss(askedCount: askedCount)
        case .first: return .again(first)
        case .last: return .again(last)
        }
    }

    /// The first of the positions of a key that was not given yet.
    private mutating func open(_ key: RequestKey, at positions: [Int]) -> Int? {
        guard !positions.isEmpty else { return nil }
        var start = starts[key] ?? 0
        while start < positions.count, isGiven[positions[start]] { start += 1 }
        starts[key] = start
        return start < positions.count ? positions[start] : nil
    }

    /// Counts what a turn led to.
    mutating func count(_ turn: Turn, hasAnswer: Bool) {
        if case .again = turn { repeatedCount += 1 } else if hasAnswer { servedCount += 1 }
        if !hasAnswer { unansweredCount += 1 }
    }

    /// Counts a miss, and lists it unless the same was listed before.
    mutating func count(_ miss: PlaybackMiss, _ keys: RequestKeys) {
        missCount += 1
        if let index = missIndexes[keys.canonical] {
            misses[index] = (miss, misses[index].count + 1)
        } else if misses.count < Self.listedMissCountMax {
            missIndexes[keys.canonical] = misses.count
            misses.append((miss, 1))
        }
    }
}
