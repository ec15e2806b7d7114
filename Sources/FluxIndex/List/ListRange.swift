import FluxFormat

/// A range of an index in which executions lie in the order of lists.
enum ListRange: Equatable {
    case all
    case facet(Int64)
    /// `isWhole`: every duration of the class matches.
    case durationClass(Int64, isWhole: Bool)
    case errorFingerprint(Int64)
    case requestID(String)
    case traceID(String)
    case tag(StoredTag)
    case tagKey(Int64)

    /// Whether the index has the facet, or it is read in the row.
    var hasFacet: Bool {
        switch self {
        case .all, .requestID, .traceID: false
        case .facet, .durationClass, .errorFingerprint, .tag, .tagKey: true
        }
    }

    /// What is read of an execution.
    struct Entry: Equatable {
        var place: ListPlace
        var facet: Int64
    }

    /// The index, and what it begins with: ?1 and ?2 are the ``values``.
    private var words: (source: String, condition: String) {
        switch self {
        case .all: ("exec INDEXED BY exec_started", "")
        case .facet: ("exec INDEXED BY exec_facet", "facet = ?1 AND ")
        case .durationClass: ("exec INDEXED BY exec_duration", "duration_class = ?1 AND ")
        case .errorFingerprint: ("exec INDEXED BY exec_fp", "fp = ?1 AND ")
        case .requestID: ("exec INDEXED BY exec_request", "request_id = ?1 AND ")
        case .traceID: ("exec INDEXED BY exec_trace", "trace_id = ?1 AND ")
        case .tag: ("tag", "k = ?1 AND v = ?2 AND ")
        case .tagKey: ("tag_key", "k = ?1 AND ")
        }
    }

    /// ?1 and ?2.
    var values: [SQLiteValue] {
        switch self {
        case .all: [.null, .null]
        case .facet(let number), .errorFingerprint(let number), .tagKey(let number): [.integer(number), .null]
        case .durationClass(let number, _): [.integer(number), .null]
        case .requestID(let text), .traceID(let text): [.text(text), .null]
        case .tag(let tag): [.integer(tag.key), .text(tag.value)]
        }
    }

    /// The statement for a range of starts: ?3 and ?4 are its ends, ?5 the limit.
    func startsStatement(_ order: ExecutionOrder, readsFacet: Bool) -> String {
        statement("started BETWEEN ?3 AND ?4", order, readsFacet: readsFacet)
    }

    /// The statement for ties: ?3 is the start, ?4 the number, ?5 the limit.
    func tiesStatement(_ order: ExecutionOrder, readsFacet: Bool) -> String {
        statement("started = ?3 AND n \(order == .newestFirst ? "<" : ">") ?4", order, readsFacet: readsFacet)
    }

    /// The facet of some ranges stands only in the row, and is read where it is asked for.
    private func statement(_ range: String, _ order: ExecutionOrder, readsFacet: Bool) -> String {
        let direction = order == .newestFirst ? "DESC" : "ASC"
        return """
            SELECT started, n\(readsFacet ? ", facet" : "") FROM \(words.source) WHERE \(words.condition)\(range) \
            ORDER BY started \(direction), n \(direction) LIMIT ?5
            """
    }

    /// The statement for all entries of a range of starts, in any order: ?3 and ?4 are its ends.
    func entriesStatement(readsFacet: Bool) -> String {
        "SELECT started, n\(readsFacet ? ", facet" : "") FROM \(words.source) "
            + "WHERE \(words.condition)started BETWEEN ?3 AND ?4"
    }

    /// The values of ``entriesStatement(readsFacet:)``.
    func values(in starts: ClosedRange<UInt64>) -> [SQLiteValue] {
        values + [StartKey.stored(starts.lowerBound), StartKey.stored(starts.upperBound)]
    }
}

extension ListRange.Entry {
    /// Reads what the statements of ``ListRange`` select. Without a facet it is 0.
    init(reading row: inout SQLiteRow, readsFacet: Bool) throws(IndexError) {
        place = ListPlace(startedAt: StartKey.start(try row.integer()), firstFrameSequence: try row.bits())
        facet = readsFacet ? try row.integer() : 0
    }
}
