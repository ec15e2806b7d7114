public import FluxFormat
import FluxIndex

extension EventStore {
    /// Rows of the most executions that one page may have.
    public static let pageLimitMax = 10_000

    /// The executions that a query asks for, newest start first.
    ///
    /// Sees every append that returned before, or throws where the index cannot take one. O(rows of the page): every documented query has an index to walk.
    public func executions(
        matching query: ExecutionQuery = ExecutionQuery(), limit: Int = 50, after token: PageToken? = nil
    ) throws(StoreError) -> ExecutionPage {
        let limit = min(max(limit, 1), Self.pageLimitMax)
        return try view.page(matching: query, limit: limit, after: token)
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
