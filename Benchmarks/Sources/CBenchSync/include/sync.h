#ifndef CBENCH_SYNC_H
#define CBENCH_SYNC_H

#include <stdint.h>

/// Makes every sync of a file take so many nanoseconds and do nothing else; 0 lets it sync.
void bench_slow_sync(uint64_t nanoseconds);

/// Syncs since the program began.
uint64_t bench_sync_count(void);

#endif
