#ifndef CBENCH_RAW_FRAMES_H
#define CBENCH_RAW_FRAMES_H

#include "frame.h"

/// One decoded frame: heads, zeros up to a word, bodies.
typedef struct raw_frame {
    const uint8_t *bytes;
    uint32_t heads_byte_count;
    uint32_t bodies_byte_count;
    uint8_t flags;
} raw_frame;

struct bench_frames {
    raw_frame *frames;
    size_t count;
};

static inline size_t raw_byte_count(const raw_frame *frame) {
    return word_aligned(frame->heads_byte_count) + frame->bodies_byte_count;
}

#endif
