import FluxFormat

/// The conditions of a query that a facet does not answer. What a range of an index answers is left out of them.
struct RowConditions {
    var durations: ConditionRange
    var eventCounts: ConditionRange
    var interactionCounts: ConditionRange
    var errorFingerprint: Int64?
    var requestID: String?
    var traceID: String?
    var tags: [StoredTag] = []
    var tagKeys: [Int64] = []

    /// The conditions of a query; `nil` where it names a text that no execution has.
    init?(_ query: ExecutionQuery, in index: MetadataIndex) throws(IndexError) {
        durations = query.durations
        eventCounts = query.eventCounts
        interactionCounts = query.interactionCounts
        requestID = query.requestID
        traceID = query.traceID
        if let text = query.errorFingerprint {
            errorFingerprint = try index.number(of: text, kind: .errorFingerprint)
            guard errorFingerprint != nil else { return nil }
        }
        for (key, value) in query.tags {
            guard let number = try index.number(of: key, kind: .tagKey) else { return nil }
            tags.append(StoredTag(key: number, value: value))
        }
        for key in query.tagKeys {
            guard let number = try index.number(of: key, kind: .tagKey) else { return nil }
            tagKeys.append(number)
        }
    }

    /// Whether the row of `exec` is needed to decide them all.
    private var needsRow: Bool {
        !durations.isOpen || !eventCounts.isOpen || !interactionCounts.isOpen || errorFingerprint != nil
            || requestID != nil || traceID != nil
    }

    /// What is looked up to decide them all: the row where it is needed, and each tag.
    var lookUpCount: Int { tags.count + tagKeys.count + (needsRow ? 1 : 0) }

    /// The ranges that each answer one of these, those with few executions first; durations are not among them.
    var ranges: [ListRange] {
        [
            requestID.map { .requestID($0) }, traceID.map { .traceID($0) },
            errorFingerprint.map { .errorFingerprint($0) },
        ]
        .compactMap(\.self) + tags.map { .tag($0) } + tagKeys.map { .tagKey($0) }
    }

    /// What a range leaves to be looked at behind its entries.
    func without(_ range: ListRange) -> RowConditions {
        var rest = self
        switch range {
        case .all: break
        case .facet:
            // Its entries have the duration and the fingerprint.
            rest.durations = ConditionRange()
            rest.errorFingerprint = nil
        case .facetOfTag: if tags.isEmpty { rest.tagKeys.removeFirst() } else { rest.tags.removeFirst() }
        case .durationClass(_, let isWhole): if isWhole { rest.durations = ConditionRange() }
        case .errorFingerprint: rest.errorFingerprint = nil
        case .requestID: rest.requestID = nil
        case .traceID: rest.traceID = nil
        case .tag(let tag): rest.tags.removeAll { $0 == tag }
        case .tagKey(let key): rest.tagKeys.removeAll { $0 == key }
        }
        return rest
    }

    /// The range of a facet that answers the most of these.
    func range(ofFacet facet: Int64) -> ListRange {
        guard let key = tags.first?.key ?? tagKeys.first else { return .facet(facet) }
        return .facetOfTag(facet, key: key)
    }

    /// What must be read of the entries of ranges like this one.
    func columns(of range: ListRange, readsFacet: Bool) -> EntryColumns {
        switch range {
        case .facet: EntryColumns(duration: !durations.isOpen, errorFingerprint: errorFingerprint != nil)
        case .facetOfTag: EntryColumns(value: tags.first?.value)
        default: EntryColumns(facet: readsFacet)
        }
    }

    /// Whether an entry, read with ``columns(of:readsFacet:)``, meets what its range does not answer by itself.
    func matches(_ entry: ListEntry, of range: ListRange) -> Bool {
        guard case .facet = range else { return entry.hasValue }
        return durations.matches(entry.duration)
            && (errorFingerprint == nil || errorFingerprint == entry.errorFingerprint)
    }

    static let statement = """
        SELECT duration, fp, events, interactions, request_id = ?2, trace_id = ?3 FROM exec WHERE n = ?1
        """
    static let tagStatement = "SELECT 1 FROM tag WHERE k = ?1 AND v = ?2 AND started = ?3 AND n = ?4"
    static let tagKeyStatement = "SELECT 1 FROM tag_key WHERE k = ?1 AND started = ?2 AND n = ?3"

    /// Whether the execution at a place matches.
    func match(
        _ place: ListPlace, _ statements: RowStatements, in index: MetadataIndex
    ) throws(IndexError) -> Bool {
        if needsRow {
            let values: [SQLiteValue] = [.bits(place.firstFrameSequence), .text(requestID), .text(traceID)]
            let matches = try statements.row.firstRow(values, matches)
            guard let matches else {
                throw .corrupt(
                    path: index.database.path, reason: "an index names \(place.firstFrameSequence), which is not there")
            }
            guard matches else { return false }
        }
        let key: [SQLiteValue] = [StartKey.stored(place.startedAt), .bits(place.firstFrameSequence)]
        for tag in tags {
            let values = [.integer(tag.key), .text(tag.value)] + key
            guard try statements.tag.firstRow(values, Self.one) != nil else { return false }
        }
        for number in tagKeys {
            let values = [.integer(number)] + key
            guard try statements.tagKey.firstRow(values, Self.one) != nil else { return false }
        }
        return true
    }

    /// Reads what ``statement`` selects.
    private func matches(_ row: inout SQLiteRow) throws(IndexError) -> Bool {
        let duration = try row.optional { row throws(IndexError) in try row.bits() }
        let fingerprint = try row.optional { row throws(IndexError) in try row.integer() }
        let eventCount = try row.bits()
        let interactionCount = try row.bits()
        let hasRequestID = try row.optional { row throws(IndexError) in try row.integer() }
        let hasTraceID = try row.optional { row throws(IndexError) in try row.integer() }
        return durations.matches(duration) && (errorFingerprint == nil || errorFingerprint == fingerprint)
            && eventCounts.matches(eventCount) && interactionCounts.matches(interactionCount)
            && (requestID == nil || hasRequestID == 1) && (traceID == nil || hasTraceID == 1)
    }

    /// Reads that there is a row.
    private static func one(_ row: inout SQLiteRow) throws(IndexError) -> Int64 { try row.integer() }
}

/// The statements that look at rows and tags.
struct RowStatements {
    let row: SQLiteStatement
    let tag: SQLiteStatement
    let tagKey: SQLiteStatement

    /// Prepares the statements.
    init(in index: MetadataIndex) throws(IndexError) {
        row = try index.database.statement(RowConditions.statement)
        tag = try index.database.statement(RowConditions.tagStatement)
        tagKey = try index.database.statement(RowConditions.tagKeyStatement)
    }
}
