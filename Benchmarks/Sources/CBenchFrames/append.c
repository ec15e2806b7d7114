#define _GNU_SOURCE

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "frames.h"
#include "raw_frames.h"

enum { salt = 0x5EED };

/// Where the frames of one batch are put together.
typedef struct staging {
    uint8_t *bytes;
    size_t capacity;
    size_t byte_count;
} staging;

static void stage(staging *staging, const raw_frame *frame) {
    size_t needed = staging->byte_count + frame_header_byte_count + prologue_byte_count + raw_byte_count(frame) + 16;
    if (needed > staging->capacity) {
        staging->capacity = 2 * needed;
        staging->bytes = realloc(staging->bytes, staging->capacity);
    }
    uint8_t *header = staging->bytes + staging->byte_count;
    uint8_t *payload = header + frame_header_byte_count;
    memset(header, 0, frame_header_byte_count + prologue_byte_count);
    bool is_lz4;
    size_t heads = compress_or_copy(frame->bytes, frame->heads_byte_count, payload + prologue_byte_count, &is_lz4);
    size_t bodies_at = word_aligned(prologue_byte_count + heads);
    const uint8_t *source = frame->bytes + word_aligned(frame->heads_byte_count);
    size_t bodies = compress_or_copy(source, frame->bodies_byte_count, payload + bodies_at, &is_lz4);
    uint64_t bodies_hash = hash(payload + bodies_at, bodies, salt);
    memcpy(payload + 8, &bodies_hash, 8);
    uint64_t payload_hash = hash(payload, bodies_at, salt);
    memcpy(header + 80, &payload_hash, 8);
    uint64_t header_hash = hash(header, 88, salt);
    memcpy(header + 88, &header_hash, 8);
    staging->byte_count += frame_header_byte_count + word_aligned(bodies_at + bodies);
}

bool bench_append(const bench_frames *frames, const char *directory) {
    int file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) return false;
    staging staging = {0};
    off_t end = 0;
    bool is_whole = true;
    for (size_t index = 0; index < frames->count && is_whole; index += 1) {
        stage(&staging, &frames->frames[index]);
        if (!(frames->frames[index].flags & flag_batch_last)) continue;
        is_whole = pwrite(file, staging.bytes, staging.byte_count, end) == (ssize_t)staging.byte_count
            && fdatasync(file) == 0;
        end += (off_t)staging.byte_count;
        staging.byte_count = 0;
    }
    free(staging.bytes);
    close(file);
    return is_whole;
}
