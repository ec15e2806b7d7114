#ifndef SYNC_H
#define SYNC_H

#include <stddef.h>
#include <stdint.h>

/// Counts anew, and makes every sync of a file take so many nanoseconds and do nothing else; 0 lets it sync.
void bench_sync_begin(uint64_t nanoseconds);

/// Syncs since `bench_sync_begin`.
uint64_t bench_sync_count(void);

/// The time that each group took to be written and synced, the first ones; returns their number.
size_t bench_sync_groups(uint64_t *nanoseconds, size_t count_max);

#endif
