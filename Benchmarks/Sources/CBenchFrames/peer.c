#include "peer.h"

#include <stdlib.h>

enum { entry_byte_count = 16 };

static const peer_database *database_of(bench_peer_kind kind) {
    switch (kind) {
    case bench_peer_rows: return &peer_sqlite_rows;
    case bench_peer_blobs: return &peer_sqlite_blocks;
#ifdef FLUX_BENCH_PEERS
    case bench_peer_lmdb_raw: return &peer_lmdb_raw;
    case bench_peer_lmdb_blocks: return &peer_lmdb_blocks;
    case bench_peer_rocksdb: return &peer_rocksdb_events;
#endif
    default: return NULL;
    }
}

bool bench_peer_is_built(bench_peer_kind kind) { return database_of(kind) != NULL; }

bench_peer *bench_peer_make(const char *path, bench_peer_kind kind) {
    bench_peer *peer = calloc(1, sizeof *peer);
    peer->database = database_of(kind);
    if (peer->database != NULL && peer->database->open(peer, path)) return peer;
    bench_peer_free(peer);
    return NULL;
}

void bench_peer_free(bench_peer *peer) {
    if (peer->state != NULL) peer->database->close(peer);
    free(peer->raw.bytes);
    free(peer->block.bytes);
    free(peer);
}

bool bench_peer_add(bench_peer *peer, const uint8_t id[16], uint32_t number, uint16_t kind, uint64_t offset,
    const void *payload, size_t byte_count) {
    if (peer->database->add != NULL) {
        return peer->database->add(peer, id, number, kind, offset, payload, byte_count);
    }
    size_t entry = entry_byte_count + word_aligned(byte_count);
    uint8_t *target = peer_room(&peer->raw, peer->raw.byte_count, entry);
    memset(target, 0, entry);
    uint32_t length = (uint32_t)byte_count;
    memcpy(target, &length, sizeof length);
    memcpy(target + 4, &kind, sizeof kind);
    memcpy(target + 8, &offset, sizeof offset);
    memcpy(target + entry_byte_count, payload, byte_count);
    peer->raw.byte_count += entry;
    return true;
}

bool bench_peer_end(bench_peer *peer, const uint8_t id[16], bool is_last) {
    peer->pending_count += 1;
    return peer->database->end(peer, id, is_last);
}

bool bench_peer_read(bench_peer *peer, const uint8_t id[16], uint64_t *word_sum) {
    return peer->database->read(peer, id, word_sum);
}

uint8_t *peer_room(peer_bytes *target, size_t kept, size_t needed) {
    if (kept + needed > target->capacity) {
        target->capacity = 2 * (kept + needed);
        target->bytes = realloc(target->bytes, target->capacity);
    }
    return target->bytes + kept;
}

bool peer_commits(bench_peer *peer, bool is_last) {
    if (!is_last && peer->pending_count < peer_commit_count) return false;
    peer->pending_count = 0;
    return true;
}

size_t peer_compress(bench_peer *peer, size_t offset) {
    int bound = LZ4_compressBound((int)peer->raw.byte_count);
    uint8_t *block = peer_room(&peer->block, offset, (size_t)bound);
    int count = LZ4_compress_default((const char *)peer->raw.bytes, (char *)block, (int)peer->raw.byte_count, bound);
    peer->raw.byte_count = 0;
    return (size_t)count;
}

void peer_sum(const uint8_t *bytes, size_t byte_count, uint64_t *word_sum) {
    for (size_t offset = 0; offset < byte_count;) {
        uint32_t length = load32(bytes + offset);
        *word_sum += bench_word_sum(bytes + offset + entry_byte_count, length);
        offset += entry_byte_count + word_aligned(length);
    }
}

bool peer_decode(bench_peer *peer, const uint8_t *block, size_t byte_count, size_t raw, uint64_t *word_sum) {
    uint8_t *bytes = peer_room(&peer->raw, 0, raw);
    if (!decompress(block, byte_count, bytes, raw)) return false;
    peer_sum(bytes, raw, word_sum);
    return true;
}
