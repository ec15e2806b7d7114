/// The tables and indexes of the database: see `FluxIndex` in the documentation.
enum Schema {
    /// `FluX` in the header of the file: what tells an index from the databases of other programs.
    static let applicationID: Int64 = 0x466C_7558
    /// Counts up with every change below. An index of another version is built again, never converted.
    static let version: Int64 = 2

    /// One statement for each table and index, spelled as SQLite keeps it.
    ///
    /// Each index of `exec` ends in status and start, behind one of the four sets of columns that lists ask
    /// for: with a status a list is one range of one index, without one it is four that are merged. No other
    /// indexes are needed, and the number of the execution, which ends every index by itself, settles ties.
    static let statements = [
        "CREATE TABLE meta(k TEXT PRIMARY KEY, v ANY NOT NULL) STRICT, WITHOUT ROWID",
        """
        CREATE TABLE dim(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, s TEXT NOT NULL, UNIQUE(kind, s)) \
        STRICT
        """,
        """
        CREATE TABLE exec(n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, tenant INTEGER NOT NULL, \
        app INTEGER NOT NULL, name INTEGER NOT NULL, source INTEGER NOT NULL, route INTEGER NOT NULL, \
        status INTEGER NOT NULL, started INTEGER NOT NULL, duration INTEGER, fp INTEGER, \
        events INTEGER NOT NULL, interactions INTEGER NOT NULL, kinds BLOB, request_id TEXT, trace_id TEXT, \
        sdk INTEGER, state INTEGER NOT NULL, next_event INTEGER NOT NULL, raw_bytes INTEGER NOT NULL, \
        stored_bytes INTEGER NOT NULL, frames INTEGER NOT NULL, seg INTEGER NOT NULL, gen INTEGER NOT NULL, \
        off INTEGER NOT NULL, len INTEGER NOT NULL, first_ev INTEGER NOT NULL, cnt INTEGER NOT NULL, \
        hash INTEGER NOT NULL) STRICT
        """,
        """
        CREATE TABLE frame(n INTEGER, ord INTEGER, seg INTEGER NOT NULL, gen INTEGER NOT NULL, \
        off INTEGER NOT NULL, len INTEGER NOT NULL, first_ev INTEGER NOT NULL, cnt INTEGER NOT NULL, \
        hash INTEGER NOT NULL, PRIMARY KEY(n, ord)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE tag(n INTEGER, k INTEGER, v TEXT NOT NULL, PRIMARY KEY(n, k)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE dead(id BLOB PRIMARY KEY, seq INTEGER NOT NULL, seg INTEGER NOT NULL, \
        key_gone INTEGER NOT NULL) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX exec_started ON exec(status, started)",
        "CREATE INDEX exec_app ON exec(app, status, started)",
        "CREATE INDEX exec_route ON exec(route, status, started)",
        "CREATE INDEX exec_app_route ON exec(app, route, status, started)",
    ]
}

/// The database's names for what the index applied so far.
enum MetaKey {
    static let store = "store"
    static let appliedPosition = "applied_lsn"
    static let appliedSequence = "applied_seq"
    /// The sequence at which the log begins; missing where nothing was dropped.
    static let firstSequence = "first_seq"
    /// Before the number of a segment that was written anew: the generation of its rows.
    static let generation = "gen:"
}
