extension MetadataIndex {
    /// What is wrong with the file, one line each, at most `limit` and at least one; empty for a sound one.
    ///
    /// Where SQLite's own check finds nothing, the entries are compared with the rows of `exec`: each row has all of its
    /// entries, with the right values, and no table has any beside them. Reads all of the file; O(executions and tags)
    /// searches. Throws ``IndexError/corrupt(path:reason:)`` for a row that cannot be read.
    package func problems(limit: Int) throws(IndexError) -> [String] {
        let limit = max(limit, 1)
        return try database.transaction(.read) { () throws(IndexError) in
            let statement = try database.statement("PRAGMA integrity_check(\(limit))")
            let lines = try statement.rows([]) { row throws(IndexError) in try row.text() }
            return lines == ["ok"] ? try entryProblems(limit: limit) : lines
        }
    }

    private func entryProblems(limit: Int) throws(IndexError) -> [String] {
        var lines: [String] = []
        var counts: [EntryTable: Int64] = [:]
        try database.statement("SELECT n, \(EntryKeys.columns) FROM exec ORDER BY n").forEachRow([]) {
            row throws(IndexError) in
            let number = try row.integer()
            let keys = try EntryKeys(reading: &row)
            let place: [SQLiteValue] = [StartKey.stored(keys.start), .integer(number)]
            for (table, key, rest) in keys.entries {
                counts[table, default: 0] += 1
                let isRight = try database.integer(table.checkStatement, key + place + rest)
                guard isRight != 1, lines.count < limit else { continue }
                lines.append("\(table.rawValue) has \(isRight == nil ? "no" : "a wrong") entry of execution \(number)")
            }
            guard let fingerprint = keys.errorFingerprint, lines.count < limit else { return }
            let pair: [SQLiteValue] = [.integer(fingerprint), .integer(keys.facet)]
            if try database.integer(Self.pairStatement, pair) == nil {
                lines.append("fp_facet lacks what execution \(number) has")
            }
        }
        // Keys are unique: with as many entries as are due, and each of these there, none is left over.
        for table in EntryTable.allCases where lines.count < limit {
            let found = try database.integer("SELECT count(*) FROM \(table.rawValue)") ?? 0
            let due = counts[table] ?? 0
            if found != due { lines.append("\(table.rawValue) has \(found) entries where \(due) are due") }
        }
        return lines
    }

    static let pairStatement = "SELECT 1 FROM fp_facet WHERE fp = ?1 AND facet = ?2"
}
