#include <sqlite3.h>
#include <stdlib.h>

#include "frame.h"
#include "frames.h"

enum { commit_count = 1000, entry_byte_count = 16 };

struct bench_peer {
    bench_peer_kind kind;
    sqlite3 *database;
    sqlite3_stmt *insert;
    sqlite3_stmt *select;
    int pending_count;
    /// The events of one execution: {u32 length, u16 kind, u16 0, u64 offset}, payload, zeros up to 8.
    uint8_t *raw;
    size_t raw_byte_count, raw_capacity;
    uint8_t *block;
    size_t block_capacity;
};

static bool run(bench_peer *peer, const char *text) {
    return sqlite3_exec(peer->database, text, NULL, NULL, NULL) == SQLITE_OK;
}

static bool prepare(bench_peer *peer) {
    bool is_rows = peer->kind == bench_peer_rows;
    const char *schema = is_rows
        ? "CREATE TABLE event(id BLOB, n INTEGER, kind INTEGER, at INTEGER, payload BLOB, PRIMARY KEY(id, n)) WITHOUT ROWID"
        : "CREATE TABLE execution(id BLOB UNIQUE, raw INTEGER, block BLOB)";
    const char *insert =
        is_rows ? "INSERT INTO event VALUES(?1, ?2, ?3, ?4, ?5)" : "INSERT INTO execution VALUES(?1, ?2, ?3)";
    const char *select = is_rows ? "SELECT kind, at, payload FROM event WHERE id = ?1 ORDER BY n"
                                 : "SELECT raw, block FROM execution WHERE id = ?1";
    return run(peer, "PRAGMA journal_mode = WAL") && run(peer, "PRAGMA synchronous = OFF")
        && run(peer, "PRAGMA cache_size = -65536") && run(peer, schema) && run(peer, "BEGIN")
        && sqlite3_prepare_v2(peer->database, insert, -1, &peer->insert, NULL) == SQLITE_OK
        && sqlite3_prepare_v2(peer->database, select, -1, &peer->select, NULL) == SQLITE_OK;
}

bench_peer *bench_peer_make(const char *path, bench_peer_kind kind) {
    bench_peer *peer = calloc(1, sizeof *peer);
    peer->kind = kind;
    if (sqlite3_open(path, &peer->database) == SQLITE_OK && prepare(peer)) return peer;
    bench_peer_free(peer);
    return NULL;
}

void bench_peer_free(bench_peer *peer) {
    sqlite3_finalize(peer->insert);
    sqlite3_finalize(peer->select);
    sqlite3_close(peer->database);
    free(peer->raw);
    free(peer->block);
    free(peer);
}

static uint8_t *room(uint8_t **bytes, size_t *capacity, size_t kept, size_t needed) {
    if (kept + needed > *capacity) {
        *capacity = 2 * (kept + needed);
        *bytes = realloc(*bytes, *capacity);
    }
    return *bytes + kept;
}

static bool step(sqlite3_stmt *insert) {
    bool is_done = sqlite3_step(insert) == SQLITE_DONE;
    sqlite3_reset(insert);
    return is_done;
}

bool bench_peer_add(bench_peer *peer, const uint8_t id[16], uint32_t number, uint16_t kind, uint64_t offset,
    const void *payload, size_t byte_count) {
    if (peer->kind == bench_peer_rows) {
        sqlite3_bind_blob(peer->insert, 1, id, 16, SQLITE_STATIC);
        sqlite3_bind_int64(peer->insert, 2, number);
        sqlite3_bind_int64(peer->insert, 3, kind);
        sqlite3_bind_int64(peer->insert, 4, (sqlite3_int64)offset);
        sqlite3_bind_blob(peer->insert, 5, payload, (int)byte_count, SQLITE_STATIC);
        return step(peer->insert);
    }
    size_t entry = entry_byte_count + word_aligned(byte_count);
    uint8_t *target = room(&peer->raw, &peer->raw_capacity, peer->raw_byte_count, entry);
    memset(target, 0, entry);
    uint32_t length = (uint32_t)byte_count;
    memcpy(target, &length, sizeof length);
    memcpy(target + 4, &kind, sizeof kind);
    memcpy(target + 8, &offset, sizeof offset);
    memcpy(target + entry_byte_count, payload, byte_count);
    peer->raw_byte_count += entry;
    return true;
}

bool bench_peer_end(bench_peer *peer, const uint8_t id[16], bool is_last) {
    bool is_stored = true;
    if (peer->kind == bench_peer_blobs) {
        int bound = LZ4_compressBound((int)peer->raw_byte_count);
        uint8_t *block = room(&peer->block, &peer->block_capacity, 0, (size_t)bound);
        int count = LZ4_compress_default((const char *)peer->raw, (char *)block, (int)peer->raw_byte_count, bound);
        sqlite3_bind_blob(peer->insert, 1, id, 16, SQLITE_STATIC);
        sqlite3_bind_int64(peer->insert, 2, (sqlite3_int64)peer->raw_byte_count);
        sqlite3_bind_blob(peer->insert, 3, block, count, SQLITE_STATIC);
        is_stored = step(peer->insert);
        peer->raw_byte_count = 0;
    }
    peer->pending_count += 1;
    if (is_stored && (is_last || peer->pending_count == commit_count)) {
        peer->pending_count = 0;
        is_stored = run(peer, "COMMIT") && (is_last ? run(peer, "PRAGMA wal_checkpoint(TRUNCATE)") : run(peer, "BEGIN"));
    }
    return is_stored;
}

static bool read_block(bench_peer *peer, uint64_t *word_sum) {
    size_t raw = (size_t)sqlite3_column_int64(peer->select, 0);
    const uint8_t *block = sqlite3_column_blob(peer->select, 1);
    uint8_t *bytes = room(&peer->raw, &peer->raw_capacity, 0, raw);
    if (!decompress(block, (size_t)sqlite3_column_bytes(peer->select, 1), bytes, raw)) return false;
    for (size_t offset = 0; offset < raw;) {
        uint32_t length = load32(bytes + offset);
        *word_sum += bench_word_sum(bytes + offset + entry_byte_count, length);
        offset += entry_byte_count + word_aligned(length);
    }
    return true;
}

bool bench_peer_read(bench_peer *peer, const uint8_t id[16], uint64_t *word_sum) {
    sqlite3_bind_blob(peer->select, 1, id, 16, SQLITE_STATIC);
    bool is_read = false;
    while (sqlite3_step(peer->select) == SQLITE_ROW) {
        if (peer->kind == bench_peer_rows) {
            const uint8_t *payload = sqlite3_column_blob(peer->select, 2);
            *word_sum += bench_word_sum(payload, (size_t)sqlite3_column_bytes(peer->select, 2));
            is_read = true;
        } else {
            is_read = read_block(peer, word_sum);
        }
    }
    sqlite3_reset(peer->select);
    return is_read;
}
