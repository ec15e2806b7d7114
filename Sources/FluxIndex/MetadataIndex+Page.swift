package import FluxFormat

extension MetadataIndex {
    /// The executions that match, newest start first, at most `limit` of them and of
    /// ``IndexLimit/pageRowCountMax``; among equal starts, last stored first. Executions without a time come
    /// last.
    ///
    /// Reads a number of rows in proportion to the page, whatever the conditions. Executions that are applied
    /// between two pages neither repeat nor hide others. Throws ``IndexError/foreignToken`` for a token of
    /// another store.
    package func page(
        matching query: ExecutionQuery, limit: Int, after token: PageToken?
    ) throws(IndexError) -> ExecutionPage {
        precondition(limit > 0, "a page of \(limit) rows")
        if let token, token.storeID != store.high { throw .foreignToken }
        let limit = min(limit, IndexLimit.pageRowCountMax)
        let plan = ListPlan(query, after: token)
        return try database.transaction(.read) { () throws(IndexError) in
            // One more tells whether there is a next page.
            let numbers = try self.numbers(query, plan, limit: limit + 1)
            var executions: [ExecutionSummary] = []
            var last = token.map { ($0.startedAt, Int64(bitPattern: $0.firstFrameSequence)) }
            for number in numbers.prefix(limit) {
                guard let row = try row(number: number) else {
                    throw .corrupt(
                        path: database.path, reason: "an index names \(number), which is not there")
                }
                // A damaged index could lead in a circle, page after page.
                let place = (row.metadata.startedAt ?? 0, row.number)
                if let last, place >= last {
                    throw .corrupt(path: database.path, reason: "\(row.id) is out of order")
                }
                last = place
                executions.append(try summary(of: row))
            }
            let next = numbers.count > limit ? executions.last.map(token(behind:)) : nil
            return ExecutionPage(executions: executions, nextPageToken: next)
        }
    }

    /// The numbers of the executions of a page, from the indexes alone.
    private func numbers(
        _ query: ExecutionQuery, _ plan: ListPlan, limit: Int
    ) throws(IndexError) -> [Int64] {
        var values: [SQLiteValue] = [.null, .null, .null]
        if let app = query.app {
            guard let number = try number(of: app, kind: .app) else { return [] }
            values[0] = .integer(number)
        }
        if let route = query.route {
            guard let number = try number(of: route, kind: .route) else { return [] }
            values[1] = .integer(number)
        }
        if let status = query.status { values[2] = .number(status.rawValue) }
        let columns = ListPlan.Columns(
            hasApp: query.app != nil, hasRoute: query.route != nil, hasStatus: query.status != nil)
        var numbers: [Int64] = []
        if let ties = plan.ties {
            let range: [SQLiteValue] = [StartKey.stored(ties.start), .integer(ties.before)]
            numbers += try self.numbers(ListPlan.tiesStatement(columns), values + range, limit: limit)
        }
        if let starts = plan.starts, numbers.count < limit {
            let range = [StartKey.stored(starts.lowerBound), StartKey.stored(starts.upperBound)]
            let rest = limit - numbers.count
            numbers += try self.numbers(ListPlan.startsStatement(columns), values + range, limit: rest)
        }
        return numbers
    }

    private func numbers(
        _ statement: String, _ values: [SQLiteValue], limit: Int
    ) throws(IndexError) -> [Int64] {
        try database.statement(statement).rows(values + [.number(limit)]) { row throws(IndexError) in
            _ = try row.integer()
            return try row.integer()
        }
    }
}
