import FluxFormat

/// Metadata as the columns of `exec`, with texts by their numbers.
struct MetadataValues {
    /// What the execution is found by.
    let keys: EntryKeys
    /// The values of ``columns``.
    let values: [SQLiteValue]

    static let columns = """
        facet, started, duration, fp, events, interactions, kinds, request_id, trace_id, tags
        """
    static let updateStatement = "UPDATE exec SET (\(columns)) = (\(places(2...11))) WHERE n = ?1"

    /// Gives numbers to texts that have none. Inside of a transaction that writes.
    init(of metadata: ExecutionMetadata, tenantID: UInt32, in index: MetadataIndex) throws(IndexError) {
        let facet = try index.makeFacet(of: metadata, tenantID: tenantID)
        var tags: [StoredTag] = []
        // In one order, so that a rebuild gives texts the same numbers.
        for (key, value) in metadata.tags.sorted(by: { $0.key < $1.key }) {
            tags.append(StoredTag(key: try index.makeNumber(of: key, kind: .tagKey), value: value))
        }
        var fingerprint: Int64?
        if let text = metadata.errorFingerprint {
            fingerprint = try index.makeNumber(of: text, kind: .errorFingerprint)
        }
        keys = EntryKeys(
            facet: facet, start: metadata.startedAt ?? 0, duration: metadata.durationNanoseconds,
            errorFingerprint: fingerprint, requestID: metadata.requestID, traceID: metadata.traceID, tags: tags)
        values = [
            .integer(facet), StartKey.stored(keys.start), .bits(keys.duration), .integer(fingerprint),
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
