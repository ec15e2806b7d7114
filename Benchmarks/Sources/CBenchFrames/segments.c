#include "segments.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "frames.h"

enum { window_byte_count = 1 << 20 };

/// Brings bytes of the file into the window; `NULL` where the file ends before them.
static const uint8_t *window_at(segment_walk *walk, uint64_t offset, size_t byte_count) {
    size_t start = offset - walk->window_start;
    if (start + byte_count <= walk->window_byte_count) return walk->bytes + start;
    size_t kept = walk->window_byte_count - start;
    size_t wanted = byte_count > window_byte_count ? byte_count : window_byte_count;
    if (walk->capacity < wanted) {
        walk->bytes = realloc(walk->bytes, wanted);
        walk->capacity = wanted;
    }
    memmove(walk->bytes, walk->bytes + start, kept);
    walk->window_start = offset;
    walk->window_byte_count = kept;
    while (walk->window_byte_count < wanted) {
        ssize_t count = pread(
            walk->file, walk->bytes + walk->window_byte_count, wanted - walk->window_byte_count,
            (off_t)(offset + walk->window_byte_count));
        if (count <= 0) break;
        walk->window_byte_count += (size_t)count;
    }
    return walk->window_byte_count >= byte_count ? walk->bytes : NULL;
}

bool segment_walk_begin(segment_walk *walk, const char *path) {
    walk->file = open(path, O_RDONLY | O_CLOEXEC);
    walk->window_start = 0;
    walk->window_byte_count = 0;
    if (walk->file < 0) return false;
    const uint8_t *header = window_at(walk, 0, segment_header_byte_count);
    if (header == NULL) return false;
    walk->segment = load32(header + 32);
    walk->segment_salt = load64(header + 40);
    walk->store_salt = load64(header + 48);
    walk->last_hash = load64(header + 64);
    walk->next_sequence = load64(header + 72);
    walk->next_frame = segment_header_byte_count;
    return true;
}

stored_frame parse_frame(const uint8_t *bytes) {
    const uint8_t *payload = bytes + frame_header_byte_count;
    uint32_t stored = load32(bytes + 8);
    stored_frame frame = {
        .flags = bytes[7],
        .has_lz4_heads = (bytes[6] & 0xF) == 1,
        .has_lz4_bodies = bytes[6] >> 4 == 1,
        .heads_stored = load32(payload + 16),
        .heads_raw = load32(payload + 20),
        .bodies_raw = load32(payload + 24),
        .payload_hash = load64(bytes + 80),
        .bodies_hash = load64(payload + 8),
        .payload = payload,
    };
    frame.bodies = payload + prologue_byte_count + word_aligned(frame.heads_stored);
    frame.bodies_stored = stored - (uint32_t)(frame.bodies - payload);
    return frame;
}

bool segment_walk_next(segment_walk *walk, stored_frame *frame) {
    while (true) {
        const uint8_t *header = window_at(walk, walk->next_frame, frame_header_byte_count);
        if (header == NULL || load32(header) != frame_magic) return false;
        if (walk->checks_headers && !header_holds(walk, header)) return false;
        size_t byte_count = frame_header_byte_count + word_aligned(load32(header + 8));
        header = window_at(walk, walk->next_frame, byte_count);
        if (header == NULL) return false;
        walk->next_frame += byte_count;
        if (header[5] != frame_kind_events) continue;
        *frame = parse_frame(header);
        return true;
    }
}

void segment_walk_end(segment_walk *walk) {
    if (walk->file >= 0) close(walk->file);
    walk->file = -1;
}

bool decode_frame(
    const stored_frame *frame, uint64_t store_salt, uint8_t *arena, const uint8_t **heads, const uint8_t **bodies) {
    if (hash(frame->payload, (size_t)(frame->bodies - frame->payload), store_salt) != frame->payload_hash) return false;
    *heads = frame->payload + prologue_byte_count;
    if (frame->has_lz4_heads) {
        if (!decompress(*heads, frame->heads_stored, arena, frame->heads_raw)) return false;
        *heads = arena;
    }
    if (hash(frame->bodies, word_aligned(frame->bodies_stored), store_salt) != frame->bodies_hash) return false;
    *bodies = frame->bodies;
    if (frame->has_lz4_bodies) {
        uint8_t *target = arena + word_aligned(frame->heads_raw);
        if (!decompress(*bodies, frame->bodies_stored, target, frame->bodies_raw)) return false;
        *bodies = target;
    }
    return true;
}

uint64_t bench_word_sum(const uint8_t *bytes, size_t byte_count) {
    uint64_t sum = 0;
    size_t word_count = byte_count / 8;
    for (size_t word = 0; word < word_count; word += 1) sum += load64(bytes + 8 * word);
    uint64_t last = 0;
    memcpy(&last, bytes + 8 * word_count, byte_count % 8);
    return sum + last;
}

uint64_t payload_word_sum(const stored_frame *frame, const uint8_t *heads, const uint8_t *bodies) {
    uint32_t record_count = load32(frame->payload + 28);
    const uint8_t *head_offsets = heads + load32(frame->payload + 32);
    const uint8_t *payload_offsets = head_offsets + 4 * record_count;
    uint64_t sum = 0;
    for (uint32_t index = 0; index < record_count; index += 1) {
        const uint8_t *record = heads + load32(head_offsets + 4 * index);
        sum += bench_word_sum(bodies + load32(payload_offsets + 4 * index), load32(record));
    }
    return sum;
}

bench_totals bench_scan(const char *const *paths, size_t path_count, bench_pass pass) {
    bench_totals totals = {0};
    segment_walk walk = {.file = -1, .checks_headers = pass == bench_checked};
    uint8_t *arena = NULL;
    size_t arena_byte_count = 0;
    for (size_t index = 0; index < path_count && !totals.has_failed; index += 1) {
        totals.has_failed = !segment_walk_begin(&walk, paths[index]);
        stored_frame frame;
        while (!totals.has_failed && segment_walk_next(&walk, &frame)) {
            size_t needed = word_aligned(frame.heads_raw) + frame.bodies_raw;
            if (needed > arena_byte_count) {
                free(arena);
                arena_byte_count = 2 * needed;
                arena = malloc(arena_byte_count);
            }
            const uint8_t *heads;
            const uint8_t *bodies;
            totals.has_failed = !decode_frame(&frame, walk.store_salt, arena, &heads, &bodies);
            if (pass == bench_checked && !records_hold(&frame, heads)) totals.has_failed = true;
            if (totals.has_failed) break;
            totals.frame_count += 1;
            totals.stored_byte_count +=
                (size_t)(frame.bodies - frame.payload) + word_aligned(frame.bodies_stored);
            totals.raw_byte_count += frame.heads_raw + frame.bodies_raw;
            if (pass != bench_decoding) totals.word_sum += payload_word_sum(&frame, heads, bodies);
        }
        segment_walk_end(&walk);
    }
    free(arena);
    free(walk.bytes);
    return totals;
}
