#define _GNU_SOURCE 1
#include "group_commit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"

enum {
    group_byte_count_max = 4 << 20,
    reserved_byte_count = 128 << 20,
    salt = 0x5EED,
    gather_nanoseconds_max = 250000,
};

/// A producer, and the frame that it waits for.
typedef struct producer {
    struct commit_log *log;
    commit_sections sections;
    uint8_t *raw;
    uint8_t *frame;
    size_t frame_byte_count;
    sem_t is_durable;
    struct producer *next;
    uint64_t *latencies;
    size_t latency_count, latency_capacity;
    uint64_t end;
    uint64_t id_state;
} producer;

/// Producers in the order in which they came.
typedef struct producer_list {
    producer *first, *last;
    size_t count;
} producer_list;

typedef struct commit_log {
    int file;
    pthread_mutex_t mutex;
    pthread_cond_t has_work, has_woken;
    producer_list waiting, woken;
    /// How many the writer waits for; 0 while it is busy.
    size_t wanted_count;
    /// Waits in vain in a row, and waits to leave out for it.
    unsigned vain_count, left_out_count;
    bool is_closed, has_failed;
} commit_log;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void push(producer_list *list, producer *producer) {
    producer->next = NULL;
    if (list->last) list->last->next = producer;
    else list->first = producer;
    list->last = producer;
    list->count += 1;
}

static producer *pop(producer_list *list) {
    producer *first = list->first;
    if (!first) return NULL;
    list->first = first->next;
    if (!list->first) list->last = NULL;
    list->count -= 1;
    return first;
}

/// Lays out, compresses and hashes one frame.
static void encode(producer *producer) {
    const commit_sections *sections = &producer->sections;
    uint8_t *heads = producer->raw;
    uint8_t *bodies = heads + word_aligned(sections->heads_byte_count);
    memcpy(heads, sections->heads, sections->heads_byte_count);
    memcpy(bodies, sections->bodies, sections->bodies_byte_count);
    uint8_t *payload = producer->frame + frame_header_byte_count;
    memset(producer->frame, 0, frame_header_byte_count + prologue_byte_count);
    bool is_lz4;
    size_t stored_heads = compress_or_copy(heads, sections->heads_byte_count, payload + prologue_byte_count, &is_lz4);
    size_t bodies_at = word_aligned(prologue_byte_count + stored_heads);
    size_t stored_bodies = compress_or_copy(bodies, sections->bodies_byte_count, payload + bodies_at, &is_lz4);
    size_t end = word_aligned(bodies_at + stored_bodies);
    memset(payload + prologue_byte_count + stored_heads, 0, bodies_at - prologue_byte_count - stored_heads);
    memset(payload + bodies_at + stored_bodies, 0, end - bodies_at - stored_bodies);
    uint64_t bodies_hash = hash(payload + bodies_at, end - bodies_at, salt);
    memcpy(payload + 8, &bodies_hash, 8);
    uint64_t payload_hash = hash(payload, bodies_at, salt);
    memcpy(producer->frame + 80, &payload_hash, 8);
    producer->id_state = producer->id_state * 6364136223846793005u + 1442695040888963407u;
    memcpy(producer->frame + 40, &producer->id_state, 8);
    producer->frame_byte_count = frame_header_byte_count + end;
}

static void *produce(void *argument) {
    producer *producer = argument;
    commit_log *log = producer->log;
    for (uint64_t start = now(); start < producer->end; start = now()) {
        encode(producer);
        pthread_mutex_lock(&log->mutex);
        push(&log->waiting, producer);
        bool is_wanted = log->wanted_count > 0 && log->waiting.count >= log->wanted_count;
        if (is_wanted) log->wanted_count = 0;
        pthread_mutex_unlock(&log->mutex);
        if (is_wanted) pthread_cond_signal(&log->has_work);
        while (sem_wait(&producer->is_durable) != 0) {}
        if (log->has_failed) break;
        if (producer->latency_count == producer->latency_capacity) {
            producer->latency_capacity = producer->latency_capacity * 2 + 1024;
            producer->latencies = realloc(
                producer->latencies, producer->latency_capacity * sizeof *producer->latencies);
        }
        producer->latencies[producer->latency_count++] = now() - start;
    }
    return NULL;
}

/// Waits until so many frames wait, for a time; in the end takes up to 4 MiB of them.
static producer_list take(commit_log *log, size_t gathered_count, uint64_t gather_nanoseconds) {
    producer_list taken = {0};
    pthread_mutex_lock(&log->mutex);
    bool gathers = gathered_count > 1 && log->left_out_count == 0;
    if (gathered_count > 1 && log->left_out_count > 0) log->left_out_count -= 1;
    if (gathers && log->waiting.count < gathered_count) {
        struct timespec time;
        clock_gettime(CLOCK_MONOTONIC, &time);
        time.tv_nsec += (long)gather_nanoseconds;
        if (time.tv_nsec >= 1000000000) {
            time.tv_nsec -= 1000000000;
            time.tv_sec += 1;
        }
        while (log->waiting.count < gathered_count && !log->is_closed) {
            log->wanted_count = gathered_count;
            if (pthread_cond_timedwait(&log->has_work, &log->mutex, &time) == ETIMEDOUT) break;
        }
    }
    if (gathers) {
        bool is_reached = log->waiting.count >= gathered_count;
        log->vain_count = is_reached ? 0 : log->vain_count + 1;
        log->left_out_count = is_reached ? 0 : log->vain_count < 6 ? 1u << log->vain_count : 64;
    }
    while (log->waiting.count == 0 && !log->is_closed) {
        log->wanted_count = 1;
        pthread_cond_wait(&log->has_work, &log->mutex);
    }
    log->wanted_count = 0;
    size_t byte_count = 0;
    while (log->waiting.first && (!byte_count || byte_count + log->waiting.first->frame_byte_count <= group_byte_count_max)) {
        producer *producer = pop(&log->waiting);
        byte_count += producer->frame_byte_count;
        push(&taken, producer);
    }
    pthread_mutex_unlock(&log->mutex);
    return taken;
}

/// Stamps, writes and syncs groups until the log is closed.
static void *commit(void *argument) {
    commit_log *log = argument;
    uint8_t *staging = malloc(group_byte_count_max);
    uint64_t sequence = 1, previous_hash = 0, end = 4096, durable_end = 4096, reserved = 0, sync_nanoseconds = 0;
    size_t gathered_count = 0;
    while (true) {
        uint64_t gather = sync_nanoseconds / 4 < gather_nanoseconds_max ? sync_nanoseconds / 4 : gather_nanoseconds_max;
        producer_list group = take(log, gathered_count, gather);
        if (!group.first) break;
        size_t byte_count = 0;
        for (producer *producer = group.first; producer; producer = producer->next) {
            uint8_t *header = staging + byte_count;
            memcpy(header, producer->frame, producer->frame_byte_count);
            memcpy(header + 16, &sequence, 8);
            memcpy(header + 24, &durable_end, 8);
            memcpy(header + 32, &previous_hash, 8);
            previous_hash = hash(header, 88, salt ^ ((end + byte_count) * 0x9E3779B97F4A7C15u));
            memcpy(header + 88, &previous_hash, 8);
            sequence += 1;
            byte_count += producer->frame_byte_count;
        }
        if (end + byte_count > reserved) {
            reserved += reserved_byte_count;
            if (posix_fallocate(log->file, 0, (off_t)reserved) != 0) log->has_failed = true;
        }
        uint64_t start = now();
        if (pwrite(log->file, staging, byte_count, (off_t)end) != (ssize_t)byte_count || fdatasync(log->file) != 0) {
            log->has_failed = true;
        }
        sync_nanoseconds = now() - start;
        end += byte_count;
        durable_end = end;
        gathered_count = group.count;
        pthread_mutex_lock(&log->mutex);
        if (log->woken.last) log->woken.last->next = group.first;
        else log->woken.first = group.first;
        log->woken.last = group.last;
        pthread_mutex_unlock(&log->mutex);
        pthread_cond_signal(&log->has_woken);
    }
    free(staging);
    return NULL;
}

/// Wakes producers whose frames are durable.
static void *wake(void *argument) {
    commit_log *log = argument;
    pthread_mutex_lock(&log->mutex);
    while (true) {
        producer *producer = log->woken.first;
        if (!producer) {
            if (log->is_closed) break;
            pthread_cond_wait(&log->has_woken, &log->mutex);
            continue;
        }
        log->woken = (producer_list){0};
        pthread_mutex_unlock(&log->mutex);
        while (producer) {
            // Awake, it is on its way into another list.
            struct producer *next = producer->next;
            sem_post(&producer->is_durable);
            producer = next;
        }
        pthread_mutex_lock(&log->mutex);
    }
    pthread_mutex_unlock(&log->mutex);
    return NULL;
}

static void open_log(commit_log *log, const char *directory) {
    *log = (commit_log){.file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    log->has_failed = log->file < 0;
    pthread_mutex_init(&log->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&log->has_work, &attributes);
    pthread_cond_init(&log->has_woken, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void start_thread(pthread_t *thread, void *(*body)(void *), void *argument) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    // A run without one of its threads would wait for ever.
    if (pthread_create(thread, &attributes, body, argument) != 0) abort();
    pthread_attr_destroy(&attributes);
}

commit_totals bench_group_commit(
    const char *directory, const commit_sections *sections, size_t producer_count, uint64_t nanoseconds
) {
    commit_log log;
    open_log(&log, directory);
    commit_totals totals = {.has_failed = log.has_failed};
    if (log.has_failed) return totals;
    producer *producers = calloc(producer_count, sizeof *producers);
    pthread_t *threads = calloc(producer_count + 2, sizeof *threads);
    uint64_t start = now();
    start_thread(&threads[producer_count], commit, &log);
    start_thread(&threads[producer_count + 1], wake, &log);
    for (size_t index = 0; index < producer_count; index += 1) {
        producer *producer = &producers[index];
        size_t raw = word_aligned(sections[index].heads_byte_count) + word_aligned(sections[index].bodies_byte_count);
        *producer = (struct producer){
            .log = &log, .sections = sections[index], .raw = malloc(raw),
            .frame = malloc(frame_header_byte_count + prologue_byte_count + raw + 16),
            .end = start + nanoseconds, .id_state = index,
        };
        sem_init(&producer->is_durable, 0, 0);
        start_thread(&threads[index], produce, producer);
    }
    for (size_t index = 0; index < producer_count; index += 1) pthread_join(threads[index], NULL);
    totals.nanoseconds = now() - start;
    pthread_mutex_lock(&log.mutex);
    log.is_closed = true;
    pthread_mutex_unlock(&log.mutex);
    pthread_cond_broadcast(&log.has_work);
    pthread_cond_broadcast(&log.has_woken);
    pthread_join(threads[producer_count], NULL);
    pthread_join(threads[producer_count + 1], NULL);
    for (size_t index = 0; index < producer_count; index += 1) totals.append_count += producers[index].latency_count;
    totals.latencies = malloc((totals.append_count + 1) * sizeof *totals.latencies);
    uint64_t *next = totals.latencies;
    for (size_t index = 0; index < producer_count; index += 1) {
        producer *producer = &producers[index];
        memcpy(next, producer->latencies, producer->latency_count * sizeof *next);
        next += producer->latency_count;
        free(producer->latencies);
        free(producer->raw);
        free(producer->frame);
        sem_destroy(&producer->is_durable);
    }
    free(producers);
    free(threads);
    close(log.file);
    pthread_cond_destroy(&log.has_work);
    pthread_cond_destroy(&log.has_woken);
    pthread_mutex_destroy(&log.mutex);
    totals.has_failed = log.has_failed;
    return totals;
}
