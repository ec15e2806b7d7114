import FluxFormat

/// Tells which entries of a way match.
struct ListFilter {
    private var facets: FacetFilter
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

    mutating func matches(
        _ entry: ListEntry, of range: ListRange, in index: MetadataIndex
    ) throws(IndexError) -> Bool {
        if isByFacet, !all.matches(entry, of: range) { return false }
        if readsFacet, try !facets.matches(entry.facet, in: index) { return false }
        var isWhole = false
        if case .durationClass(_, true) = range { isWhole = true }
        let count = isWhole ? lookUpCountOfWhole : lookUpCount
        guard count > 0 else { return true }
        rowCount += count
        return try isWhole
            ? rowsOfWhole.match(entry.place, statements, in: index) : rows.match(entry.place, statements, in: index)
    }
}
