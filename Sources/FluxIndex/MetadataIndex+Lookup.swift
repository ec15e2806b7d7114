package import FluxFormat

extension MetadataIndex {
    /// The row of an execution; `nil` when there is none.
    package func summary(of id: ExecutionID) throws(IndexError) -> ExecutionSummary? {
        try row(of: id)?.summary
    }

    /// The ids that start with the prefix, ascending, at most `limit` of them.
    package func ids(matching prefix: ExecutionIDPrefix, limit: Int) throws(IndexError) -> [ExecutionID] {
        let values: [SQLiteValue] = [
            .blob(prefix.first.bytes), .blob(prefix.last.bytes), .number(max(limit, 0)),
        ]
        return try database.statement("SELECT id FROM exec WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3")
            .rows(values) { row throws(IndexError) in try ExecutionID(reading: &row) }
    }

    /// Where the frames of an execution lie, in order; empty when there is no such execution.
    package func frames(of id: ExecutionID) throws(IndexError) -> [FrameLocation] {
        try database.transaction(.read) { () throws(IndexError) in
            guard let row = try row(of: id) else { return [] }
            return try frames(of: row)
        }
    }

    /// How far an execution has come; `nil` when there is no such execution.
    package func progress(of id: ExecutionID) throws(IndexError) -> ExecutionProgress? {
        try database.transaction(.read) { () throws(IndexError) in
            let statement = try database.statement(
                "SELECT n, \(RowProgress.columns), \(FrameLocation.columns) FROM exec WHERE id = ?1")
            let found = try statement.firstRow([.blob(id.bytes)]) { row throws(IndexError) in
                (
                    number: try row.integer(), progress: try RowProgress(reading: &row),
                    firstFrame: try FrameLocation(reading: &row)
                )
            }
            guard let found else { return nil }
            let last = try lastFrame(of: found.number) ?? found.firstFrame
            return ExecutionProgress(
                nextEvent: found.progress.nextEvent, isFinished: found.progress.state.contains(.isFinished),
                lastFrame: last.position)
        }
    }

    /// The greatest id of all; `nil` where there is none. O(log executions).
    package func greatestID() throws(IndexError) -> ExecutionID? {
        let statement = try database.statement("SELECT id FROM exec ORDER BY id DESC LIMIT 1")
        return try statement.firstRow([]) { row throws(IndexError) in try ExecutionID(reading: &row) }
    }

    /// All that is known of the executions whose first frame comes behind a sequence, in the order of their
    /// first frames, at most `limit` of them; from the first when `sequence` is `nil`.
    ///
    /// The last one's `firstFrameSequence` asks for those behind it.
    package func allSummaries(afterN sequence: UInt64?, limit: Int) throws(IndexError) -> [IndexedExecution] {
        try database.transaction(.read) { () throws(IndexError) in
            let comparison = sequence == nil ? "n >= ?1" : "n > ?1"
            let first = sequence.map { Int64(bitPattern: $0) } ?? .min
            let statement = try database.statement(
                "SELECT \(ExecutionRow.columns) FROM exec WHERE \(comparison) ORDER BY n LIMIT ?2")
            return try statement.rows([.integer(first), .number(max(limit, 0))]) { row throws(IndexError) in
                try execution(of: executionRow(reading: &row))
            }
        }
    }

    /// Adds up all executions. Takes time in proportion to their number.
    package func totals() throws(IndexError) -> StoreTotals {
        let statement = try database.statement(
            "SELECT interactions, next_event, raw_bytes, stored_bytes FROM exec")
        var totals = StoreTotals()
        try statement.forEachRow([]) { row throws(IndexError) in
            totals.add(
                StoreTotals(
                    executions: 1, interactions: try row.bits(), events: try row.bits(), rawBytes: try row.bits(),
                    storedBytes: try row.bits()))
        }
        return totals
    }

    /// Adds up the executions of each app. Takes time in proportion to the number of all.
    package func totalsByApp() throws(IndexError) -> [(app: String, totals: StoreTotals)] {
        try database.transaction(.read) { () throws(IndexError) in
            let statement = try database.statement(
                "SELECT facet, interactions, next_event, raw_bytes, stored_bytes FROM exec")
            var byFacet: [Int64: StoreTotals] = [:]
            try statement.forEachRow([]) { row throws(IndexError) in
                let facet = try row.integer()
                byFacet[facet, default: StoreTotals()].add(
                    StoreTotals(
                        executions: 1, interactions: try row.bits(), events: try row.bits(), rawBytes: try row.bits(),
                        storedBytes: try row.bits()))
            }
            var byApp: [Int64: StoreTotals] = [:]
            for (facet, totals) in byFacet { byApp[try self.facet(facet).app, default: StoreTotals()].add(totals) }
            var named: [(app: String, totals: StoreTotals)] = []
            for (app, totals) in byApp { named.append((try text(app), totals)) }
            return named
        }
    }

    /// Adds up the stored bytes of each tenant. Takes time in proportion to the number of executions.
    package func storedByteCountsByTenant() throws(IndexError) -> [UInt32: UInt64] {
        try database.transaction(.read) { () throws(IndexError) in
            var byFacet: [Int64: UInt64] = [:]
            let statement = try database.statement("SELECT facet, stored_bytes FROM exec")
            try statement.forEachRow([]) { row throws(IndexError) in
                byFacet[try row.integer(), default: 0] &+= try row.bits()
            }
            var byTenant: [UInt32: UInt64] = [:]
            for (facet, byteCount) in byFacet { byTenant[try self.facet(facet).tenantID, default: 0] &+= byteCount }
            return byTenant
        }
    }
}

extension MetadataIndex {
    /// The row of an execution by its number.
    func row(number: Int64) throws(IndexError) -> ExecutionRow? {
        try database.statement(ExecutionRow.byNumberStatement)
            .firstRow([.integer(number)]) { row throws(IndexError) in try executionRow(reading: &row) }
    }

    func row(of id: ExecutionID) throws(IndexError) -> ExecutionRow? {
        try database.statement("SELECT \(ExecutionRow.columns) FROM exec WHERE id = ?1")
            .firstRow([.blob(id.bytes)]) { row throws(IndexError) in try executionRow(reading: &row) }
    }

    private func lastFrame(of number: Int64) throws(IndexError) -> FrameLocation? {
        try database.statement(
            "SELECT \(FrameLocation.columns) FROM frame WHERE n = ?1 ORDER BY ord DESC LIMIT 1"
        )
        .firstRow([.integer(number)]) { row throws(IndexError) in try FrameLocation(reading: &row) }
    }
}
