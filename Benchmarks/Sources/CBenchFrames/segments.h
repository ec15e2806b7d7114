#ifndef CBENCH_SEGMENTS_H
#define CBENCH_SEGMENTS_H

#include "frame.h"

/// Walks the frames of one segment file through a window that is read in large steps.
typedef struct segment_walk {
    int file;
    uint64_t store_salt;
    uint8_t *bytes;
    size_t capacity;
    /// The bytes of the file that the window holds.
    uint64_t window_start;
    size_t window_byte_count;
    uint64_t next_frame;
    /// Whether headers are held against their hashes and the chain.
    bool checks_headers;
    uint32_t segment;
    uint64_t segment_salt;
    uint64_t next_sequence;
    uint64_t last_hash;
} segment_walk;

/// Opens a file; a walk that was used before keeps its memory.
bool segment_walk_begin(segment_walk *walk, const char *path);
/// The next frame of events; `false` behind the last one.
bool segment_walk_next(segment_walk *walk, stored_frame *frame);
void segment_walk_end(segment_walk *walk);

/// The frame of events whose header begins at `bytes`.
stored_frame parse_frame(const uint8_t *bytes);

/// Whether the header of the next frame has its hash and goes on from the frame before.
bool header_holds(segment_walk *walk, const uint8_t *header);

/// Whether every record, payload and text of a decoded frame lies inside of its section.
bool records_hold(const stored_frame *frame, const uint8_t *heads);

/// Verifies a frame and decodes it into `heads` and `bodies`, or points them at sections that are stored as they are.
bool decode_frame(
    const stored_frame *frame, uint64_t store_salt, uint8_t *arena, const uint8_t **heads, const uint8_t **bodies);

/// Walks the records of a decoded frame and sums their payloads, META's among them, which is empty.
uint64_t payload_word_sum(const stored_frame *frame, const uint8_t *heads, const uint8_t *bodies);

#endif
