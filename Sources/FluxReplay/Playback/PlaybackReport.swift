import FluxFormat

/// What a playback did, for the end of it.
package struct PlaybackReport: Sendable {
    /// Recorded answers that were given for the first time.
    package let servedCount: Int
    /// Answers that were given again, by ``Repeats/last`` or ``Repeats/first``.
    package let repeatedCount: Int
    /// Requests whose recording has no answer; the client got 502. Those given again count as repeated, too.
    package let unansweredCount: Int
    /// Requests that got no answer: never recorded, or asked for more often than recorded.
    package let missCount: Int
    /// The different misses, each as it was met last, and how often; at most 1000.
    package let misses: [(miss: PlaybackMiss, count: Int)]
    /// Recorded exchanges that no request asked for.
    package let neverAsked: [RecordedExchange]

    /// The counts on one line, then every miss and every exchange never asked for.
    package var lines: [String] {
        var lines = [
            "served \(servedCount), repeated \(repeatedCount), unanswered \(unansweredCount), "
                + "missed \(missCount), never asked for \(neverAsked.count)"
        ]
        if !misses.isEmpty { lines.append("missed:") }
        for (miss, count) in misses {
            lines += miss.lines.enumerated().map { "  \($1)\($0 == 0 && count > 1 ? " (\(count) times)" : "")" }
        }
        if !neverAsked.isEmpty { lines.append("never asked for:") }
        return lines + neverAsked.map { "  \($0.title)".onOneLine }
    }
}
