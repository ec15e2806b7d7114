/// The tables and indexes of the database: see `FluxIndex` in the documentation.
enum Schema {
    /// `FluX` in the header of the file: what tells an index from the databases of other programs.
    static let applicationID: Int64 = 0x466C_7558
    /// Counts up with every change below. An index of another version is built again, never converted.
    static let version: Int64 = 3

    /// One statement for each table and index, spelled as SQLite keeps it.
    ///
    /// What few executions differ in lies in `facet`. `exec` has no index but that of its ids: lists walk tables of
    /// entries, in each of which the key ends in start and number (``EntryTable``).
    static let statements = [
        "CREATE TABLE meta(k TEXT PRIMARY KEY, v ANY NOT NULL) STRICT, WITHOUT ROWID",
        """
        CREATE TABLE dim(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, s TEXT NOT NULL, UNIQUE(kind, s)) \
        STRICT
        """,
        """
        CREATE TABLE facet(id INTEGER PRIMARY KEY, app INTEGER NOT NULL, route INTEGER NOT NULL, \
        name INTEGER NOT NULL, source INTEGER NOT NULL, status INTEGER NOT NULL, sdk INTEGER NOT NULL, \
        tenant INTEGER NOT NULL, UNIQUE(app, route, name, source, status, sdk, tenant)) STRICT
        """,
        """
        CREATE TABLE exec(n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, facet INTEGER NOT NULL, \
        started INTEGER NOT NULL, duration INTEGER, fp INTEGER, \
        events INTEGER NOT NULL, interactions INTEGER NOT NULL, kinds BLOB, request_id TEXT, trace_id TEXT, \
        tags BLOB, state INTEGER NOT NULL, next_event INTEGER NOT NULL, raw_bytes INTEGER NOT NULL, \
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
        CREATE TABLE by_start(started INTEGER, n INTEGER, facet INTEGER NOT NULL, PRIMARY KEY(started, n)) \
        STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE by_facet(facet INTEGER, started INTEGER, n INTEGER, duration INTEGER, fp INTEGER, \
        PRIMARY KEY(facet, started, n)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE by_duration(class INTEGER, started INTEGER, n INTEGER, facet INTEGER NOT NULL, \
        PRIMARY KEY(class, started, n)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE by_fp(fp INTEGER, started INTEGER, n INTEGER, facet INTEGER NOT NULL, \
        PRIMARY KEY(fp, started, n)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE by_request(request_id TEXT, started INTEGER, n INTEGER, facet INTEGER NOT NULL, \
        PRIMARY KEY(request_id, started, n)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE by_trace(trace_id TEXT, started INTEGER, n INTEGER, facet INTEGER NOT NULL, \
        PRIMARY KEY(trace_id, started, n)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE tag(k INTEGER, v TEXT, started INTEGER, n INTEGER, facet INTEGER NOT NULL, \
        PRIMARY KEY(k, v, started, n)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE tag_key(k INTEGER, started INTEGER, n INTEGER, facet INTEGER NOT NULL, \
        PRIMARY KEY(k, started, n)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE tag_facet(k INTEGER, facet INTEGER, started INTEGER, n INTEGER, v TEXT NOT NULL, \
        PRIMARY KEY(k, facet, started, n)) STRICT, WITHOUT ROWID
        """,
        "CREATE TABLE fp_facet(fp INTEGER, facet INTEGER, PRIMARY KEY(fp, facet)) STRICT, WITHOUT ROWID",
        """
        CREATE TABLE dead(id BLOB PRIMARY KEY, seq INTEGER NOT NULL, seg INTEGER NOT NULL, \
        key_gone INTEGER NOT NULL) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX facet_route ON facet(route)",
        "CREATE INDEX facet_name ON facet(name)",
        "CREATE INDEX facet_source ON facet(source)",
        "CREATE INDEX facet_status ON facet(status)",
        "CREATE INDEX facet_sdk ON facet(sdk)",
        "CREATE INDEX facet_tenant ON facet(tenant)",
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
