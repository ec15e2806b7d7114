#ifndef GROUP_COMMIT_H
#define GROUP_COMMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The two sections of a frame before they are compressed.
typedef struct commit_sections {
    const uint8_t *heads;
    size_t heads_byte_count;
    const uint8_t *bodies;
    size_t bodies_byte_count;
} commit_sections;

/// What a run came to.
typedef struct commit_totals {
    /// Appends that were durable when they returned.
    uint64_t append_count;
    /// Nanoseconds from the first to the end of the last.
    uint64_t nanoseconds;
    /// Nanoseconds of each append, in no order; to be freed.
    uint64_t *latencies;
    /// Whether a call failed.
    bool has_failed;
} commit_totals;

/// Appends frames for a time: one thread for each producer, which lays out, compresses and hashes a frame of its own
/// sections and waits until it is durable; one that writes and syncs groups of up to 4 MiB; and one that wakes producers.
commit_totals bench_group_commit(
    const char *directory, const commit_sections *sections, size_t producer_count, uint64_t nanoseconds);

#endif
