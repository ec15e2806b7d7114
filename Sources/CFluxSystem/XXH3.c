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

void *flux_xxh3_128_begin(void) {
    XXH3_state_t *state = XXH3_createState();
    if (state != NULL) XXH3_128bits_reset(state);
    return state;
}

void flux_xxh3_128_add(void *state, const void *bytes, size_t byte_count) {
    XXH3_128bits_update(state, bytes, byte_count);
}

uint64_t flux_xxh3_128_value(const void *state, uint64_t *high) {
    XXH128_hash_t hash = XXH3_128bits_digest(state);
    *high = hash.high64;
    return hash.low64;
}

void flux_xxh3_128_end(void *state) { XXH3_freeState(state); }
