import FluxFormat

/// Tells which entries of a way match.
struct ListFilter {
    private var facets: FacetFilter
    private let rows: RowConditions
    private let rowsOfWhole: RowConditions
    private let statements: RowStatements
    /// Whether the facet of an entry must be read.
    let readsFacet: Bool
    /// Rows that were looked at.
    private(set) var rowCount = 0

    init(_ plan: ListPlan, _ way: ListWay, in index: MetadataIndex) throws(IndexError) {
        readsFacet = way.kind != .facets && !plan.facets.isOpen
        facets = FacetFilter(plan.facets)
        rows = way.kind == .condition ? plan.rows.without(way.ranges[0]) : plan.rows
        statements = try RowStatements(in: index)
        rowsOfWhole = way.kind == .durations ? rows.without(.durationClass(0, isWhole: true)) : rows
    }

    mutating func matches(
        _ entry: ListRange.Entry, of range: ListRange, in index: MetadataIndex
    ) throws(IndexError) -> Bool {
        if readsFacet, try !facets.matches(entry.facet, in: index) { return false }
        var isWhole = false
        if case .durationClass(_, true) = range { isWhole = true }
        let conditions = isWhole ? rowsOfWhole : rows
        guard conditions.count > 0 else { return true }
        rowCount += 1
        return try conditions.match(entry.place, statements, in: index)
    }
}
