#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "frames.h"
#include "segments.h"

struct bench_finder {
    sqlite3 *index;
    sqlite3_stmt *first;
    sqlite3_stmt *others;
    int *files;
    uint32_t file_count;
    uint64_t store_salt;
    uint8_t *stored;
    size_t stored_capacity;
    uint8_t *arena;
    size_t arena_capacity;
};

static bool prepare(bench_finder *finder, const char *store) {
    char path[4096];
    snprintf(path, sizeof path, "%s/index/index.db", store);
    if (sqlite3_open_v2(path, &finder->index, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) return false;
    const char *first = "SELECT n, frames, seg, off, len FROM exec WHERE id = ?1";
    const char *others = "SELECT seg, off, len FROM frame WHERE n = ?1 ORDER BY ord";
    return sqlite3_prepare_v2(finder->index, first, -1, &finder->first, NULL) == SQLITE_OK
        && sqlite3_prepare_v2(finder->index, others, -1, &finder->others, NULL) == SQLITE_OK;
}

static bool open_segments(bench_finder *finder, const char *store) {
    for (uint32_t number = 0; number < finder->file_count; number += 1) {
        char path[4096];
        snprintf(path, sizeof path, "%s/seg/%08x.0000.rpl", store, number + 1);
        finder->files[number] = open(path, O_RDONLY | O_CLOEXEC);
        uint8_t salt[8];
        if (finder->files[number] < 0 || pread(finder->files[number], salt, sizeof salt, 48) != sizeof salt) return false;
        finder->store_salt = load64(salt);
    }
    return true;
}

bench_finder *bench_finder_make(const char *store, uint32_t segment_count) {
    bench_finder *finder = calloc(1, sizeof *finder);
    finder->file_count = segment_count;
    finder->files = malloc(segment_count * sizeof *finder->files);
    for (uint32_t number = 0; number < segment_count; number += 1) finder->files[number] = -1;
    if (prepare(finder, store) && open_segments(finder, store)) return finder;
    bench_finder_free(finder);
    return NULL;
}

void bench_finder_free(bench_finder *finder) {
    sqlite3_finalize(finder->first);
    sqlite3_finalize(finder->others);
    sqlite3_close(finder->index);
    for (uint32_t number = 0; number < finder->file_count; number += 1) {
        if (finder->files[number] >= 0) close(finder->files[number]);
    }
    free(finder->files);
    free(finder->stored);
    free(finder->arena);
    free(finder);
}

static void grow(uint8_t **bytes, size_t *capacity, size_t needed) {
    if (needed <= *capacity) return;
    free(*bytes);
    *capacity = 2 * needed;
    *bytes = malloc(*capacity);
}

static bool read_frame(bench_finder *finder, sqlite3_stmt *row, int column, uint64_t *word_sum) {
    int64_t segment = sqlite3_column_int64(row, column);
    int64_t offset = sqlite3_column_int64(row, column + 1);
    size_t byte_count = (size_t)sqlite3_column_int64(row, column + 2);
    if (segment < 1 || segment > finder->file_count) return false;
    grow(&finder->stored, &finder->stored_capacity, byte_count);
    if (pread(finder->files[segment - 1], finder->stored, byte_count, offset) != (ssize_t)byte_count) return false;
    stored_frame frame = parse_frame(finder->stored);
    grow(&finder->arena, &finder->arena_capacity, word_aligned(frame.heads_raw) + frame.bodies_raw);
    const uint8_t *heads;
    const uint8_t *bodies;
    if (!decode_frame(&frame, finder->store_salt, finder->arena, &heads, &bodies)) return false;
    *word_sum += payload_word_sum(&frame, heads, bodies);
    return true;
}

bool bench_finder_read(bench_finder *finder, const uint8_t id[16], uint64_t *word_sum) {
    sqlite3_bind_blob(finder->first, 1, id, 16, SQLITE_STATIC);
    bool is_read = sqlite3_step(finder->first) == SQLITE_ROW && read_frame(finder, finder->first, 2, word_sum);
    if (is_read && sqlite3_column_int64(finder->first, 1) > 1) {
        sqlite3_bind_int64(finder->others, 1, sqlite3_column_int64(finder->first, 0));
        while (is_read && sqlite3_step(finder->others) == SQLITE_ROW) {
            is_read = read_frame(finder, finder->others, 0, word_sum);
        }
        sqlite3_reset(finder->others);
    }
    sqlite3_reset(finder->first);
    return is_read;
}
