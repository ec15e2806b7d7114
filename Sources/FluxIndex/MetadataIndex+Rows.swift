import FluxFormat

/// Metadata as columns, with texts by their numbers.
extension MetadataIndex {
    static let metadataColumns = """
        app, name, source, route, status, started, duration, fp, events, interactions, kinds, \
        request_id, trace_id, sdk
        """
    static let metadataUpdateStatement =
        "UPDATE exec SET (\(metadataColumns)) = (\(places(2...15))) WHERE n = ?1"

    /// The values of ``metadataColumns``. Inside of a transaction that writes.
    func values(of metadata: ExecutionMetadata) throws(IndexError) -> [SQLiteValue] {
        [
            .integer(try makeNumber(of: metadata.app, kind: .app)),
            .integer(try makeNumber(of: metadata.name, kind: .name)),
            .integer(try makeNumber(of: metadata.source, kind: .source)),
            .integer(try makeNumber(of: metadata.route, kind: .route)),
            .number(metadata.status.rawValue),
            StartKey.stored(metadata.startedAt ?? 0),
            .bits(metadata.durationNanoseconds),
            try optionalNumber(of: metadata.errorFingerprint, kind: .errorFingerprint),
            .bits(metadata.eventCount),
            .bits(metadata.interactionCount),
            KindCountBytes.encoded(metadata.kindCounts).map { .blob($0) } ?? .null,
            .text(metadata.requestID),
            .text(metadata.traceID),
            try optionalNumber(of: metadata.sdkVersion, kind: .sdkVersion),
        ]
    }

    private func optionalNumber(of text: String?, kind: TextKind) throws(IndexError) -> SQLiteValue {
        guard let text else { return .null }
        return .integer(try makeNumber(of: text, kind: kind))
    }

    /// Reads ``metadataColumns``. Whether there is a start is for the caller to say, who reads the state
    /// behind them.
    private func metadata(reading row: inout SQLiteRow) throws(IndexError) -> ExecutionMetadata {
        let app = try text(row.integer())
        let name = try text(row.integer())
        let source = try text(row.integer())
        let route = try text(row.integer())
        let status: UInt8 = try row.number()
        guard let status = ExecutionMetadata.Status(rawValue: status) else {
            throw row.damage("status \(status)")
        }
        var metadata = ExecutionMetadata(app: app, name: name, source: source, route: route, status: status)
        metadata.startedAt = StartKey.start(try row.integer())
        metadata.durationNanoseconds = try row.optional { row throws(IndexError) in try row.bits() }
        metadata.errorFingerprint = try row.optional { row throws(IndexError) in try text(row.integer()) }
        metadata.eventCount = try row.bits()
        metadata.interactionCount = try row.bits()
        if let bytes = try row.optional({ row throws(IndexError) in try row.blob() }) {
            guard let counts = KindCountBytes.decoded(bytes) else { throw row.damage("counts of kinds") }
            metadata.kindCounts = counts
        }
        metadata.requestID = try row.optional { row throws(IndexError) in try row.text() }
        metadata.traceID = try row.optional { row throws(IndexError) in try row.text() }
        metadata.sdkVersion = try row.optional { row throws(IndexError) in try text(row.integer()) }
        return metadata
    }

    /// Reads ``ExecutionRow/columns``.
    func executionRow(reading row: inout SQLiteRow) throws(IndexError) -> ExecutionRow {
        let number = try row.integer()
        let id = try ExecutionID(reading: &row)
        let tenantID: UInt32 = try row.number()
        var metadata = try metadata(reading: &row)
        let progress = try RowProgress(reading: &row)
        if !progress.state.contains(.hasStart) { metadata.startedAt = nil }
        return ExecutionRow(
            number: number, id: id, tenantID: tenantID, metadata: metadata, progress: progress,
            firstFrame: try FrameLocation(reading: &row))
    }

    /// The row of lists, with the tags.
    func summary(of row: ExecutionRow) throws(IndexError) -> ExecutionSummary {
        var metadata = row.metadata
        let statement = try database.statement("SELECT k, v FROM tag WHERE n = ?1")
        try statement.forEachRow([.integer(row.number)]) { row throws(IndexError) in
            metadata.tags[try text(row.integer())] = try row.text()
        }
        return ExecutionSummary(
            id: row.id, metadata: metadata, nextEvent: row.progress.nextEvent,
            rawByteCount: row.progress.rawByteCount, storedByteCount: row.progress.storedByteCount,
            firstFrameSequence: UInt64(bitPattern: row.number))
    }

    /// All frames of a row, in order.
    func frames(of row: ExecutionRow) throws(IndexError) -> [FrameLocation] {
        guard row.progress.frameCount > 1 else { return [row.firstFrame] }
        let statement = try database.statement(
            "SELECT \(FrameLocation.columns) FROM frame WHERE n = ?1 ORDER BY ord")
        let others = try statement.rows([.integer(row.number)]) { row throws(IndexError) in
            try FrameLocation(reading: &row)
        }
        guard Int64(others.count) == row.progress.frameCount &- 1 else {
            throw .corrupt(
                path: database.path,
                reason: "\(row.id) has \(row.progress.frameCount) frames, \(others.count + 1) are there")
        }
        return [row.firstFrame] + others
    }
}
