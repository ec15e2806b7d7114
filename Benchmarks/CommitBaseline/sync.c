#define _GNU_SOURCE 1
#include "sync.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { group_count_max = 1 << 16 };

static _Atomic uint64_t slow_nanoseconds;
static _Atomic uint64_t sync_count;
static uint64_t groups[group_count_max];
/// Each thread that commits has its own.
static _Thread_local uint64_t write_nanoseconds;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void bench_sync_begin(uint64_t nanoseconds) {
    slow_nanoseconds = nanoseconds;
    sync_count = 0;
}

size_t bench_sync_groups(uint64_t *nanoseconds, size_t count_max) {
    size_t count = sync_count;
    if (count > count_max) count = count_max;
    if (count > group_count_max) count = group_count_max;
    memcpy(nanoseconds, groups, count * sizeof *groups);
    return count;
}

uint64_t bench_sync_count(void) { return sync_count; }

// Both take the place of the C library's in the program that links them.

ssize_t pwrite(int descriptor, const void *bytes, size_t byte_count, off_t offset) {
    uint64_t start = now();
    ssize_t written = syscall(SYS_pwrite64, descriptor, bytes, byte_count, offset);
    write_nanoseconds += now() - start;
    return written;
}

int fdatasync(int descriptor) {
    uint64_t start = now();
    uint64_t nanoseconds = slow_nanoseconds;
    struct timespec time = {.tv_sec = 0, .tv_nsec = (long)nanoseconds};
    int result = nanoseconds == 0 ? (int)syscall(SYS_fdatasync, descriptor) : nanosleep(&time, NULL);
    uint64_t index = sync_count++;
    if (index < group_count_max) groups[index] = write_nanoseconds + now() - start;
    write_nanoseconds = 0;
    return result;
}
