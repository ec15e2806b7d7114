package import FluxFormat

extension MetadataIndex {
    /// The executions that match, in order, at most `limit` of them and of ``IndexLimit/pageRowCountMax``.
    ///
    /// Stops behind `examinedMax` entries, with what was found so far and a token. Executions that are applied between
    /// two pages neither repeat nor hide others. Throws ``IndexError/foreignToken(_:)`` for a token of another
    /// store, query or order.
    package func page(
        matching query: ExecutionQuery, order: ExecutionOrder = .newestFirst, limit: Int, after token: PageToken?,
        examinedMax: Int = .max
    ) throws(IndexError) -> ExecutionPage {
        precondition(limit > 0, "a page of \(limit) rows")
        let page = try rows(
            matching: query, order: order, limit: limit, after: try place(token, query, order), examinedMax: examinedMax
        )
        return ExecutionPage(
            executions: page.rows, nextPageToken: page.end.map { self.token(behind: $0, query, order) },
            examinedCount: page.examinedCount)
    }

    /// The rows of a page, and the place that the next one begins behind; `nil` at the end.
    package func rows(
        matching query: ExecutionQuery, order: ExecutionOrder, limit: Int, after place: ListPlace?, examinedMax: Int
    ) throws(IndexError) -> (rows: [ExecutionSummary], end: ListPlace?, examinedCount: Int) {
        let limit = min(limit, IndexLimit.pageRowCountMax)
        return try database.transaction(.read) { () throws(IndexError) in
            guard let plan = try ListPlan(query, in: self) else { return ([], nil, 0) }
            // One more tells whether there is a next page.
            let search = ListSearch(plan: plan, order: order, place: place, limit: limit + 1)
            let finding = try search.run(in: self, examinedMax: examinedMax)
            let rows = try summaries(at: finding.places.prefix(limit))
            let end =
                finding.isComplete
                ? (finding.places.count > limit ? rows.last?.place : nil)
                : (finding.places.count >= limit ? rows.last?.place : finding.end)
            return (rows, end, finding.examinedCount)
        }
    }

    /// The token that asks for the rows behind a place.
    package func token(behind place: ListPlace, _ query: ExecutionQuery, _ order: ExecutionOrder) -> PageToken {
        PageToken(order: order, storeID: store.high, queryDigest: query.digest, place: place)
    }

    /// The place behind which a token asks for rows; throws ``IndexError/foreignToken(_:)`` for a token of another
    /// store, query or order.
    package func place(
        _ token: PageToken?, _ query: ExecutionQuery, _ order: ExecutionOrder
    ) throws(IndexError) -> ListPlace? {
        guard let token else { return nil }
        guard token.storeID == store.high else { throw .foreignToken(.otherStore) }
        guard token.queryDigest == query.digest else { throw .foreignToken(.otherQuery) }
        guard token.order == order else { throw .foreignToken(.otherOrder) }
        return token.place
    }

    /// The rows at places that an index names.
    func summaries(at places: some Collection<ListPlace>) throws(IndexError) -> [ExecutionSummary] {
        let statement = try database.statement(ExecutionRow.byNumberStatement)
        var summaries: [ExecutionSummary] = []
        summaries.reserveCapacity(places.count)
        for place in places {
            let number = Int64(bitPattern: place.firstFrameSequence)
            let summary = try statement.firstRow([.integer(number)]) { row throws(IndexError) in
                try executionRow(reading: &row).summary
            }
            guard let summary, summary.place == place else {
                throw .corrupt(
                    path: database.path, reason: "an index names \(place.firstFrameSequence), which is not there")
            }
            summaries.append(summary)
        }
        return summaries
    }
}
