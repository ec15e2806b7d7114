extension MetadataIndex {
    /// Notes that a fingerprint was seen in a facet, which stays noted when its executions go.
    static let insertPairStatement = "INSERT OR IGNORE INTO fp_facet(fp, facet) VALUES(?1, ?2)"

    /// Adds an execution to the tables that it is found by. Inside of a transaction that writes.
    func insertEntries(_ keys: EntryKeys, of number: Int64) throws(IndexError) {
        let place: [SQLiteValue] = [StartKey.stored(keys.start), .integer(number)]
        for (table, key, rest) in keys.entries { try database.run(table.insertStatement, key + place + rest) }
        if let fingerprint = keys.errorFingerprint {
            try database.run(Self.insertPairStatement, [.integer(fingerprint), .integer(keys.facet)])
        }
    }

    /// Removes an execution from the tables that it is found by; returns its facet. Before the row of `exec` changes or
    /// goes, which says what it is found by. Inside of a transaction that writes.
    @discardableResult
    func deleteEntries(of number: Int64) throws(IndexError) -> Int64 {
        let keys = try database.statement(EntryKeys.statement)
            .firstRow([.integer(number)]) { row throws(IndexError) in try EntryKeys(reading: &row) }
        guard let keys else { throw .corrupt(path: database.path, reason: "there is no execution \(number)") }
        let place: [SQLiteValue] = [StartKey.stored(keys.start), .integer(number)]
        for (table, key, _) in keys.entries { try database.run(table.deleteStatement, key + place) }
        return keys.facet
    }
}
