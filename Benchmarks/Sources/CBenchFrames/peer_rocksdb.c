#include <rocksdb/c.h>
#include <stdlib.h>

#include "peer.h"

typedef struct rocksdb_state {
    rocksdb_t *database;
    rocksdb_options_t *options;
    rocksdb_writeoptions_t *writing;
    rocksdb_readoptions_t *reading;
    rocksdb_writebatch_t *batch;
    rocksdb_iterator_t *iterator;
} rocksdb_state;

enum { key_byte_count = 20, cache_byte_count = 64 << 20 };

/// An execution's id and the number of an event, most significant byte first: in the order of both.
static void fill_key(uint8_t key[key_byte_count], const uint8_t id[16], uint32_t number) {
    memcpy(key, id, 16);
    for (int place = 0; place < 4; place += 1) key[16 + place] = (uint8_t)(number >> (24 - 8 * place));
}

static bool succeeded(char *error) {
    if (error == NULL) return true;
    rocksdb_free(error);
    return false;
}

static bool open_rocksdb(bench_peer *peer, const char *path) {
    rocksdb_state *state = calloc(1, sizeof *state);
    peer->state = state;
    state->options = rocksdb_options_create();
    rocksdb_options_set_create_if_missing(state->options, 1);
    rocksdb_options_set_compression(state->options, rocksdb_lz4_compression);
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    rocksdb_cache_t *cache = rocksdb_cache_create_lru(cache_byte_count);
    rocksdb_block_based_options_set_block_cache(table, cache);
    rocksdb_options_set_block_based_table_factory(state->options, table);
    rocksdb_cache_destroy(cache);
    rocksdb_block_based_options_destroy(table);
    state->writing = rocksdb_writeoptions_create();
    rocksdb_writeoptions_disable_WAL(state->writing, 1);
    state->reading = rocksdb_readoptions_create();
    state->batch = rocksdb_writebatch_create();
    char *error = NULL;
    state->database = rocksdb_open(state->options, path, &error);
    return succeeded(error);
}

static void close_rocksdb(bench_peer *peer) {
    rocksdb_state *state = peer->state;
    if (state->iterator != NULL) rocksdb_iter_destroy(state->iterator);
    rocksdb_writebatch_destroy(state->batch);
    rocksdb_readoptions_destroy(state->reading);
    rocksdb_writeoptions_destroy(state->writing);
    if (state->database != NULL) rocksdb_close(state->database);
    rocksdb_options_destroy(state->options);
    free(state);
}

static bool add_event(bench_peer *peer, const uint8_t id[16], uint32_t number, uint16_t kind, uint64_t offset,
    const void *payload, size_t byte_count) {
    rocksdb_state *state = peer->state;
    uint8_t key[key_byte_count];
    fill_key(key, id, number);
    uint8_t head[10];
    memcpy(head, &offset, sizeof offset);
    memcpy(head + sizeof offset, &kind, sizeof kind);
    const char *keys[] = {(const char *)key};
    const size_t key_sizes[] = {sizeof key};
    const char *values[] = {(const char *)head, payload};
    const size_t value_sizes[] = {sizeof head, byte_count};
    rocksdb_writebatch_putv(state->batch, 1, keys, key_sizes, 2, values, value_sizes);
    return true;
}

static bool end_events(bench_peer *peer, const uint8_t id[16], bool is_last) {
    (void)id;
    rocksdb_state *state = peer->state;
    if (!peer_commits(peer, is_last)) return true;
    char *error = NULL;
    rocksdb_write(state->database, state->writing, state->batch, &error);
    rocksdb_writebatch_clear(state->batch);
    bool is_written = succeeded(error);
    if (!is_written || !is_last) return is_written;
    // As it is at rest: one sorted run.
    rocksdb_compact_range(state->database, NULL, 0, NULL, 0);
    state->iterator = rocksdb_create_iterator(state->database, state->reading);
    return true;
}

static bool read_events(bench_peer *peer, const uint8_t id[16], uint64_t *word_sum) {
    rocksdb_iterator_t *iterator = ((rocksdb_state *)peer->state)->iterator;
    uint8_t first[key_byte_count];
    fill_key(first, id, 0);
    bool is_read = false;
    for (rocksdb_iter_seek(iterator, (const char *)first, sizeof first); rocksdb_iter_valid(iterator);
         rocksdb_iter_next(iterator)) {
        size_t byte_count;
        const char *key = rocksdb_iter_key(iterator, &byte_count);
        if (byte_count != key_byte_count || memcmp(key, id, 16) != 0) break;
        const uint8_t *value = (const uint8_t *)rocksdb_iter_value(iterator, &byte_count);
        *word_sum += bench_word_sum(value + 10, byte_count - 10);
        is_read = true;
    }
    char *error = NULL;
    rocksdb_iter_get_error(iterator, &error);
    return succeeded(error) && is_read;
}

const peer_database peer_rocksdb_events = {open_rocksdb, close_rocksdb, add_event, end_events, read_events};
