#include "raw_frames.h"

#include <stdlib.h>

#include "frames.h"
#include "segments.h"

static bool append_frame(bench_frames *frames, const stored_frame *stored, uint64_t store_salt) {
    if ((frames->count & (frames->count - 1)) == 0) {
        size_t capacity = frames->count == 0 ? 1 : 2 * frames->count;
        frames->frames = realloc(frames->frames, capacity * sizeof(raw_frame));
    }
    size_t bodies_at = word_aligned(stored->heads_raw);
    uint8_t *bytes = calloc(1, bodies_at + stored->bodies_raw + 8);
    const uint8_t *heads;
    const uint8_t *bodies;
    if (!decode_frame(stored, store_salt, bytes, &heads, &bodies)) {
        free(bytes);
        return false;
    }
    if (heads != bytes) memcpy(bytes, heads, stored->heads_raw);
    if (bodies != bytes + bodies_at) memcpy(bytes + bodies_at, bodies, stored->bodies_raw);
    frames->frames[frames->count] = (raw_frame){bytes, stored->heads_raw, stored->bodies_raw, stored->flags};
    frames->count += 1;
    return true;
}

bench_frames *bench_frames_read(const char *const *paths, size_t path_count) {
    bench_frames *frames = calloc(1, sizeof *frames);
    segment_walk walk = {.file = -1};
    bool is_whole = true;
    for (size_t index = 0; index < path_count && is_whole; index += 1) {
        is_whole = segment_walk_begin(&walk, paths[index]);
        stored_frame stored;
        while (is_whole && segment_walk_next(&walk, &stored)) is_whole = append_frame(frames, &stored, walk.store_salt);
        segment_walk_end(&walk);
    }
    free(walk.bytes);
    if (is_whole) return frames;
    bench_frames_free(frames);
    return NULL;
}

void bench_frames_free(bench_frames *frames) {
    for (size_t index = 0; index < frames->count; index += 1) free((void *)frames->frames[index].bytes);
    free(frames->frames);
    free(frames);
}

uint64_t bench_frames_byte_count(const bench_frames *frames) {
    uint64_t byte_count = 0;
    for (size_t index = 0; index < frames->count; index += 1) byte_count += raw_byte_count(&frames->frames[index]);
    return byte_count;
}

size_t bench_frames_execution_count(const bench_frames *frames) {
    size_t count = 0;
    for (size_t index = 0; index < frames->count; index += 1) {
        if (frames->frames[index].flags & flag_execution_first) count += 1;
    }
    return count;
}
