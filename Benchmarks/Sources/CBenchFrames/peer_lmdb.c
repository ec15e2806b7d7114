#include <lmdb.h>
#include <stdlib.h>

#include "peer.h"

typedef struct lmdb_state {
    MDB_env *environment;
    MDB_dbi table;
    /// The transaction that writes, or behind the last execution one that reads, and is reset after each look-up.
    MDB_txn *transaction;
    bool is_reading;
} lmdb_state;

static const size_t map_byte_count = (size_t)16 << 30;

static bool open_lmdb(bench_peer *peer, const char *path) {
    lmdb_state *state = calloc(1, sizeof *state);
    peer->state = state;
    return mdb_env_create(&state->environment) == 0 && mdb_env_set_mapsize(state->environment, map_byte_count) == 0
        && mdb_env_open(state->environment, path, MDB_NOSUBDIR | MDB_NOSYNC | MDB_NORDAHEAD, 0600) == 0
        && mdb_txn_begin(state->environment, NULL, 0, &state->transaction) == 0
        && mdb_dbi_open(state->transaction, NULL, 0, &state->table) == 0;
}

static void close_lmdb(bench_peer *peer) {
    lmdb_state *state = peer->state;
    if (state->transaction != NULL) mdb_txn_abort(state->transaction);
    if (state->environment != NULL) mdb_env_close(state->environment);
    free(state);
}

static bool put(bench_peer *peer, const uint8_t id[16], const uint8_t *bytes, size_t byte_count, bool is_last) {
    lmdb_state *state = peer->state;
    MDB_val key = {16, (void *)id};
    MDB_val value = {byte_count, (void *)bytes};
    if (mdb_put(state->transaction, state->table, &key, &value, 0) != 0) return false;
    if (!peer_commits(peer, is_last)) return true;
    if (mdb_txn_commit(state->transaction) != 0) return false;
    state->transaction = NULL;
    state->is_reading = is_last;
    if (mdb_txn_begin(state->environment, NULL, is_last ? MDB_RDONLY : 0, &state->transaction) != 0) return false;
    if (is_last) mdb_txn_reset(state->transaction);
    return true;
}

static bool end_raw(bench_peer *peer, const uint8_t id[16], bool is_last) {
    size_t byte_count = peer->raw.byte_count;
    peer->raw.byte_count = 0;
    return put(peer, id, peer->raw.bytes, byte_count, is_last);
}

static bool end_block(bench_peer *peer, const uint8_t id[16], bool is_last) {
    uint64_t raw = peer->raw.byte_count;
    size_t count = peer_compress(peer, sizeof raw);
    memcpy(peer->block.bytes, &raw, sizeof raw);
    return put(peer, id, peer->block.bytes, sizeof raw + count, is_last);
}

/// Finds a value, which stays where it is until the transaction is reset.
static bool find(lmdb_state *state, const uint8_t id[16], MDB_val *value) {
    MDB_val key = {16, (void *)id};
    return state->is_reading && mdb_txn_renew(state->transaction) == 0
        && mdb_get(state->transaction, state->table, &key, value) == 0;
}

static bool read_raw(bench_peer *peer, const uint8_t id[16], uint64_t *word_sum) {
    lmdb_state *state = peer->state;
    MDB_val value;
    if (!find(state, id, &value)) return false;
    peer_sum(value.mv_data, value.mv_size, word_sum);
    mdb_txn_reset(state->transaction);
    return true;
}

static bool read_block(bench_peer *peer, const uint8_t id[16], uint64_t *word_sum) {
    lmdb_state *state = peer->state;
    MDB_val value;
    if (!find(state, id, &value)) return false;
    const uint8_t *bytes = value.mv_data;
    bool is_whole =
        peer_decode(peer, bytes + sizeof(uint64_t), value.mv_size - sizeof(uint64_t), load64(bytes), word_sum);
    mdb_txn_reset(state->transaction);
    return is_whole;
}

const peer_database peer_lmdb_raw = {open_lmdb, close_lmdb, NULL, end_raw, read_raw};
const peer_database peer_lmdb_blocks = {open_lmdb, close_lmdb, NULL, end_block, read_block};
