import FluxFormat

/// What a query comes to in this index: conditions, and the ways to the executions that meet them.
struct ListPlan {
    let facets: FacetConditions
    let rows: RowConditions
    let starts: ClosedRange<UInt64>
    /// The ways; at least one.
    let ways: [ListWay]

    /// Plans a query; `nil` where nothing can match.
    init?(_ query: ExecutionQuery, in index: MetadataIndex) throws(IndexError) {
        guard let starts = query.starts, query.statuses?.isEmpty != true,
            let facets = try FacetConditions(query, in: index), let rows = try RowConditions(query, in: index)
        else { return nil }
        self.starts = starts
        self.facets = facets
        self.rows = rows
        var ways = rows.ranges.map { ListWay(kind: .condition, ranges: [$0]) }
        if !facets.isOpen {
            // One more tells that there are too many to be merged.
            let limit = IndexLimit.mergedFacetCountMax
            let numbers = try facets.facets(in: index, withFingerprint: rows.errorFingerprint, limit: limit + 1)
            if numbers.isEmpty { return nil }
            if numbers.count <= limit {
                ways.append(ListWay(kind: .facets, ranges: numbers.map { rows.range(ofFacet: $0) }))
            }
        }
        if !rows.durations.isOpen {
            let ranges = try Self.ranges(of: rows.durations, in: index)
            if ranges.isEmpty { return nil }
            ways.append(ListWay(kind: .durations, ranges: ranges))
        }
        // Any other way passes no more entries than all starts. Facets that are many may be everywhere.
        if ways.allSatisfy({ $0.kind == .facets }) { ways.append(ListWay(kind: .starts, ranges: [.all])) }
        self.ways = ways
    }

    /// The classes that durations can lie in, up to the greatest that is stored.
    private static func ranges(of durations: ConditionRange, in index: MetadataIndex) throws(IndexError) -> [ListRange]
    {
        let first = durations.min ?? 0
        let last = durations.max ?? .max
        guard first <= last, let greatest = try index.database.integer(ListWay.greatestDurationStatement) else {
            return []
        }
        guard (0...DurationClass.greatest).contains(greatest) else {
            throw .corrupt(path: index.database.path, reason: "a duration of class \(greatest)")
        }
        let numbers = (DurationClass.number(first)..<DurationClass.number(last) + 1).prefix { $0 <= greatest }
        return numbers.map { number in
            let all = DurationClass.durations(number)
            return .durationClass(number, isWhole: first <= all.lowerBound && all.upperBound <= last)
        }
    }
}
