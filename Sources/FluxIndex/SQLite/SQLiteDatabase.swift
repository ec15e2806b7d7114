import CFluxSQLite

/// One connection to an SQLite database, with the statements that were prepared on it.
///
/// Used by one thread at a time. Closes itself without a checkpoint when it goes.
@safe
final class SQLiteDatabase {
    /// The file, as messages name it.
    let path: String
    private let handle: OpaquePointer
    private var statements: [String: SQLiteStatement] = [:]

    /// Opens a file, or a database in memory when `path` is `nil`. Changes nothing in an existing file.
    init(path: String?, access: IndexAccess) throws(IndexError) {
        self.path = path ?? "the index in memory"
        if let path, path.isEmpty || path.utf8.contains(0) {
            throw .cannotOpen(path: path, reason: "this is no file name")
        }
        // Without the prefix SQLite takes `:memory:` and `file:` for more than names.
        let name = path.map { $0.hasPrefix("/") ? $0 : "./" + $0 } ?? ":memory:"
        let mode = access == .readWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(
            name, &opened, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard let handle = unsafe opened else { throw .cannotOpen(path: self.path, reason: "out of memory") }
        unsafe self.handle = handle
        try check(code)
        try unsafe check(sqlite3_busy_timeout(handle, Int32(IndexLimit.busyTimeoutMilliseconds)))
        try unsafe check(sqlite3_wal_autocheckpoint(handle, 0))
        try unsafe check(flux_sqlite3_restrict(handle))
        // Where the file is write protected, SQLite opens it for reading and does not say so.
        if access == .readWrite, unsafe sqlite3_db_readonly(handle, "main") != 0 {
            throw .cannotOpen(path: self.path, reason: "it is write protected")
        }
    }

    deinit {
        statements.removeAll()
        unsafe sqlite3_close_v2(handle)
    }

    /// The statement for a text, prepared at most once.
    func statement(_ text: String) throws(IndexError) -> SQLiteStatement {
        if let known = statements[text] { return known }
        var prepared: OpaquePointer?
        var text = text
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = text.withUTF8 { utf8 in
            unsafe utf8.withMemoryRebound(to: CChar.self) { characters in
                unsafe sqlite3_prepare_v3(
                    handle, characters.baseAddress, Int32(clamping: characters.count), flags, &prepared, nil)
            }
        }
        try check(code)
        guard let prepared = unsafe prepared else { preconditionFailure("a statement without words") }
        let statement = unsafe SQLiteStatement(owning: prepared, path: path)
        statements[text] = statement
        return statement
    }

    /// Runs a statement to its end and ignores its rows.
    func run(_ text: String, _ values: [SQLiteValue] = []) throws(IndexError) {
        try statement(text).forEachRow(values) { _ in }
    }

    /// The first value of the first row, which is an integer; `nil` when there is no row.
    func integer(_ text: String, _ values: [SQLiteValue] = []) throws(IndexError) -> Int64? {
        try statement(text).firstRow(values) { row throws(IndexError) in try row.integer() }
    }

    /// The number that the last inserted row was given.
    var lastInsertedRow: Int64 { unsafe sqlite3_last_insert_rowid(handle) }
}

// MARK: - Transactions and checkpoints

extension SQLiteDatabase {
    /// Whether a transaction takes the right to write at its start.
    enum TransactionKind: String {
        case read = "BEGIN DEFERRED"
        case write = "BEGIN IMMEDIATE"
    }

    /// Runs the body in a transaction, which is undone when the body throws.
    func transaction<Result>(
        _ kind: TransactionKind, _ body: () throws(IndexError) -> Result
    ) throws(IndexError) -> Result {
        try run(kind.rawValue)
        do throws(IndexError) {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            // A full disk ends the transaction by itself. Where undoing fails too, the first error tells
            // more, and the next transaction fails at its start.
            if unsafe sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
            throw error
        }
    }

    /// Copies what it can from the write-ahead log into the file, without waiting for readers.
    ///
    /// Returns whether all of it was copied. `truncating` also empties the file of the log when nobody reads.
    func checkpoint(truncating: Bool) throws(IndexError) -> Bool {
        unsafe sqlite3_busy_timeout(handle, 0)
        defer { unsafe sqlite3_busy_timeout(handle, Int32(IndexLimit.busyTimeoutMilliseconds)) }
        var logged: Int32 = 0
        var copied: Int32 = 0
        let mode = truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, mode, &logged, &copied)
        if code & 0xFF == SQLITE_BUSY { return false }
        try check(code)
        return copied == logged
    }

    /// Takes over all of another database, as one of its transactions left it. O(bytes of it).
    func copy(_ source: SQLiteDatabase) throws(IndexError) {
        guard let backup = unsafe sqlite3_backup_init(handle, "main", source.handle, "main") else {
            throw unsafe IndexError(code: sqlite3_errcode(handle), connection: handle, path: path)
        }
        let code = unsafe sqlite3_backup_step(backup, -1)
        // Says again what a step failed of, but not that the source was in use.
        try unsafe check(sqlite3_backup_finish(backup))
        guard code == SQLITE_DONE else { throw .busy(path: source.path) }
    }

    private func check(_ code: Int32) throws(IndexError) {
        if code != SQLITE_OK { throw unsafe IndexError(code: code, connection: handle, path: path) }
    }
}

extension IndexError {
    /// The error for a return code, with the connection's own words.
    init(code: Int32, connection: OpaquePointer?, path: String) {
        let reason = unsafe String(cString: sqlite3_errmsg(connection))
        self =
            switch code & 0xFF {
            // No statement of this target breaks a constraint of a sound database.
            case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CONSTRAINT: .corrupt(path: path, reason: reason)
            case SQLITE_FULL: .full(path: path)
            // SQLite takes a quota, or a limit of a file's size, for a disk that fails.
            case SQLITE_IOERR where unsafe flux_sqlite3_met_no_space(connection, code) != 0: .full(path: path)
            case SQLITE_BUSY, SQLITE_LOCKED: .busy(path: path)
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH:
                .cannotOpen(path: path, reason: reason)
            default: .failed(path: path, reason: reason)
            }
    }
}
