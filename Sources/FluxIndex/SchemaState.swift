import FluxFormat

/// What stands in a database file before anything is done with it.
enum SchemaState {
    /// Nothing, or what a crash left before the first transaction.
    case empty
    /// Tables, and what the header of the file says of them.
    case filled(applicationID: Int64, version: Int64, statements: [String], storeBytes: [UInt8]?)

    /// Reads the state, in one transaction.
    init(of database: SQLiteDatabase) throws(IndexError) {
        self = try database.transaction(.read) { () throws(IndexError) in
            let statements = try database.statement("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
                .rows([]) { row throws(IndexError) in try row.text() }
            let applicationID = try database.integer("PRAGMA application_id") ?? 0
            let version = try database.integer("PRAGMA user_version") ?? 0
            if statements.isEmpty, applicationID == 0, version == 0 { return .empty }
            // Whether there is a table of this name, and what it holds, is known only of our own.
            let isOurs = applicationID == Schema.applicationID && Self.areOurs(statements)
            let storeBytes: [UInt8]? =
                try !isOurs
                ? nil
                : database.statement("SELECT v FROM meta WHERE k = ?1")
                    .firstRow([.text(MetaKey.store)]) { row throws(IndexError) in try row.blob() }
            return .filled(
                applicationID: applicationID, version: version, statements: statements, storeBytes: storeBytes
            )
        }
    }

    /// Throws when the database is not the index of this store in this schema.
    func checkIsOurs(store: StoreID, path: String) throws(IndexError) {
        guard case .filled(let applicationID, let version, let statements, let storeBytes) = self else {
            return
        }
        guard applicationID == Schema.applicationID else { throw .foreign(path: path, reason: .otherProgram) }
        if version > Schema.version { throw .foreign(path: path, reason: .newerSchema(Int(version))) }
        if version < Schema.version { throw .foreign(path: path, reason: .olderSchema(Int(version))) }
        guard Self.areOurs(statements) else {
            throw .corrupt(path: path, reason: "its tables are not those of schema \(version)")
        }
        guard storeBytes == store.bytes else { throw .foreign(path: path, reason: .otherStore) }
    }

    /// A table or index that is missing or spelled differently would fail later, or answer wrongly.
    private static func areOurs(_ statements: [String]) -> Bool {
        statements.sorted() == Schema.statements.sorted()
    }
}

extension SQLiteDatabase {
    /// Sets what holds for the connection, and of the file that it is a write-ahead log's.
    func configure(access: IndexAccess, isInMemory: Bool) throws(IndexError) {
        let cache =
            access == .readWrite ? IndexLimit.writerCacheKibibytes : IndexLimit.readerCacheKibibytes
        try run("PRAGMA cache_size = -\(cache)")
        try run("PRAGMA mmap_size = 0")
        try run("PRAGMA cell_size_check = ON")
        try run("PRAGMA temp_store = MEMORY")
        guard access == .readWrite else { return }
        try run("PRAGMA page_size = \(IndexLimit.pageByteCount)")
        try run("PRAGMA secure_delete = ON")
        let mode = try statement("PRAGMA journal_mode = WAL").firstRow([]) { row throws(IndexError) in
            try row.text()
        }
        guard mode == (isInMemory ? "memory" : "wal") else {
            throw .cannotOpen(path: path, reason: "its file system allows no write-ahead log")
        }
        try run("PRAGMA synchronous = NORMAL")
    }

    /// Writes the tables of an empty database, all or nothing.
    func createSchema(store: StoreID) throws(IndexError) {
        try transaction(.write) { () throws(IndexError) in
            for statement in Schema.statements { try run(statement) }
            try run("PRAGMA application_id = \(Schema.applicationID)")
            try run("PRAGMA user_version = \(Schema.version)")
            let insert = "INSERT INTO meta(k, v) VALUES(?1, ?2)"
            try run(insert, [.text(MetaKey.store), .blob(store.bytes)])
            try run(insert, [.text(MetaKey.appliedPosition), .integer(0)])
            try run(insert, [.text(MetaKey.appliedSequence), .integer(0)])
        }
    }
}
