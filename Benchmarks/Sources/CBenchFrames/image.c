#define _GNU_SOURCE

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "frames.h"
#include "raw_frames.h"

enum {
    salt = 0x5EED,
    /// One section needs no hash and no stored size of a second one.
    short_prologue_byte_count = 40,
};

/// A block of a frame: where it stands behind the frame's header, and what it holds.
typedef struct block {
    size_t at;
    size_t stored;
    size_t raw;
    bool is_lz4;
    uint64_t hash;
} block;

typedef struct image_frame {
    size_t offset;
    size_t byte_count;
    size_t heads_raw;
    bool begins_execution;
    /// Heads and bodies, or both in the first.
    block blocks[2];
} image_frame;

struct bench_image {
    bench_layout layout;
    size_t prologue_byte_count;
    uint8_t *bytes;
    size_t byte_count;
    image_frame *frames;
    size_t count;
    uint8_t *arena;
    uint8_t *input;
    int file;
};

bench_image *bench_image_make(const bench_frames *frames, bench_layout layout) {
    bench_image *image = calloc(1, sizeof *image);
    size_t capacity = 0;
    size_t largest = 0;
    for (size_t index = 0; index < frames->count; index += 1) {
        size_t raw = raw_byte_count(&frames->frames[index]) + 16;
        capacity += frame_header_byte_count + prologue_byte_count + raw;
        if (raw > largest) largest = raw;
    }
    image->layout = layout;
    image->prologue_byte_count = layout == bench_two_sections ? prologue_byte_count : short_prologue_byte_count;
    image->bytes = calloc(1, capacity);
    image->frames = calloc(frames->count, sizeof(image_frame));
    image->count = frames->count;
    image->arena = malloc(largest);
    image->input = malloc(largest + frame_header_byte_count + prologue_byte_count);
    image->file = -1;
    return image;
}

void bench_image_free(bench_image *image) {
    if (image->file >= 0) close(image->file);
    free(image->bytes);
    free(image->frames);
    free(image->arena);
    free(image->input);
    free(image);
}

/// Compresses bytes to where the block stands, pads them, and hashes all from `hashed_from` on.
static void encode_block(block *block, const uint8_t *source, size_t byte_count, uint8_t *payload, size_t hashed_from) {
    block->raw = byte_count;
    block->stored = compress_or_copy(source, byte_count, payload + block->at, &block->is_lz4);
    size_t end = word_aligned(block->at + block->stored);
    memset(payload + block->at + block->stored, 0, end - block->at - block->stored);
    block->hash = hash(payload + hashed_from, end - hashed_from, salt);
}

uint64_t bench_image_encode(bench_image *image, const bench_frames *frames) {
    size_t offset = 0;
    for (size_t index = 0; index < frames->count; index += 1) {
        const raw_frame *raw = &frames->frames[index];
        image_frame *frame = &image->frames[index];
        uint8_t *payload = image->bytes + offset + frame_header_byte_count;
        block *first = &frame->blocks[0];
        block *last = first;
        first->at = image->prologue_byte_count;
        frame->offset = offset;
        frame->heads_raw = raw->heads_byte_count;
        frame->begins_execution = raw->flags & flag_execution_first;
        if (image->layout == bench_one_section) {
            encode_block(first, raw->bytes, raw_byte_count(raw), payload, 0);
        } else {
            encode_block(first, raw->bytes, raw->heads_byte_count, payload, 0);
            last = &frame->blocks[1];
            last->at = word_aligned(first->at + first->stored);
            const uint8_t *bodies = raw->bytes + word_aligned(raw->heads_byte_count);
            encode_block(last, bodies, raw->bodies_byte_count, payload, last->at);
        }
        frame->byte_count = frame_header_byte_count + word_aligned(last->at + last->stored);
        offset += frame->byte_count;
    }
    image->byte_count = offset;
    return offset;
}

/// Holds a block against its hash and decodes the first `byte_count` bytes of it.
static bool decode_block(
    const block *block, const uint8_t *payload, size_t hashed_from, size_t byte_count, uint8_t *target) {
    size_t end = word_aligned(block->at + block->stored);
    if (hash(payload + hashed_from, end - hashed_from, salt) != block->hash) return false;
    if (!block->is_lz4) return true;
    if (byte_count == block->raw) return decompress(payload + block->at, block->stored, target, block->raw);
    return LZ4_decompress_safe_partial(
        (const char *)payload + block->at, (char *)target, (int)block->stored, (int)byte_count, (int)byte_count)
        == (int)byte_count;
}

static bool decode_frame_of_image(const bench_image *image, const image_frame *frame, const uint8_t *bytes) {
    const uint8_t *payload = bytes + frame_header_byte_count;
    const block *first = &frame->blocks[0];
    if (!decode_block(first, payload, 0, first->raw, image->arena)) return false;
    if (image->layout == bench_one_section) return true;
    const block *last = &frame->blocks[1];
    return decode_block(last, payload, last->at, last->raw, image->arena + word_aligned(first->raw));
}

bool bench_image_decode(bench_image *image) {
    bool is_whole = true;
    for (size_t index = 0; index < image->count && is_whole; index += 1) {
        const image_frame *frame = &image->frames[index];
        is_whole = decode_frame_of_image(image, frame, image->bytes + frame->offset);
    }
    return is_whole;
}

bool bench_image_decode_heads(bench_image *image) {
    bool is_whole = true;
    for (size_t index = 0; index < image->count && is_whole; index += 1) {
        const image_frame *frame = &image->frames[index];
        const uint8_t *payload = image->bytes + frame->offset + frame_header_byte_count;
        is_whole = decode_block(&frame->blocks[0], payload, 0, frame->heads_raw, image->arena);
    }
    return is_whole;
}

bool bench_image_save(bench_image *image, const char *directory) {
    image->file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (image->file < 0) return false;
    size_t done = 0;
    while (done < image->byte_count) {
        ssize_t count = write(image->file, image->bytes + done, image->byte_count - done);
        if (count <= 0) return false;
        done += (size_t)count;
    }
    return true;
}

bool bench_image_open_executions(bench_image *image) {
    for (size_t index = 0; index < image->count; index += 1) {
        const image_frame *frame = &image->frames[index];
        if (!frame->begins_execution) continue;
        ssize_t count = pread(image->file, image->input, frame->byte_count, (off_t)frame->offset);
        if (count != (ssize_t)frame->byte_count || !decode_frame_of_image(image, frame, image->input)) return false;
    }
    return true;
}
