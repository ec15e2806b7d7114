import FluxFormat

/// A range of a table of entries: executions in the order of lists.
enum ListRange: Equatable {
    case all
    case facet(Int64)
    /// The executions of a facet that have a tag of a key.
    case facetOfTag(Int64, key: Int64)
    /// `isWhole`: every duration of the class matches.
    case durationClass(Int64, isWhole: Bool)
    case errorFingerprint(Int64)
    case requestID(String)
    case traceID(String)
    case tag(StoredTag)
    case tagKey(Int64)

    /// The table, and what its keys begin with: ?1 and ?2 are the ``values``.
    private var words: (table: EntryTable, condition: String) {
        switch self {
        case .all: (.start, "")
        case .facet: (.facet, "e.facet = ?1 AND ")
        case .facetOfTag: (.tagFacet, "e.k = ?2 AND e.facet = ?1 AND ")
        case .durationClass: (.duration, "e.class = ?1 AND ")
        case .errorFingerprint: (.errorFingerprint, "e.fp = ?1 AND ")
        case .requestID: (.requestID, "e.request_id = ?1 AND ")
        case .traceID: (.traceID, "e.trace_id = ?1 AND ")
        case .tag: (.tag, "e.k = ?1 AND e.v = ?2 AND ")
        case .tagKey: (.tagKey, "e.k = ?1 AND ")
        }
    }

    /// ?1 and ?2.
    var values: [SQLiteValue] {
        switch self {
        case .all: [.null, .null]
        case .facet(let number), .errorFingerprint(let number), .tagKey(let number): [.integer(number), .null]
        case .facetOfTag(let number, let key): [.integer(number), .integer(key)]
        case .durationClass(let number, _): [.integer(number), .null]
        case .requestID(let text), .traceID(let text): [.text(text), .null]
        case .tag(let tag): [.integer(tag.key), .text(tag.value)]
        }
    }

    /// The statement for what a ``ListSpan`` has of the range: ?3 to ?5 are its start, its number and its last start, ?6 is
    /// the limit, ?7 the value of a tag.
    func statement(_ order: ExecutionOrder, reading columns: EntryColumns) -> String {
        let (behind, upTo, direction) = order == .newestFirst ? ("<", ">=", "DESC") : (">", "<=", "ASC")
        return """
            SELECT \(columns.text) FROM \(words.table.rawValue) e \
            WHERE \(words.condition)(e.started, e.n) \(behind) (?3, ?4) AND e.started \(upTo) ?5 \
            ORDER BY e.started \(direction), e.n \(direction) LIMIT ?6
            """
    }

    /// The statement for all entries of a range of starts, in any order: ?3 and ?4 are its ends, ?7 is the value of a tag.
    func entriesStatement(reading columns: EntryColumns) -> String {
        "SELECT \(columns.text) FROM \(words.table.rawValue) e "
            + "WHERE \(words.condition)e.started BETWEEN ?3 AND ?4"
    }

    /// The first values of ``entriesStatement(reading:)``.
    func values(in starts: ClosedRange<UInt64>) -> [SQLiteValue] {
        values + [StartKey.stored(starts.lowerBound), StartKey.stored(starts.upperBound)]
    }

    /// The facet of all its executions, where they have one in common.
    var facet: Int64? {
        switch self {
        case .facet(let number), .facetOfTag(let number, _): number
        default: nil
        }
    }
}
