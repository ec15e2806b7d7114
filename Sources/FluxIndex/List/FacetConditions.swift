import FluxFormat

/// The conditions of a query that a facet answers.
struct FacetConditions: Hashable {
    /// Numbers of texts, by their columns of `facet`.
    private var app: Int64?
    private var route: Int64?
    private var name: Int64?
    private var source: Int64?
    private var sdkVersion: Int64?
    private var tenantID: UInt32?
    private var statuses: Set<ExecutionMetadata.Status>?

    /// The conditions of a query; `nil` where it names a text that no execution has.
    init?(_ query: ExecutionQuery, in index: MetadataIndex) throws(IndexError) {
        tenantID = query.tenantID
        statuses = query.statuses
        func number(_ text: String?, _ kind: TextKind, _ target: inout Int64?) throws(IndexError) -> Bool {
            guard let text else { return true }
            target = try index.number(of: text, kind: kind)
            return target != nil
        }
        guard try number(query.app, .app, &app), try number(query.route, .route, &route),
            try number(query.name, .name, &name), try number(query.source, .source, &source),
            try number(query.sdkVersion, .sdkVersion, &sdkVersion)
        else { return nil }
    }

    /// Whether every facet matches.
    var isOpen: Bool {
        app == nil && route == nil && name == nil && source == nil && sdkVersion == nil && tenantID == nil
            && statuses == nil
    }

    /// Whether a facet matches.
    func matches(_ facet: Facet) -> Bool {
        (app ?? facet.app) == facet.app && (route ?? facet.route) == facet.route
            && (name ?? facet.name) == facet.name && (source ?? facet.source) == facet.source
            && (sdkVersion ?? facet.sdkVersion) == facet.sdkVersion && (tenantID ?? facet.tenantID) == facet.tenantID
            && (statuses?.contains(facet.status) ?? true)
    }

    /// The statement for the numbers of the facets that match: ?7 is the limit.
    var statement: String {
        var conditions: [String] = []
        let columns: [(String, Bool)] = [
            ("app = ?1", app != nil), ("route = ?2", route != nil), ("name = ?3", name != nil),
            ("source = ?4", source != nil), ("sdk = ?5", sdkVersion != nil), ("tenant = ?6", tenantID != nil),
        ]
        for (condition, isGiven) in columns where isGiven { conditions.append(condition) }
        if let statuses {
            let numbers = statuses.map { "\($0.rawValue)" }.sorted().joined(separator: ", ")
            conditions.append("status IN (\(numbers))")
        }
        // All of them are a range too.
        if conditions.isEmpty { conditions.append("id > 0") }
        return "SELECT id FROM facet WHERE \(conditions.joined(separator: " AND ")) LIMIT ?7"
    }

    /// The numbers of the facets that match, at most `limit` of them; of those that a fingerprint was seen in, where one
    /// is given.
    func facets(
        in index: MetadataIndex, withFingerprint fingerprint: Int64?, limit: Int
    ) throws(IndexError) -> [Int64] {
        guard let fingerprint else { return try facets(in: index, limit: limit) }
        let seen = try index.database.statement(Self.pairStatement)
            .rows([.integer(fingerprint), .number(limit)]) { row throws(IndexError) in try row.integer() }
        // There may be more than these.
        guard seen.count < limit else { return try facets(in: index, limit: limit) }
        var numbers: [Int64] = []
        for number in seen where try matches(index.facet(number)) { numbers.append(number) }
        return numbers
    }

    static let pairStatement = "SELECT facet FROM fp_facet WHERE fp = ?1 LIMIT ?2"

    /// The numbers of the facets that match, at most `limit` of them.
    func facets(in index: MetadataIndex, limit: Int) throws(IndexError) -> [Int64] {
        let numbers = [app, route, name, source, sdkVersion].map { $0.map { SQLiteValue.integer($0) } ?? .null }
        let values = numbers + [tenantID.map { .number($0) } ?? .null, .number(limit)]
        return try index.database.statement(statement).rows(values) { row throws(IndexError) in try row.integer() }
    }
}

/// Tells which facets match, each looked at once.
struct FacetFilter {
    private let conditions: FacetConditions
    /// What is known of each number.
    private var known: [Bool?] = []

    init(_ conditions: FacetConditions) {
        self.conditions = conditions
    }

    /// Whether there is anything to look at.
    var isOpen: Bool { conditions.isOpen }

    mutating func matches(_ number: Int64, in index: MetadataIndex) throws(IndexError) -> Bool {
        if isOpen { return true }
        // Numbers are given from 1 on. A greater one is looked up each time.
        guard let place = Int(exactly: number), (0..<IndexLimit.cachedFacetCountMax).contains(place) else {
            return conditions.matches(try index.facet(number))
        }
        if place >= known.count { known += [Bool?](repeating: nil, count: place + 64 - known.count) }
        if let known = known[place] { return known }
        let matches = conditions.matches(try index.facet(number))
        known[place] = matches
        return matches
    }
}
