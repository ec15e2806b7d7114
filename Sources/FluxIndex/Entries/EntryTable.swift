/// A table of entries: executions in the order of lists, behind what they are found by.
///
/// Each key ends in start and number. Lists and counts read these tables, and look into `exec` only for what no entry holds.
enum EntryTable: String, CaseIterable {
    case start = "by_start"
    case facet = "by_facet"
    case duration = "by_duration"
    case errorFingerprint = "by_fp"
    case requestID = "by_request"
    case traceID = "by_trace"
    case tag
    case tagKey = "tag_key"
    case tagFacet = "tag_facet"

    /// The columns of the key before start and number.
    var keyColumns: [String] {
        switch self {
        case .start: []
        case .facet: ["facet"]
        case .duration: ["class"]
        case .errorFingerprint: ["fp"]
        case .requestID: ["request_id"]
        case .traceID: ["trace_id"]
        case .tag: ["k", "v"]
        case .tagKey: ["k"]
        case .tagFacet: ["k", "facet"]
        }
    }

    /// The columns behind the key.
    var restColumns: [String] {
        switch self {
        case .facet: ["duration", "fp"]
        case .tagFacet: ["v"]
        default: ["facet"]
        }
    }

    private var placeColumns: [String] { keyColumns + ["started", "n"] }

    /// Inserts an entry: the values are those of all columns, in order.
    var insertStatement: String { Self.statements[self]?.insert ?? "" }

    /// Deletes an entry: the values are those of the key.
    var deleteStatement: String { Self.statements[self]?.delete ?? "" }

    /// Whether an entry is there and has the right rest: the values are those of all columns, in order.
    var checkStatement: String { Self.statements[self]?.check ?? "" }

    private typealias Statements = (insert: String, delete: String, check: String)

    /// Made once, since each execution that is applied runs some of them.
    private static let statements = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.makeStatements()) })

    private func makeStatements() -> Statements {
        let columns = placeColumns + restColumns
        let place = placeColumns.enumerated().map { "\($1) = ?\($0 + 1)" }.joined(separator: " AND ")
        let rest = restColumns.enumerated().map { "\($1) IS ?\(placeColumns.count + $0 + 1)" }
        return (
            "INSERT INTO \(rawValue)(\(columns.joined(separator: ", "))) VALUES(\(places(1...columns.count)))",
            "DELETE FROM \(rawValue) WHERE \(place)",
            "SELECT \(rest.joined(separator: " AND ")) FROM \(rawValue) WHERE \(place)"
        )
    }
}
