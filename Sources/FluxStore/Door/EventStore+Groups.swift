public import FluxFormat
import FluxIndex

/// Counts: each sees every append that returned before, for which it waits until the index holds it.
extension EventStore {
    /// The number of executions that a query asks for.
    ///
    /// Takes time in proportion to the executions that meet one of the conditions: about a tenth of a microsecond each
    /// where app, route, name, source, status, SDK version, tenant and start are all that is asked for, else some
    /// microseconds.
    public func count(matching query: ExecutionQuery = ExecutionQuery()) async throws(StoreError) -> UInt64 {
        try settledIndex.read { (index) throws(IndexError) in try index.count(matching: query) }
    }

    /// The executions that a query asks for in groups, as a list of issues: the first `limit` groups, at least one.
    ///
    /// Takes the time of ``count(matching:)``, and some microseconds for each group that is returned. Groups by
    /// fingerprint read executions with a fingerprint alone.
    public func groups(
        by grouping: ExecutionGrouping, matching query: ExecutionQuery = ExecutionQuery(),
        order: ExecutionGroupOrder = .count, limit: Int = 50
    ) async throws(StoreError) -> ExecutionGroups {
        try settledIndex.read { (index) throws(IndexError) in
            try index.groups(by: grouping, matching: query, order: order, limit: limit)
        }
    }

    /// The executions that a query asks for by their starts, in `bucketCount` pieces of the same length.
    ///
    /// `from` and `to` are nanoseconds since 1970, the latter not part of the range; without them the range is that of
    /// the executions that match. Executions without a time are left out. There can be fewer buckets where the range has
    /// fewer nanoseconds. Takes the time of ``count(matching:)`` twice. Throws `invalid` for more than 10,000 buckets.
    public func histogram(
        matching query: ExecutionQuery = ExecutionQuery(), from: UInt64? = nil, to: UInt64? = nil,
        bucketCount: Int = 60
    ) async throws(StoreError) -> ExecutionHistogram {
        try histogram(query, from, to, .count(bucketCount))
    }

    /// The same in pieces of so many nanoseconds, from the start of the range; the last may reach over its end.
    public func histogram(
        matching query: ExecutionQuery = ExecutionQuery(), from: UInt64? = nil, to: UInt64? = nil,
        bucketNanoseconds: UInt64
    ) async throws(StoreError) -> ExecutionHistogram {
        try histogram(query, from, to, .nanoseconds(bucketNanoseconds))
    }

    private func histogram(
        _ query: ExecutionQuery, _ from: UInt64?, _ to: UInt64?, _ buckets: HistogramBuckets
    ) throws(StoreError) -> ExecutionHistogram {
        try settledIndex.read { (index) throws(IndexError) in
            try index.histogram(matching: query, from: from, to: to, buckets: buckets)
        }
    }
}
