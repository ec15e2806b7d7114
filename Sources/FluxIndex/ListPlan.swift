import FluxFormat

/// The part of the order of starts that a page lies in: decided here, without a database.
///
/// The order is newest start first, and among equal starts last stored first. Behind a token come first the
/// executions that start with the token's own, then those that start before: two ranges, because SQLite finds
/// its way into ties only for one start. Without the cut, each page through 100,000 executions without a time
/// would pass all before it.
struct ListPlan: Equatable {
    /// The executions of one start that come behind a number.
    struct Ties: Equatable {
        var start: UInt64
        var before: Int64
    }

    /// The ties that come first.
    var ties: Ties?
    /// The starts that come then.
    var starts: ClosedRange<UInt64>?

    /// The ranges of a query behind a token.
    init(_ query: ExecutionQuery, after token: PageToken?) {
        var first: UInt64 = 0
        var last = UInt64.max
        if query.startedAtFirst != nil || query.startedAtEnd != nil {
            // No start is stored as 0, and does not match.
            first = max(query.startedAtFirst ?? 1, 1)
            guard query.startedAtEnd != 0 else { return }
            last = query.startedAtEnd.map { $0 - 1 } ?? .max
        }
        guard first <= last else { return }
        guard let token, token.startedAt <= last else {
            starts = first...last
            return
        }
        guard token.startedAt >= first else { return }
        ties = Ties(start: token.startedAt, before: Int64(bitPattern: token.firstFrameSequence))
        if token.startedAt > first { starts = first...(token.startedAt - 1) }
    }

    /// The columns that are compared for equality; they pick the index.
    struct Columns {
        var hasApp: Bool
        var hasRoute: Bool
        var hasStatus: Bool
    }

    /// The statement for a range of starts: ?4 and ?5 are its ends. ?1 is the app, ?2 the route, ?3 the
    /// status, ?6 the limit.
    static func startsStatement(_ columns: Columns) -> String {
        statement(columns, "started BETWEEN ?4 AND ?5")
    }

    /// The statement for ties: ?4 is the start, ?5 the number. The others are as above.
    static func tiesStatement(_ columns: Columns) -> String { statement(columns, "started = ?4 AND n < ?5") }

    /// Without a status SQLite merges the rows of all four, each already in order.
    private static func statement(_ columns: Columns, _ range: String) -> String {
        var conditions = [range]
        if columns.hasApp { conditions.append("app = ?1") }
        if columns.hasRoute { conditions.append("route = ?2") }
        let statuses = columns.hasStatus ? ["?3"] : ExecutionMetadata.Status.allCases.map { "\($0.rawValue)" }
        let selects = statuses.map { status in
            let all = conditions + ["status = \(status)"]
            return "SELECT started, n FROM exec WHERE \(all.joined(separator: " AND "))"
        }
        return selects.joined(separator: " UNION ALL ") + " ORDER BY started DESC, n DESC LIMIT ?6"
    }
}
