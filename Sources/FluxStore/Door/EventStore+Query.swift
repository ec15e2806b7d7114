public import FluxFormat
import FluxIndex

extension EventStore {
    /// Rows of the most executions that one page may have.
    public static let pageLimitMax = 10_000

    /// Entries of the index that a page looks at by default, at most.
    public static let examinedCountMax = 100_000

    /// The executions that a query asks for, in order.
    ///
    /// Sees every append that returned before, or throws where the index cannot take one. A query of the documented set
    /// (<doc:Queries>) looks at entries of the index in proportion to the page; any other at `examinedMax` of them at
    /// most, about, and at one at least. It then returns fewer rows than the limit, even none, and a token that goes on
    /// there. Throws `foreignToken` for a token of another store, query or order.
    public func executions(
        matching query: ExecutionQuery = ExecutionQuery(), order: ExecutionOrder = .newestFirst, limit: Int = 50,
        after token: PageToken? = nil, examinedMax: Int = EventStore.examinedCountMax
    ) throws(StoreError) -> ExecutionPage {
        let limit = min(max(limit, 1), Self.pageLimitMax)
        let request = PageRequest(
            query: query, order: order, limit: limit, examinedMax: min(max(examinedMax, 1), .max / 2))
        return try view.page(request, after: token)
    }

    /// One execution, or `nil` where there is none of the id. O(log executions).
    public func execution(_ id: ExecutionID) throws(StoreError) -> ExecutionSummary? {
        try view.execution(of: id)?.summary
    }

    /// The one execution whose id begins with the digits.
    ///
    /// Throws `noExecution` where there is none, and `ambiguous` with some of the ids where there are several.
    public func execution(startingWith prefix: ExecutionIDPrefix) throws(StoreError) -> ExecutionSummary {
        let ids = try view.ids(matching: prefix, limit: 4)
        guard let id = ids.first, let summary = try execution(id) else {
            throw StoreError(.noExecution, "\(path): no execution has an id that begins so")
        }
        guard ids.count == 1 else {
            let some = ids.map(\.description).joined(separator: ", ")
            throw StoreError(.ambiguous, "several executions begin so (\(some)…); give more digits")
        }
        return summary
    }
}
