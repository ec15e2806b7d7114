/// What a run came to. Times in milliseconds.
struct CommitFigures {
    let perSecond: Double
    let median: Double
    /// What 99 of 100 appends took at most.
    let nearlyAll: Double
    let perSync: Double
    /// Write and sync of the median group.
    let group: Double

    init(latencies: [UInt64], nanoseconds: UInt64, syncCount: UInt64, groups: [UInt64]) throws(CommitError) {
        guard latencies.count > 10, !groups.isEmpty else { throw CommitError("too few appends to measure") }
        perSecond = Double(latencies.count) / (Double(nanoseconds) / 1e9)
        let sorted = latencies.sorted()
        median = Double(sorted[sorted.count / 2]) / 1e6
        nearlyAll = Double(sorted[sorted.count * 99 / 100]) / 1e6
        perSync = Double(latencies.count) / Double(max(1, syncCount))
        group = Double(groups.sorted()[groups.count / 2]) / 1e6
    }
}

/// A run that cannot be measured.
struct CommitError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
