/// What is seen of a log that another process may be writing.
///
/// A listing takes several calls, and a file that gets its name meanwhile can be in none of them; a walk can meet a batch of
/// which half is written. So what looks wrong is taken for real only when the next look says the same of it.
enum SecondLook {
    /// Looks at a log that changes each time, before one is taken as it is.
    private static let lookCountMax = 16

    /// Looks until nothing is doubted, or the same twice in a row: `look` says what in lines, or throws it.
    ///
    /// A sound log is looked at once, one that is damaged and stays as it is twice.
    static func settled<Found>(
        _ look: () throws(StoreError) -> (found: Found, doubts: [String])
    ) throws(StoreError) -> Found {
        var before: [String] = []
        for _ in 1..<lookCountMax {
            do throws(StoreError) {
                let (found, doubts) = try look()
                if doubts.isEmpty || doubts == before { return found }
                before = doubts
            } catch {
                if [error.message] == before { throw error }
                before = [error.message]
            }
        }
        return try look().found
    }
}
