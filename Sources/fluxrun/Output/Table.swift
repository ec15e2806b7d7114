/// Rows of texts in columns as wide as they need.
struct Table {
    /// How a column is laid out.
    enum Column {
        /// Flush left.
        case text(String)
        /// Flush right.
        case number(String)

        fileprivate var title: String {
            switch self {
            case .text(let title), .number(let title): title
            }
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    mutating func add(_ row: [String]) {
        precondition(row.count == columns.count, "a row has a text for each column")
        rows.append(row.map(\.printable))
    }

    /// The title and the rows. With a limit, what is too long is cut from the last column.
    func lines(columnCountMax: Int?) -> [String] {
        let all = [columns.map(\.title)] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = columns.indices.map { index in
                switch columns[index] {
                case .text: row[index].padded(to: widths[index])
                case .number: row[index].aligned(to: widths[index])
                }
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return columnCountMax.map { line.fitted(to: $0) } ?? line
        }
    }

    /// Prints title and rows.
    func print() {
        for line in lines(columnCountMax: Console.columnCount) { Console.line(line) }
    }
}
