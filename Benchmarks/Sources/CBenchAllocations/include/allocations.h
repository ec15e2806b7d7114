#ifndef CBENCH_ALLOCATIONS_H
#define CBENCH_ALLOCATIONS_H

#include <stdint.h>

/// Blocks of memory that the calling thread has asked for since it began.
uint64_t bench_allocation_count(void);

#endif
