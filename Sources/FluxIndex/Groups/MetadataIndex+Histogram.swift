package import FluxFormat

extension MetadataIndex {
    /// The executions that match by their starts, from `first` to before `end`; from the first start of those that
    /// match, and to the last, where these are `nil`.
    ///
    /// Time in proportion to the executions that meet one of the conditions. Throws
    /// ``IndexError/tooManyBuckets(_:)`` for more than ``IndexLimit/bucketCountMax``.
    package func histogram(
        matching query: ExecutionQuery, from first: UInt64?, to end: UInt64?, buckets: HistogramBuckets
    ) throws(IndexError) -> ExecutionHistogram {
        try database.transaction(.read) { () throws(IndexError) in
            var query = query
            query.startedAtFirst = max(query.startedAtFirst ?? 1, first ?? 1)
            if let end { query.startedAtEnd = min(query.startedAtEnd ?? .max, end) }
            guard let plan = try ListPlan(query, in: self) else { return buckets.none }
            let pass = TallyPass(plan: plan, index: self)
            var bounds = (first: first, last: end.map { $0 &- 1 })
            if first == nil || end == nil {
                var total = Tally()
                for tally in try pass.byFacet().values { total.add(tally) }
                bounds = (first ?? total.first, end.map { $0 &- 1 } ?? total.last)
            }
            guard let start = bounds.first, let last = bounds.last, start <= last else { return buckets.none }
            let layout = buckets.layout(start...last)
            guard layout.count <= IndexLimit.bucketCountMax else { throw .tooManyBuckets(layout.count) }
            return try histogram(pass, from: start, width: layout.width, count: Int(layout.count))
        }
    }

    private func histogram(
        _ pass: TallyPass, from start: UInt64, width: UInt64, count: Int
    ) throws(IndexError) -> ExecutionHistogram {
        let statuses = ExecutionMetadata.Status.allCases
        // Of each bucket a place for each status.
        var counts = [UInt64](repeating: 0, count: count * statuses.count)
        var status: (facet: Int64, index: Int) = (0, 0)
        try pass.forEachStart { startedAt, number throws(IndexError) in
            guard startedAt >= start else { return }
            if status.facet != number { status = (number, Int(try facet(number).status.rawValue)) }
            let bucket = Int((startedAt - start) / width)
            if bucket < count { counts[bucket * statuses.count + status.index] += 1 }
        }
        let buckets = (0..<count).map { bucket in
            var found: [ExecutionMetadata.Status: UInt64] = [:]
            for status in statuses {
                let counted = counts[bucket * statuses.count + Int(status.rawValue)]
                if counted > 0 { found[status] = counted }
            }
            return ExecutionHistogram.Bucket(start: start + UInt64(bucket) * width, counts: found)
        }
        return ExecutionHistogram(bucketNanoseconds: width, buckets: buckets)
    }
}

/// How a stretch of time is cut.
package enum HistogramBuckets: Sendable {
    /// Into so many pieces of the same length.
    case count(Int)
    /// Into pieces of so many nanoseconds, the last one as long as the others.
    case nanoseconds(UInt64)

    /// The length of the pieces, and how many there are.
    func layout(_ starts: ClosedRange<UInt64>) -> (width: UInt64, count: UInt64) {
        let span = starts.upperBound - starts.lowerBound
        switch self {
        case .count(let count):
            // Rounded up, so that the last start lies in the last piece; few nanoseconds make fewer pieces.
            let width = span / UInt64(max(count, 1)) + 1
            return (width, span / width + 1)
        case .nanoseconds(let width): return (max(width, 1), span / max(width, 1) + 1)
        }
    }

    /// The answer where nothing matches.
    var none: ExecutionHistogram {
        switch self {
        case .count: ExecutionHistogram(bucketNanoseconds: 0, buckets: [])
        case .nanoseconds(let width): ExecutionHistogram(bucketNanoseconds: width, buckets: [])
        }
    }
}
