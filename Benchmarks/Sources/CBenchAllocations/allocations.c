#include "allocations.h"

#include <errno.h>
#include <stddef.h>

// The allocator of glibc under its own names. A program that defines the public names is asked first, also by the
// shared libraries that it loads, the Swift runtime among them.
extern void *__libc_malloc(size_t byte_count);
extern void *__libc_calloc(size_t count, size_t byte_count);
extern void *__libc_realloc(void *block, size_t byte_count);
extern void *__libc_memalign(size_t alignment, size_t byte_count);

static _Thread_local uint64_t allocation_count;

uint64_t bench_allocation_count(void) { return allocation_count; }

void *malloc(size_t byte_count) {
    allocation_count += 1;
    return __libc_malloc(byte_count);
}

void *calloc(size_t count, size_t byte_count) {
    allocation_count += 1;
    return __libc_calloc(count, byte_count);
}

void *realloc(void *block, size_t byte_count) {
    allocation_count += 1;
    return __libc_realloc(block, byte_count);
}

void *memalign(size_t alignment, size_t byte_count) {
    allocation_count += 1;
    return __libc_memalign(alignment, byte_count);
}

void *aligned_alloc(size_t alignment, size_t byte_count) { return memalign(alignment, byte_count); }

int posix_memalign(void **block, size_t alignment, size_t byte_count) {
    *block = memalign(alignment, byte_count);
    return *block == NULL ? ENOMEM : 0;
}
