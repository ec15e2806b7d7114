#ifndef CBENCH_FRAME_H
#define CBENCH_FRAME_H

#include <lz4.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XXH_INLINE_ALL 1
#include <xxhash.h>

enum {
    segment_header_byte_count = 4096,
    frame_header_byte_count = 96,
    prologue_byte_count = 48,
    frame_magic = 0x31465052,
    frame_kind_events = 1,
    flag_batch_last = 1 << 1,
    flag_execution_first = 1 << 2,
    compressed_byte_count_min = 64,
};

/// A frame of events as it stands in a segment.
typedef struct stored_frame {
    uint8_t flags;
    bool has_lz4_heads;
    bool has_lz4_bodies;
    uint32_t heads_stored, heads_raw;
    uint32_t bodies_stored, bodies_raw;
    uint64_t payload_hash, bodies_hash;
    /// The prologue, behind which the stored heads stand.
    const uint8_t *payload;
    /// The stored bodies.
    const uint8_t *bodies;
} stored_frame;

static inline size_t word_aligned(size_t byte_count) { return (byte_count + 7) & ~(size_t)7; }

static inline uint32_t load32(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline uint64_t load64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline uint64_t hash(const void *bytes, size_t byte_count, uint64_t salt) {
    return XXH3_64bits_withSeed(bytes, byte_count, salt);
}

/// Compresses where that saves an eighth, and copies otherwise; returns the stored bytes and tells which it was.
static inline size_t compress_or_copy(const uint8_t *source, size_t byte_count, uint8_t *target, bool *is_lz4) {
    size_t capacity = byte_count - byte_count / 8;
    int written = byte_count < compressed_byte_count_min
        ? 0 : LZ4_compress_default((const char *)source, (char *)target, (int)byte_count, (int)capacity);
    *is_lz4 = written > 0;
    if (written > 0) return (size_t)written;
    memcpy(target, source, byte_count);
    return byte_count;
}

static inline bool decompress(const uint8_t *block, size_t byte_count, uint8_t *target, size_t raw_byte_count) {
    return LZ4_decompress_safe((const char *)block, (char *)target, (int)byte_count, (int)raw_byte_count)
        == (int)raw_byte_count;
}

#endif
