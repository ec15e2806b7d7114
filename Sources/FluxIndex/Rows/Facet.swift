import FluxFormat

/// What many executions have in common, as numbers of `dim`: an execution names it by one number.
struct Facet: Hashable {
    var app: Int64
    var route: Int64
    var name: Int64
    var source: Int64
    var status: ExecutionMetadata.Status
    /// 0 where none is known.
    var sdkVersion: Int64
    var tenantID: UInt32

    static let columns = "app, route, name, source, status, sdk, tenant"

    /// The values of ``columns``.
    var values: [SQLiteValue] {
        [
            .integer(app), .integer(route), .integer(name), .integer(source), .number(status.rawValue),
            .integer(sdkVersion), .number(tenantID),
        ]
    }
}

extension Facet {
    /// Reads ``columns``.
    init(reading row: inout SQLiteRow) throws(IndexError) {
        app = try row.integer()
        route = try row.integer()
        name = try row.integer()
        source = try row.integer()
        let number: UInt8 = try row.number()
        guard let status = ExecutionMetadata.Status(rawValue: number) else { throw row.damage("status \(number)") }
        self.status = status
        sdkVersion = try row.integer()
        tenantID = try row.number()
    }
}

/// Some of the table `facet` in memory, in both directions. As in ``TextCache``, a number never changes what it stands
/// for while a connection lives, so only a transaction that is undone makes this wrong.
struct FacetCache {
    private var numbers: [Facet: Int64] = [:]
    private var facets: [Int64: Facet] = [:]
    /// What a row with a facet says before its own columns are read.
    private var shared: [Int64: SharedMetadata] = [:]

    func number(of facet: Facet) -> Int64? { numbers[facet] }

    func facet(_ number: Int64) -> Facet? { facets[number] }

    func shared(_ number: Int64) -> SharedMetadata? { shared[number] }

    mutating func keep(_ facet: Facet, number: Int64) {
        if facets.count >= IndexLimit.cachedFacetCountMax { self = FacetCache() }
        numbers[facet] = number
        facets[number] = facet
    }

    mutating func keep(_ metadata: SharedMetadata, number: Int64) { shared[number] = metadata }
}

/// What all executions of a facet have in common, with its texts.
struct SharedMetadata {
    var metadata: ExecutionMetadata
    var tenantID: UInt32
}

extension MetadataIndex {
    /// The facet of metadata. Inside of a transaction that writes.
    func makeFacet(of metadata: ExecutionMetadata, tenantID: UInt32) throws(IndexError) -> Int64 {
        var sdkVersion: Int64 = 0
        if let text = metadata.sdkVersion { sdkVersion = try makeNumber(of: text, kind: .sdkVersion) }
        return try makeNumber(
            of: Facet(
                app: makeNumber(of: metadata.app, kind: .app), route: makeNumber(of: metadata.route, kind: .route),
                name: makeNumber(of: metadata.name, kind: .name),
                source: makeNumber(of: metadata.source, kind: .source),
                status: metadata.status, sdkVersion: sdkVersion, tenantID: tenantID))
    }

    private func makeNumber(of facet: Facet) throws(IndexError) -> Int64 {
        if let known = facets.number(of: facet) { return known }
        let values = facet.values
        let find = "SELECT id FROM facet WHERE (\(Facet.columns)) = (\(places(1...7)))"
        var number = try database.integer(find, values)
        if number == nil {
            try database.run("INSERT INTO facet(\(Facet.columns)) VALUES(\(places(1...7)))", values)
            number = database.lastInsertedRow
        }
        guard let number else { preconditionFailure("a row without a number") }
        facets.keep(facet, number: number)
        return number
    }

    /// What the executions of a facet have in common.
    func shared(byFacet number: Int64) throws(IndexError) -> SharedMetadata {
        if let known = facets.shared(number) { return known }
        let facet = try facet(number)
        var metadata = ExecutionMetadata(
            app: try text(facet.app), name: try text(facet.name), source: try text(facet.source),
            route: try text(facet.route), status: facet.status)
        if facet.sdkVersion != 0 { metadata.sdkVersion = try text(facet.sdkVersion) }
        let shared = SharedMetadata(metadata: metadata, tenantID: facet.tenantID)
        facets.keep(shared, number: number)
        return shared
    }

    /// The facet that a row names.
    func facet(_ number: Int64) throws(IndexError) -> Facet {
        if let known = facets.facet(number) { return known }
        let found = try database.statement("SELECT \(Facet.columns) FROM facet WHERE id = ?1")
            .firstRow([.integer(number)]) { row throws(IndexError) in try Facet(reading: &row) }
        guard let found else { throw .corrupt(path: database.path, reason: "there is no facet \(number)") }
        facets.keep(found, number: number)
        return found
    }
}
