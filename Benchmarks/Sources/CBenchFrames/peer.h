#ifndef CBENCH_PEER_H
#define CBENCH_PEER_H

#include "frame.h"
#include "frames.h"

/// What a database does for a peer. `state` of the peer is its own.
typedef struct peer_database {
    bool (*open)(bench_peer *peer, const char *path);
    void (*close)(bench_peer *peer);
    /// Stores an event; `NULL` where whole executions are stored.
    bool (*add)(bench_peer *peer, const uint8_t id[16], uint32_t number, uint16_t kind, uint64_t offset,
        const void *payload, size_t byte_count);
    /// Ends an execution, of which `raw` has the events where they are not stored one by one.
    bool (*end)(bench_peer *peer, const uint8_t id[16], bool is_last);
    bool (*read)(bench_peer *peer, const uint8_t id[16], uint64_t *word_sum);
} peer_database;

extern const peer_database peer_sqlite_rows;
extern const peer_database peer_sqlite_blocks;
extern const peer_database peer_lmdb_raw;
extern const peer_database peer_lmdb_blocks;
extern const peer_database peer_rocksdb_events;

/// Bytes that grow.
typedef struct peer_bytes {
    uint8_t *bytes;
    size_t byte_count, capacity;
} peer_bytes;

struct bench_peer {
    const peer_database *database;
    void *state;
    /// The events of one execution: {u32 length, u16 kind, u16 0, u64 offset}, payload, zeros up to 8.
    peer_bytes raw;
    peer_bytes block;
    /// Executions since the last commit.
    int pending_count;
};

enum { peer_commit_count = 1000 };

/// Room for so many bytes behind the first `kept` ones.
uint8_t *peer_room(peer_bytes *target, size_t kept, size_t needed);

/// Whether it is time to commit: behind the last execution, and each thousandth.
bool peer_commits(bench_peer *peer, bool is_last);

/// Compresses `raw` into `block`, behind so many bytes; returns the compressed bytes, and empties `raw`.
size_t peer_compress(bench_peer *peer, size_t offset);

/// Adds the payloads' words of the events that lie in `bytes`.
void peer_sum(const uint8_t *bytes, size_t byte_count, uint64_t *word_sum);

/// Decodes a block of so many raw bytes into `raw`, and adds the payloads' words.
bool peer_decode(bench_peer *peer, const uint8_t *block, size_t byte_count, size_t raw, uint64_t *word_sum);

#endif
