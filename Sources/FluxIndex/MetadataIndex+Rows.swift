import FluxFormat

/// Rows as they are read.
extension MetadataIndex {
    /// Reads ``MetadataValues/columns``, and the tenant. Whether there is a start is for the caller to say, who
    /// reads the state behind them.
    private func metadata(
        reading row: inout SQLiteRow
    ) throws(IndexError) -> (metadata: ExecutionMetadata, tenantID: UInt32) {
        let shared = try shared(byFacet: row.integer())
        var metadata = shared.metadata
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
        if let tags = try row.optional({ row throws(IndexError) in try StoredTag.all(reading: &row) }) {
            metadata.tags.reserveCapacity(tags.count)
            for tag in tags { metadata.tags[try text(tag.key)] = tag.value }
        }
        return (metadata, shared.tenantID)
    }

    /// Reads ``ExecutionRow/columns``.
    func executionRow(reading row: inout SQLiteRow) throws(IndexError) -> ExecutionRow {
        let number = try row.integer()
        let id = try ExecutionID(reading: &row)
        var (metadata, tenantID) = try metadata(reading: &row)
        let progress = try RowProgress(reading: &row)
        if !progress.state.contains(.hasStart) { metadata.startedAt = nil }
        return ExecutionRow(
            number: number, id: id, tenantID: tenantID, metadata: metadata, progress: progress,
            firstFrame: try FrameLocation(reading: &row))
    }

    /// All that is known of the execution of a row.
    func execution(of row: ExecutionRow) throws(IndexError) -> IndexedExecution {
        IndexedExecution(
            summary: row.summary, tenantID: row.tenantID, isFinished: row.progress.state.contains(.isFinished),
            frames: try frames(of: row))
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

extension ExecutionRow {
    /// The row of lists.
    var summary: ExecutionSummary {
        ExecutionSummary(
            id: id, metadata: metadata, nextEvent: progress.nextEvent, rawByteCount: progress.rawByteCount,
            storedByteCount: progress.storedByteCount, firstFrameSequence: UInt64(bitPattern: number))
    }
}
