package import FluxFormat

extension MetadataIndex {
    /// The number of executions that match. Time in proportion to those that meet one of the conditions.
    package func count(matching query: ExecutionQuery) throws(IndexError) -> UInt64 {
        try total(of: query).count
    }

    /// The executions that match, grouped: the first `limit` groups of the order, at least one.
    ///
    /// Time in proportion to the executions that meet one of the conditions, and to the groups.
    package func groups(
        by grouping: ExecutionGrouping, matching query: ExecutionQuery, order: ExecutionGroupOrder, limit: Int
    ) throws(IndexError) -> ExecutionGroups {
        try database.transaction(.read) { () throws(IndexError) in
            guard let plan = try ListPlan(query, in: self) else {
                return ExecutionGroups(groups: [], groupCount: 0, executionCount: 0)
            }
            let tallies = try self.tallies(by: grouping, TallyPass(plan: plan, index: self))
            // No two groups have the same newest execution, so that the order is the same after every rebuild.
            let sorted = tallies.sorted { first, second in
                if order == .count, first.value.count != second.value.count {
                    return first.value.count > second.value.count
                }
                return first.value.newest > second.value.newest
            }
            var groups: [ExecutionGroup] = []
            for (key, tally) in sorted.prefix(max(limit, 1)) {
                groups.append(try group(grouping, key, tally))
            }
            return ExecutionGroups(
                groups: groups, groupCount: tallies.count,
                executionCount: tallies.values.reduce(0) { $0 &+ $1.count })
        }
    }

    private func total(of query: ExecutionQuery) throws(IndexError) -> Tally {
        try database.transaction(.read) { () throws(IndexError) in
            var total = Tally()
            guard let plan = try ListPlan(query, in: self) else { return total }
            for tally in try TallyPass(plan: plan, index: self).byFacet().values { total.add(tally) }
            return total
        }
    }

    private func tallies(by grouping: ExecutionGrouping, _ pass: TallyPass) throws(IndexError) -> [Int64: Tally] {
        guard grouping != .errorFingerprint else { return try pass.byFingerprint() }
        var tallies: [Int64: Tally] = [:]
        for (number, tally) in try pass.byFacet() {
            let facet = try facet(number)
            let key =
                switch grouping {
                case .app: facet.app
                case .route: facet.route
                case .name: facet.name
                case .source: facet.source
                case .status, .errorFingerprint: Int64(facet.status.rawValue)
                }
            tallies[key, default: Tally()].add(tally)
        }
        return tallies
    }

    private func group(
        _ grouping: ExecutionGrouping, _ key: Int64, _ tally: Tally
    ) throws(IndexError) -> ExecutionGroup {
        let status = UInt8(exactly: key).flatMap(ExecutionMetadata.Status.init(rawValue:))
        let value =
            if grouping == .status, let status { "\(status)" } else { try text(key) }
        return ExecutionGroup(
            value: value, count: tally.count, firstStartedAt: tally.first, lastStartedAt: tally.last,
            sampleID: try summaries(at: CollectionOfOne(tally.newest))[0].id)
    }
}
