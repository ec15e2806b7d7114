#include <sqlite3.h>
#include <stdlib.h>

#include "peer.h"

typedef struct sqlite_state {
    sqlite3 *database;
    sqlite3_stmt *insert;
    sqlite3_stmt *select;
} sqlite_state;

static bool run(sqlite_state *state, const char *text) {
    return sqlite3_exec(state->database, text, NULL, NULL, NULL) == SQLITE_OK;
}

static bool open_database(
    bench_peer *peer, const char *path, const char *schema, const char *insert, const char *select) {
    sqlite_state *state = calloc(1, sizeof *state);
    peer->state = state;
    return sqlite3_open(path, &state->database) == SQLITE_OK && run(state, "PRAGMA journal_mode = WAL")
        && run(state, "PRAGMA synchronous = OFF") && run(state, "PRAGMA cache_size = -65536") && run(state, schema)
        && run(state, "BEGIN") && sqlite3_prepare_v2(state->database, insert, -1, &state->insert, NULL) == SQLITE_OK
        && sqlite3_prepare_v2(state->database, select, -1, &state->select, NULL) == SQLITE_OK;
}

static bool open_rows(bench_peer *peer, const char *path) {
    return open_database(
        peer, path,
        "CREATE TABLE event(id BLOB, n INTEGER, kind INTEGER, at INTEGER, payload BLOB, PRIMARY KEY(id, n)) WITHOUT ROWID",
        "INSERT INTO event VALUES(?1, ?2, ?3, ?4, ?5)", "SELECT kind, at, payload FROM event WHERE id = ?1 ORDER BY n");
}

static bool open_blocks(bench_peer *peer, const char *path) {
    return open_database(
        peer, path, "CREATE TABLE execution(id BLOB UNIQUE, raw INTEGER, block BLOB)",
        "INSERT INTO execution VALUES(?1, ?2, ?3)", "SELECT raw, block FROM execution WHERE id = ?1");
}

static void close_database(bench_peer *peer) {
    sqlite_state *state = peer->state;
    sqlite3_finalize(state->insert);
    sqlite3_finalize(state->select);
    sqlite3_close(state->database);
    free(state);
}

static bool step(sqlite3_stmt *insert) {
    bool is_done = sqlite3_step(insert) == SQLITE_DONE;
    sqlite3_reset(insert);
    return is_done;
}

static bool add_row(bench_peer *peer, const uint8_t id[16], uint32_t number, uint16_t kind, uint64_t offset,
    const void *payload, size_t byte_count) {
    sqlite3_stmt *insert = ((sqlite_state *)peer->state)->insert;
    sqlite3_bind_blob(insert, 1, id, 16, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 2, number);
    sqlite3_bind_int64(insert, 3, kind);
    sqlite3_bind_int64(insert, 4, (sqlite3_int64)offset);
    sqlite3_bind_blob(insert, 5, payload, (int)byte_count, SQLITE_STATIC);
    return step(insert);
}

static bool commit(bench_peer *peer, bool is_last) {
    sqlite_state *state = peer->state;
    if (!peer_commits(peer, is_last)) return true;
    return run(state, "COMMIT") && (is_last ? run(state, "PRAGMA wal_checkpoint(TRUNCATE)") : run(state, "BEGIN"));
}

static bool end_rows(bench_peer *peer, const uint8_t id[16], bool is_last) {
    (void)id;
    return commit(peer, is_last);
}

static bool end_block(bench_peer *peer, const uint8_t id[16], bool is_last) {
    sqlite3_stmt *insert = ((sqlite_state *)peer->state)->insert;
    sqlite3_bind_int64(insert, 2, (sqlite3_int64)peer->raw.byte_count);
    size_t count = peer_compress(peer, 0);
    sqlite3_bind_blob(insert, 1, id, 16, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 3, peer->block.bytes, (int)count, SQLITE_STATIC);
    return step(insert) && commit(peer, is_last);
}

static bool read_rows(bench_peer *peer, const uint8_t id[16], uint64_t *word_sum) {
    sqlite3_stmt *select = ((sqlite_state *)peer->state)->select;
    sqlite3_bind_blob(select, 1, id, 16, SQLITE_STATIC);
    bool is_read = false;
    while (sqlite3_step(select) == SQLITE_ROW) {
        const uint8_t *payload = sqlite3_column_blob(select, 2);
        *word_sum += bench_word_sum(payload, (size_t)sqlite3_column_bytes(select, 2));
        is_read = true;
    }
    sqlite3_reset(select);
    return is_read;
}

static bool read_block(bench_peer *peer, const uint8_t id[16], uint64_t *word_sum) {
    sqlite3_stmt *select = ((sqlite_state *)peer->state)->select;
    sqlite3_bind_blob(select, 1, id, 16, SQLITE_STATIC);
    bool is_read = sqlite3_step(select) == SQLITE_ROW
        && peer_decode(peer, sqlite3_column_blob(select, 1), (size_t)sqlite3_column_bytes(select, 1),
            (size_t)sqlite3_column_int64(select, 0), word_sum);
    sqlite3_reset(select);
    return is_read;
}

const peer_database peer_sqlite_rows = {open_rows, close_database, add_row, end_rows, read_rows};
const peer_database peer_sqlite_blocks = {open_blocks, close_database, NULL, end_block, read_block};
