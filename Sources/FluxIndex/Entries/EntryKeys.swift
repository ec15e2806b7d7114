/// What an execution is found by: what its entries hold.
struct EntryKeys {
    var facet: Int64
    /// The start; 0 where there is none.
    var start: UInt64
    var duration: UInt64?
    var errorFingerprint: Int64?
    var requestID: String?
    var traceID: String?
    var tags: [StoredTag]

    static let columns = "facet, started, duration, fp, request_id, trace_id, tags"
    static let statement = "SELECT \(columns) FROM exec WHERE n = ?1"
}

extension EntryKeys {
    /// Reads ``columns`` of `exec`.
    init(reading row: inout SQLiteRow) throws(IndexError) {
        facet = try row.integer()
        start = StartKey.start(try row.integer())
        duration = try row.optional { row throws(IndexError) in try row.bits() }
        errorFingerprint = try row.optional { row throws(IndexError) in try row.integer() }
        requestID = try row.optional { row throws(IndexError) in try row.text() }
        traceID = try row.optional { row throws(IndexError) in try row.text() }
        tags = try row.optional { row throws(IndexError) in try StoredTag.all(reading: &row) } ?? []
    }

    /// The entries of the execution of a number: what stands before start and number in their keys, and what stands
    /// behind them.
    var entries: [(table: EntryTable, key: [SQLiteValue], rest: [SQLiteValue])] {
        let facet = SQLiteValue.integer(facet)
        let fingerprint = SQLiteValue.integer(errorFingerprint)
        var entries: [(table: EntryTable, key: [SQLiteValue], rest: [SQLiteValue])] = [
            (.start, [], [facet]), (.facet, [facet], [.bits(duration), fingerprint]),
        ]
        if let duration { entries.append((.duration, [.integer(DurationClass.number(duration))], [facet])) }
        if errorFingerprint != nil { entries.append((.errorFingerprint, [fingerprint], [facet])) }
        if let requestID { entries.append((.requestID, [.text(requestID)], [facet])) }
        if let traceID { entries.append((.traceID, [.text(traceID)], [facet])) }
        for tag in tags {
            entries.append((.tag, [.integer(tag.key), .text(tag.value)], [facet]))
            entries.append((.tagKey, [.integer(tag.key)], [facet]))
            entries.append((.tagFacet, [.integer(tag.key), facet], [.text(tag.value)]))
        }
        return entries
    }
}
