import FluxFormat

/// Ranges that, merged, have every execution that matches, in the order of lists, and others among them.
struct ListWay {
    /// What the ranges answer.
    enum Kind {
        /// All conditions on facets.
        case facets
        /// One of the other conditions.
        case condition
        /// The condition on the duration.
        case durations
        /// None.
        case starts
    }

    let kind: Kind
    let ranges: [ListRange]

    static let greatestDurationStatement = """
        SELECT class FROM by_duration WHERE class >= 0 ORDER BY class DESC LIMIT 1
        """
}
