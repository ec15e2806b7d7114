/// Lets the first of many equal lines pass, and then one a second.
struct RateLimit: Sendable {
    private static let intervalNanoseconds: UInt64 = 1_000_000_000

    private var last: MonotonicTime?
    private var count = 0

    /// Counts one; returns how many there were since the last line, this one included, where another is due.
    mutating func pass(now: MonotonicTime) -> Int? {
        count += 1
        if let last, now.since(last) < Self.intervalNanoseconds { return nil }
        last = now
        defer { count = 0 }
        return count
    }
}
