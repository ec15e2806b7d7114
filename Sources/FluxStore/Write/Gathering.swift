/// How long the writer waits for more batches before it commits.
///
/// While a sync runs, the callers of the last one come back; those that come a little later would wait for two syncs. They
/// come in time where they are few. Where they are so many that encoding what they send takes longer than the wait, waiting
/// only holds up those who are there: after a wait in vain, the next ones are left out, and more of them each time.
struct Gathering: Sendable {
    private static let nanosecondsMax: UInt64 = 250_000
    private static let leftOutCountMax = 64

    private var count = 0
    private var syncNanoseconds: UInt64 = 0
    /// Waits in vain in a row.
    private var vainCount = 0
    /// Waits to leave out.
    private var leftOutCount = 0

    /// Notes a group that was synced.
    mutating func note(groupCount: Int, syncNanoseconds: UInt64) {
        count = groupCount
        self.syncNanoseconds = syncNanoseconds
    }

    /// How many batches to wait for, and how long at most; `nil` for not at all, as for a caller that comes alone.
    mutating func next() -> (count: Int, nanoseconds: UInt64)? {
        guard count > 1 else { return nil }
        if leftOutCount > 0 {
            leftOutCount -= 1
            return nil
        }
        return (count, min(syncNanoseconds / 4, Self.nanosecondsMax))
    }

    /// Notes whether a wait brought as many batches as it was to bring.
    mutating func noteWait(isReached: Bool) {
        vainCount = isReached ? 0 : vainCount + 1
        leftOutCount = isReached ? 0 : min(1 << min(vainCount, 10), Self.leftOutCountMax)
    }
}
