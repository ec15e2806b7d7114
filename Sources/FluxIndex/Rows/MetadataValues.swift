import FluxFormat

/// Metadata as the columns of `exec`, with texts by their numbers.
struct MetadataValues {
    let facet: Int64
    /// The start; 0 where there is none.
    let start: UInt64
    let tags: [StoredTag]
    /// The values of ``columns``.
    let values: [SQLiteValue]

    static let columns = """
        facet, started, duration, duration_class, fp, events, interactions, kinds, request_id, trace_id, tags
        """
    static let updateStatement = "UPDATE exec SET (\(columns)) = (\(places(2...12))) WHERE n = ?1"

    /// Gives numbers to texts that have none. Inside of a transaction that writes.
    init(of metadata: ExecutionMetadata, tenantID: UInt32, in index: MetadataIndex) throws(IndexError) {
        facet = try index.makeFacet(of: metadata, tenantID: tenantID)
        start = metadata.startedAt ?? 0
        var tags: [StoredTag] = []
        // In one order, so that a rebuild gives texts the same numbers.
        for (key, value) in metadata.tags.sorted(by: { $0.key < $1.key }) {
            tags.append(StoredTag(key: try index.makeNumber(of: key, kind: .tagKey), value: value))
        }
        self.tags = tags
        var fingerprint = SQLiteValue.null
        if let text = metadata.errorFingerprint {
            fingerprint = .integer(try index.makeNumber(of: text, kind: .errorFingerprint))
        }
        values = [
            .integer(facet), StartKey.stored(start), .bits(metadata.durationNanoseconds),
            metadata.durationNanoseconds.map { .integer(DurationClass.number($0)) } ?? .null, fingerprint,
            .bits(metadata.eventCount), .bits(metadata.interactionCount),
            KindCountBytes.encoded(metadata.kindCounts).map { .blob($0) } ?? .null,
            .text(metadata.requestID), .text(metadata.traceID), TagBytes.encoded(tags).map { .blob($0) } ?? .null,
        ]
    }
}

extension StoredTag {
    /// Reads the column `tags`, which is not NULL.
    static func all(reading row: inout SQLiteRow) throws(IndexError) -> [StoredTag] {
        guard let tags = TagBytes.decoded(try row.blob()) else { throw row.damage("tags") }
        return tags
    }
}
