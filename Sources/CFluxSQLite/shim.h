#include <errno.h>
#include <sqlite3.h>

/// SQLITE_TRANSIENT is a cast that Swift cannot import: SQLite copies the bytes before the call returns.
static inline int flux_sqlite3_bind_text_copy(sqlite3_stmt *statement, int index, const char *text, int byte_count) {
    return sqlite3_bind_text(statement, index, text, byte_count, SQLITE_TRANSIENT);
}
static inline int flux_sqlite3_bind_blob_copy(sqlite3_stmt *statement, int index, const void *bytes, int byte_count) {
    return sqlite3_bind_blob(statement, index, bytes, byte_count, SQLITE_TRANSIENT);
}
/// `sqlite3_db_config` is variadic, which Swift cannot call. Nothing in a file may run: no trigger, no view, no function of
/// its schema; and closing never checkpoints behind the owner's back, nor in a file that turns out to be another program's.
static inline int flux_sqlite3_restrict(sqlite3 *database) {
    int const settings[][2] = {
        {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1}, {SQLITE_DBCONFIG_DEFENSIVE, 1}, {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},   {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    };
    for (unsigned i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        int const code = sqlite3_db_config(database, settings[i][0], settings[i][1], (int *)0);
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}
/// Whether there was no room behind an error of input or output: the shared memory could not grow, or the system's last error
/// at the database or its write-ahead log says so.
static inline int flux_sqlite3_met_no_space(sqlite3 *database, int code) {
    int numbers[2] = {0, 0};
    sqlite3_file *log = 0;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_LAST_ERRNO, &numbers[0]);
    if (sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log && log->pMethods) {
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &numbers[1]);
    }
    if (code == SQLITE_IOERR_SHMSIZE) return 1;
    for (int i = 0; i < 2; i++) {
        if (numbers[i] == ENOSPC || numbers[i] == EDQUOT || numbers[i] == EFBIG) return 1;
    }
    return 0;
}
