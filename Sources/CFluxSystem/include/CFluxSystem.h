#ifndef CFLUX_SYSTEM_H
#define CFLUX_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

/// XXH3-64 of `byte_count` bytes with a seed.
uint64_t flux_xxh3_64(const void *bytes, size_t byte_count, uint64_t seed);

/// XXH3-128 of `byte_count` bytes with a seed; returns the low half, the high half goes to `high`.
uint64_t flux_xxh3_128(const void *bytes, size_t byte_count, uint64_t seed, uint64_t *high);

/// Begins an XXH3-128 with seed 0 over bytes that come in parts; `NULL` where there is no memory for it.
void *flux_xxh3_128_begin(void);

/// Adds bytes behind those before.
void flux_xxh3_128_add(void *state, const void *bytes, size_t byte_count);

/// The hash of all bytes so far; returns the low half, the high half goes to `high`.
uint64_t flux_xxh3_128_value(const void *state, uint64_t *high);

/// Frees what was begun.
void flux_xxh3_128_end(void *state);

/// Takes the write lock of an open file description on the whole file without waiting.
/// Returns 0 or an errno; EAGAIN and EACCES mean that another open file description holds it.
int flux_lock_exclusive(int descriptor);

/// Tells whether another open file description holds a lock on the file: 1, 0 or a negated errno.
int flux_lock_is_held(int descriptor);

/// Reserves blocks up to `byte_count` and extends the file to it. Returns 0 or an errno; EOPNOTSUPP where the file system
/// cannot reserve.
int flux_allocate(int descriptor, int64_t byte_count);

/// Reads at an offset what is in the page cache. Returns the bytes read, which may be fewer, or a negated errno; 0 where
/// nothing is cached, or the file system cannot tell.
int64_t flux_read_cached(int descriptor, void *bytes, size_t byte_count, int64_t offset);

/// Maps the front of a file for reading. Returns `NULL` where that fails, where the system cannot load pages by a call, and for
/// files of a network, whose bytes may go at any moment.
void *flux_map(int descriptor, size_t byte_count);

/// Brings whole pages of a mapping into memory. Returns 0 or an errno: EFAULT where the file has become shorter, or cannot be
/// read.
int flux_map_load(const void *bytes, size_t byte_count);

/// Whether whole pages of a mapping, at most 1 MiB, are in memory: 1, or 0.
int flux_map_is_loaded(const void *bytes, size_t byte_count);

/// Gives the calling thread a name of at most 15 bytes, for who looks at the process.
void flux_name_thread(const char *name);

/// Tells whether all bytes are zero.
int flux_is_zero(const void *bytes, size_t byte_count);

#endif
