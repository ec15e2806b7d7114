#define _GNU_SOURCE 1
#include "sync.h"

#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Atomic uint64_t slow_nanoseconds;
static _Atomic uint64_t sync_count;

void bench_slow_sync(uint64_t nanoseconds) { slow_nanoseconds = nanoseconds; }

uint64_t bench_sync_count(void) { return sync_count; }

// Takes the place of the C library's in the program that links it.
int fdatasync(int descriptor) {
    sync_count += 1;
    uint64_t nanoseconds = slow_nanoseconds;
    if (nanoseconds == 0) return (int)syscall(SYS_fdatasync, descriptor);
    struct timespec time = {.tv_sec = 0, .tv_nsec = (long)nanoseconds};
    return nanosleep(&time, NULL);
}
