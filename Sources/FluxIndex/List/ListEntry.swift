import FluxFormat

/// What is read of an execution in a range. What is not asked for is 0 or `nil`.
struct ListEntry: Equatable {
    var place: ListPlace
    var facet: Int64 = 0
    var duration: UInt64?
    var errorFingerprint: Int64?
    /// Whether its tag has the value that was asked for.
    var hasValue = true
}

/// What is read of each entry of a range, besides its place.
struct EntryColumns: Equatable {
    /// The facet; of the entries by facet it is known.
    var facet = false
    /// The duration, which the entries by facet have.
    var duration = false
    /// The fingerprint, which the entries by facet have.
    var errorFingerprint = false
    /// The value of the tag, which the entries by tag and facet have; what is read is whether it is this one.
    var value: String?

    /// The columns of a statement; ?7 is the ``value``.
    var text: String {
        var columns = ["e.started", "e.n"]
        if facet { columns.append("e.facet") }
        if duration { columns.append("e.duration") }
        if errorFingerprint { columns.append("e.fp") }
        if value != nil { columns.append("e.v = ?7") }
        return columns.joined(separator: ", ")
    }
}

extension ListEntry {
    /// Reads ``EntryColumns/text``.
    init(reading row: inout SQLiteRow, _ columns: EntryColumns) throws(IndexError) {
        place = ListPlace(startedAt: StartKey.start(try row.integer()), firstFrameSequence: try row.bits())
        if columns.facet { facet = try row.integer() }
        if columns.duration { duration = try row.optional { row throws(IndexError) in try row.bits() } }
        if columns.errorFingerprint {
            errorFingerprint = try row.optional { row throws(IndexError) in try row.integer() }
        }
        if columns.value != nil { hasValue = try row.integer() != 0 }
    }
}
