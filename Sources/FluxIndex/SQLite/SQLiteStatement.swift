import CFluxSQLite

/// A value that is bound to a statement.
enum SQLiteValue {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// A prepared statement, owned by the connection that prepared it.
@safe
final class SQLiteStatement {
    private let handle: OpaquePointer
    private let path: String
    private var isRunning = false

    /// Takes the statement over.
    init(owning handle: OpaquePointer, path: String) {
        unsafe self.handle = handle
        self.path = path
    }

    deinit { unsafe sqlite3_finalize(handle) }

    /// Runs the statement and hands out its rows, each only as long as the call lasts.
    func forEachRow(
        _ values: [SQLiteValue], _ body: (inout SQLiteRow) throws(IndexError) -> Void
    ) throws(IndexError) {
        try run(values) { row throws(IndexError) in
            try body(&row)
            return true
        }
    }

    /// Reads the first row; `nil` when there is none.
    func firstRow<Result>(
        _ values: [SQLiteValue], _ read: (inout SQLiteRow) throws(IndexError) -> Result
    ) throws(IndexError) -> Result? {
        var result: Result?
        try run(values) { row throws(IndexError) in
            result = try read(&row)
            return false
        }
        return result
    }

    /// Reads all rows.
    func rows<Element>(
        _ values: [SQLiteValue], _ read: (inout SQLiteRow) throws(IndexError) -> Element
    ) throws(IndexError) -> [Element] {
        var elements: [Element] = []
        try forEachRow(values) { row throws(IndexError) in elements.append(try read(&row)) }
        return elements
    }
}

extension SQLiteStatement {
    /// Steps until the body returns `false` or there are no more rows.
    private func run(
        _ values: [SQLiteValue], _ body: (inout SQLiteRow) throws(IndexError) -> Bool
    ) throws(IndexError) {
        precondition(!isRunning, "a statement that is run while it hands out rows")
        isRunning = true
        defer {
            // Returns the code of the last step once more.
            unsafe sqlite3_reset(handle)
            unsafe sqlite3_clear_bindings(handle)
            isRunning = false
        }
        for (index, value) in values.enumerated() { try bind(value, at: Int32(clamping: index + 1)) }
        var row = unsafe SQLiteRow(handle, path: path)
        while try step() {
            row.begin()
            guard try body(&row) else { return }
        }
    }

    private func step() throws(IndexError) -> Bool {
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw unsafe IndexError(code: code, connection: sqlite3_db_handle(handle), path: path)
        }
    }

    private func bind(_ value: SQLiteValue, at index: Int32) throws(IndexError) {
        let code =
            switch value {
            case .null: unsafe sqlite3_bind_null(handle, index)
            case .integer(let number): unsafe sqlite3_bind_int64(handle, index, number)
            // What is empty may have no address, and no address would bind NULL.
            case .text(let text) where text.isEmpty: unsafe flux_sqlite3_bind_text_copy(handle, index, "", 0)
            case .blob(let bytes) where bytes.isEmpty: unsafe sqlite3_bind_zeroblob(handle, index, 0)
            case .text(var text):
                text.withUTF8 { utf8 in
                    unsafe utf8.withMemoryRebound(to: CChar.self) { characters in
                        Int32(exactly: characters.count).map { count in
                            unsafe flux_sqlite3_bind_text_copy(handle, index, characters.baseAddress, count)
                        } ?? SQLITE_TOOBIG
                    }
                }
            case .blob(let bytes):
                unsafe bytes.withUnsafeBytes { bytes in
                    Int32(exactly: bytes.count).map { count in
                        unsafe flux_sqlite3_bind_blob_copy(handle, index, bytes.baseAddress, count)
                    } ?? SQLITE_TOOBIG
                }
            }
        if code != SQLITE_OK {
            throw unsafe IndexError(code: code, connection: sqlite3_db_handle(handle), path: path)
        }
    }
}

/// A row of a result: reads one column after the other, in the order in which the statement names them.
///
/// A value of another type than the one asked for is damage: this target writes none.
@safe
struct SQLiteRow: ~Copyable {
    private let handle: OpaquePointer
    private let path: String
    private var column: Int32 = 0

    fileprivate init(_ handle: OpaquePointer, path: String) {
        unsafe self.handle = handle
        self.path = path
    }

    /// Goes to the first column of another row.
    fileprivate mutating func begin() { column = 0 }

    /// Reads an integer.
    mutating func integer() throws(IndexError) -> Int64 {
        let column = try next(SQLITE_INTEGER)
        return unsafe sqlite3_column_int64(handle, column)
    }

    /// Reads text.
    mutating func text() throws(IndexError) -> String {
        let column = try next(SQLITE_TEXT)
        guard let text = unsafe sqlite3_column_text(handle, column) else { return "" }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    /// Reads bytes.
    mutating func blob() throws(IndexError) -> [UInt8] {
        let column = try next(SQLITE_BLOB)
        guard let bytes = unsafe sqlite3_column_blob(handle, column) else { return [] }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
    }

    /// Skips a column that is NULL, and says whether it was.
    mutating func skipNull() -> Bool {
        guard unsafe sqlite3_column_type(handle, column) == SQLITE_NULL else { return false }
        column += 1
        return true
    }

    /// The error for a value that this target does not write.
    func damage(_ reason: String) -> IndexError { .corrupt(path: path, reason: reason) }

    private mutating func next(_ type: Int32) throws(IndexError) -> Int32 {
        let actual = unsafe sqlite3_column_type(handle, column)
        guard actual == type else {
            throw damage("column \(column) holds type \(actual) where type \(type) was written")
        }
        column += 1
        return column - 1
    }
}
