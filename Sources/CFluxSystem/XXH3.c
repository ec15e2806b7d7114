// Compiled as C, not imported: the importer of Swift reads headers as if nothing were to be inlined (__NO_INLINE__), and
// xxhash.h then leaves its inner loop as a call, at half the speed.
#define XXH_INLINE_ALL 1
#include <xxhash.h>

#include "CFluxSystem.h"

uint64_t flux_xxh3_64(const void *bytes, size_t byte_count, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, byte_count, seed);
}

uint64_t flux_xxh3_128(const void *bytes, size_t byte_count, uint64_t seed, uint64_t *high) {
    XXH128_hash_t hash = XXH3_128bits_withSeed(bytes, byte_count, seed);
    *high = hash.high64;
    return hash.low64;
}
