import FluxFormat

/// Tells which entries of a way match.
struct ListFilter {
    private var facets: FacetFilter
    private let way: ListWay
    private let isByFacet: Bool
    private let all: RowConditions
    private let rows: RowConditions
    private let rowsOfWhole: RowConditions
    private let lookUpCount: Int
    private let lookUpCountOfWhole: Int
    private let statements: RowStatements
    /// Whether the facet of an entry must be looked at.
    private let readsFacet: Bool
    /// Rows and tags that were looked for one by one.
    private(set) var rowCount = 0

    init(_ plan: ListPlan, _ way: ListWay, in index: MetadataIndex) throws(IndexError) {
        self.way = way
        isByFacet = way.kind == .facets
        readsFacet = !isByFacet && !plan.facets.isOpen
        facets = FacetFilter(plan.facets)
        all = plan.rows
        rows = way.kind == .durations ? plan.rows : plan.rows.without(way.ranges[0])
        rowsOfWhole = way.kind == .durations ? rows.without(.durationClass(0, isWhole: true)) : rows
        lookUpCount = rows.lookUpCount
        lookUpCountOfWhole = rowsOfWhole.lookUpCount
        statements = try RowStatements(in: index)
    }

    /// Whether an entry of one of the way's ranges matches, which is named by its place among them.
    mutating func matches(
        _ entry: ListEntry, ofRange range: Int, in index: MetadataIndex
    ) throws(IndexError) -> Bool {
        if isByFacet, !all.matches(entry, of: way.ranges[range]) { return false }
        if readsFacet, try !facets.matches(entry.facet, in: index) { return false }
        var isWhole = false
        if way.kind == .durations, case .durationClass(_, true) = way.ranges[range] { isWhole = true }
        let count = isWhole ? lookUpCountOfWhole : lookUpCount
        guard count > 0 else { return true }
        rowCount += count
        return try isWhole
            ? rowsOfWhole.match(entry.place, statements, in: index) : rows.match(entry.place, statements, in: index)
    }
}
