import FluxFormat

/// Executions counted together.
struct Tally: Equatable {
    var count: UInt64 = 0
    /// The earliest start; `nil` where none has a time.
    var first: UInt64?
    /// The place of the newest.
    var newest = ListPlace(startedAt: 0, firstFrameSequence: 0)

    /// The latest start; `nil` where none has a time.
    var last: UInt64? { newest.startedAt == 0 ? nil : newest.startedAt }

    /// Counts an execution.
    mutating func add(_ place: ListPlace) {
        add(Tally(count: 1, first: place.startedAt == 0 ? nil : place.startedAt, newest: place))
    }

    /// Counts others.
    mutating func add(_ other: Tally) {
        count += other.count
        if let start = other.first { first = min(first ?? start, start) }
        newest = max(newest, other.newest)
    }
}

/// Counts the executions that a plan asks for.
struct TallyPass {
    let plan: ListPlan
    let index: MetadataIndex

    /// Whether facets and starts are all that is asked for, so that whole ranges can be counted by SQLite.
    private var isByFacets: Bool { plan.rows.lookUpCount == 0 }

    /// The ways of a count differ in that every entry is read: with no other condition, all facets that match.
    private var way: ListWay {
        get throws(IndexError) {
            guard isByFacets else { return plan.ways.first { $0.kind != .starts } ?? plan.ways[0] }
            let facets = try plan.facets.facets(in: index, limit: .max)
            return ListWay(kind: .facets, ranges: facets.map { .facet($0) })
        }
    }

    /// Hands out the place and the facet of each execution that matches, in no order.
    ///
    /// Time in proportion to the executions that meet one of the conditions.
    func forEach(_ body: (ListPlace, Int64) throws(IndexError) -> Void) throws(IndexError) {
        let way = try way
        var filter = try ListFilter(plan, way, in: index)
        let columns = plan.rows.columns(of: way.ranges[0], readsFacet: true)
        let value: [SQLiteValue] = columns.value.map { [.null, .null, .text($0)] } ?? []
        for (place, range) in way.ranges.enumerated() {
            let statement = try index.database.statement(range.entriesStatement(reading: columns))
            try statement.forEachRow(range.values(in: plan.starts) + value) { row throws(IndexError) in
                let entry = try ListEntry(reading: &row, columns)
                guard try filter.matches(entry, ofRange: place, in: index) else { return }
                try body(entry.place, range.facet ?? entry.facet)
            }
        }
    }

    /// Hands out the start and the facet of each execution that matches, in no order: with no other condition than on
    /// facets, without reading more.
    func forEachStart(_ body: (UInt64, Int64) throws(IndexError) -> Void) throws(IndexError) {
        guard isByFacets else {
            return try forEach { place, facet throws(IndexError) in try body(place.startedAt, facet) }
        }
        for case .facet(let facet) in try way.ranges {
            let values = ListRange.facet(facet).values(in: plan.starts)
            try index.database.statement(Self.startsStatement).forEachRow(values) { row throws(IndexError) in
                try body(StartKey.start(row.integer()), facet)
            }
        }
    }

    /// The executions that match, by their facets.
    func byFacet() throws(IndexError) -> [Int64: Tally] {
        var tallies: [Int64: Tally] = [:]
        guard isByFacets else {
            try forEach { place, facet in tallies[facet, default: Tally()].add(place) }
            return tallies
        }
        for case .facet(let facet) in try way.ranges {
            let tally = try tally(facet)
            if tally.count > 0 { tallies[facet] = tally }
        }
        return tallies
    }

    /// The executions that match and have a fingerprint, by the number of its text.
    func byFingerprint() throws(IndexError) -> [Int64: Tally] {
        var tallies: [Int64: Tally] = [:]
        guard isByFacets else {
            try forEach { place, _ throws(IndexError) in
                let fingerprint = try index.database.statement(Self.fingerprintStatement)
                    .firstRow([.bits(place.firstFrameSequence)]) { row throws(IndexError) in
                        try row.optional { row throws(IndexError) in try row.integer() }
                    }
                if case .some(.some(let number)) = fingerprint { tallies[number, default: Tally()].add(place) }
            }
            return tallies
        }
        var filter = FacetFilter(plan.facets)
        let statement = try index.database.statement(Self.fingerprintsStatement)
        let values = ListRange.all.values(in: plan.starts)
        try statement.forEachRow(values) { row throws(IndexError) in
            let entry = try ListEntry(reading: &row, EntryColumns(facet: true))
            guard try filter.matches(entry.facet, in: index) else { return }
            tallies[try row.integer(), default: Tally()].add(entry.place)
        }
        return tallies
    }

    static let fingerprintStatement = "SELECT fp FROM exec WHERE n = ?1"
    static let fingerprintsStatement = """
        SELECT started, n, facet, fp FROM by_fp WHERE fp > 0 AND started BETWEEN ?3 AND ?4
        """
    static let startsStatement = "SELECT started FROM by_facet WHERE facet = ?1 AND started BETWEEN ?3 AND ?4"
    static let countStatement = """
        SELECT count(*), min(started), max(started) FROM by_facet \
        WHERE facet = ?1 AND started BETWEEN ?3 AND ?4
        """
    static let newestStatement = """
        SELECT n FROM by_facet WHERE facet = ?1 AND started = ?2 ORDER BY n DESC LIMIT 1
        """

    /// The executions of a facet: those with a time, and where no range of starts excludes them, those without.
    private func tally(_ facet: Int64) throws(IndexError) -> Tally {
        var tally = Tally()
        if plan.starts.contains(0) { tally.add(try self.tally(facet, in: 0...0)) }
        let first = max(plan.starts.lowerBound, 1)
        if first <= plan.starts.upperBound { tally.add(try self.tally(facet, in: first...plan.starts.upperBound)) }
        return tally
    }

    private func tally(_ facet: Int64, in starts: ClosedRange<UInt64>) throws(IndexError) -> Tally {
        let found = try index.database.statement(Self.countStatement)
            .firstRow(ListRange.facet(facet).values(in: starts)) { row throws(IndexError) in
                (
                    count: try row.bits(), first: try row.optional { row throws(IndexError) in try row.integer() },
                    last: try row.optional { row throws(IndexError) in try row.integer() }
                )
            }
        guard let found, let first = found.first, let last = found.last else { return Tally() }
        let newest = try index.database.integer(Self.newestStatement, [.integer(facet), .integer(last)])
        let start = StartKey.start(first)
        return Tally(
            count: found.count, first: start == 0 ? nil : start,
            newest: ListPlace(
                startedAt: StartKey.start(last), firstFrameSequence: UInt64(bitPattern: newest ?? 0)))
    }
}
