#define _GNU_SOURCE 1
#include "power_loss.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

#ifdef HAS_SANITIZER

int power_loss_is_possible(void) { return 0; }

#else

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int power_loss_is_possible(void) { return 1; }

enum { descriptor_max = 4096, page_byte_count = 4096 };
enum stop_place { stop_before, stop_within, stop_after };

// Every call below the folder is done and noted under one lock, so that the journal has them in their order.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static size_t folder_length;
static int journal = -1;
static uint64_t call_count;
static uint64_t stop_at;
static enum stop_place stop_place;
static uint32_t handle_count;
// The handle of an open file, by its descriptor; 0 for one that is not followed.
static uint32_t handles[descriptor_max];

static _Noreturn void die(const char *reason) {
    if (reason != NULL) syscall(SYS_write, 2, reason, strlen(reason));
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) sched_yield();
}

__attribute__((constructor)) static void begin(void) {
    const char *below = getenv("FLUX_CALLS_BELOW");
    if (below == NULL) return;
    const char *path = getenv("FLUX_CALLS_JOURNAL");
    if (path != NULL) {
        journal = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (journal < 0) die("the journal of calls cannot be made\n");
    }
    const char *number = getenv("FLUX_CALLS_STOP_AT");
    if (number != NULL) stop_at = strtoull(number, NULL, 10);
    const char *place = getenv("FLUX_CALLS_STOP");
    if (place != NULL) stop_place = *place == 'b' ? stop_before : *place == 'w' ? stop_within : stop_after;
    folder_length = strlen(below);
    folder = below;
}

// The path within the folder, empty for the folder itself; NULL where it lies elsewhere. What lies in shared memory for the
// time that a process lives is no one's to find again.
static const char *followed(const char *path) {
    if (folder == NULL || path == NULL || strncmp(path, folder, folder_length) != 0) return NULL;
    const char *rest = path + folder_length;
    if (*rest != 0 && *rest != '/') return NULL;
    while (*rest == '/') rest++;
    size_t length = strlen(rest);
    return length >= 4 && strcmp(rest + length - 4, "-shm") == 0 ? NULL : rest;
}

static uint32_t handle_of(int descriptor) {
    return folder != NULL && descriptor >= 0 && descriptor < descriptor_max ? handles[descriptor] : 0;
}

static void note(
    enum power_loss_kind kind, uint32_t handle, uint64_t offset, const struct iovec *parts, int part_count) {
    if (journal < 0) return;
    struct power_loss_record record = {.kind = kind, .handle = handle, .offset = offset};
    struct iovec all[4] = {{.iov_base = &record, .iov_len = sizeof record}};
    for (int part = 0; part < part_count; part++) {
        all[part + 1] = parts[part];
        record.byte_count += parts[part].iov_len;
    }
    ssize_t done = syscall(SYS_writev, journal, all, part_count + 1);
    if (done != (ssize_t)(sizeof record + record.byte_count)) die("the journal of calls cannot be written\n");
}

static void note_bytes(
    enum power_loss_kind kind, uint32_t handle, uint64_t offset, const void *bytes, size_t byte_count) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = byte_count};
    note(kind, handle, offset, &part, 1);
}

static void note_path(enum power_loss_kind kind, uint32_t handle, uint64_t offset, const char *path) {
    note_bytes(kind, handle, offset, path, strlen(path));
}

// Counts a changing call; returns whether the process is to end at it, and ends it where it is to end before.
static int is_last(void) {
    call_count += 1;
    if (call_count != stop_at) return 0;
    if (stop_place == stop_before) die(NULL);
    return 1;
}

static void finish(int is_last_call) {
    if (is_last_call) die(NULL);
    pthread_mutex_unlock(&lock);
}

// MARK: Opening and closing

static int open_at(int directory, const char *path, int flags, mode_t mode) {
    const char *inside = followed(path);
    if (inside == NULL) return (int)syscall(SYS_openat, directory, path, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat status;
    int is_made = (flags & O_CREAT) && fstatat(directory, path, &status, 0) != 0;
    int is_cut = flags & O_TRUNC;
    int last = is_made || is_cut ? is_last() : 0;
    int descriptor = (int)syscall(SYS_openat, directory, path, flags, mode);
    int number = errno;
    if (descriptor >= descriptor_max) die("too many files are open to be followed\n");
    if (descriptor >= 0 && fstat(descriptor, &status) == 0) {
        uint32_t handle = ++handle_count;
        handles[descriptor] = handle;
        if (S_ISDIR(status.st_mode)) {
            note_path(power_loss_open_directory, handle, 0, inside);
        } else {
            note_path(power_loss_open, handle, is_made ? 1 : 0, inside);
            if (is_cut) note(power_loss_truncate, handle, 0, NULL, 0);
            if (flags & O_APPEND) die("a followed file is open for appending\n");
        }
    }
    finish(last);
    errno = number;
    return descriptor;
}

static mode_t mode_of(int flags, va_list arguments) {
    return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(arguments, int) : 0;
}

#define OPEN(name)                                              \
    int name(const char *path, int flags, ...) {                \
        va_list arguments;                                      \
        va_start(arguments, flags);                             \
        mode_t mode = mode_of(flags, arguments);                \
        va_end(arguments);                                      \
        return open_at(AT_FDCWD, path, flags, mode);            \
    }
#define OPENAT(name)                                            \
    int name(int directory, const char *path, int flags, ...) { \
        va_list arguments;                                      \
        va_start(arguments, flags);                             \
        mode_t mode = mode_of(flags, arguments);                \
        va_end(arguments);                                      \
        return open_at(directory, path, flags, mode);           \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int close(int descriptor) {
    if (handle_of(descriptor) == 0) return (int)syscall(SYS_close, descriptor);
    pthread_mutex_lock(&lock);
    note(power_loss_close, handles[descriptor], 0, NULL, 0);
    handles[descriptor] = 0;
    int result = (int)syscall(SYS_close, descriptor);
    pthread_mutex_unlock(&lock);
    return result;
}

// MARK: Bytes

static ssize_t write_at(int descriptor, const void *bytes, size_t byte_count, off_t offset) {
    pthread_mutex_lock(&lock);
    int last = is_last();
    if (last && stop_place == stop_within) {
        // Half of it, up to the end of a page: a system that copies page by page sees a kill between two.
        off_t end = (offset + (off_t)(byte_count / 2)) / page_byte_count * page_byte_count;
        byte_count = end > offset ? (size_t)(end - offset) : 0;
    }
    ssize_t count = syscall(SYS_pwrite64, descriptor, bytes, byte_count, offset);
    int number = errno;
    if (count >= 0) note_bytes(power_loss_write, handles[descriptor], (uint64_t)offset, bytes, (size_t)count);
    finish(last);
    errno = number;
    return count;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t byte_count, off_t offset) {
    if (handle_of(descriptor) == 0) return syscall(SYS_pwrite64, descriptor, bytes, byte_count, offset);
    return write_at(descriptor, bytes, byte_count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t byte_count, off_t offset) {
    return pwrite(descriptor, bytes, byte_count, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t byte_count) {
    if (handle_of(descriptor) != 0) {
        off_t offset = lseek(descriptor, 0, SEEK_CUR);
        ssize_t count = write_at(descriptor, bytes, byte_count, offset);
        if (count > 0) lseek(descriptor, offset + count, SEEK_SET);
        return count;
    }
    if (descriptor != 1 || journal < 0) return syscall(SYS_write, descriptor, bytes, byte_count);
    pthread_mutex_lock(&lock);
    ssize_t count = syscall(SYS_write, descriptor, bytes, byte_count);
    int number = errno;
    if (count > 0) note_bytes(power_loss_say, 0, 0, bytes, (size_t)count);
    pthread_mutex_unlock(&lock);
    errno = number;
    return count;
}

int ftruncate(int descriptor, off_t byte_count) {
    uint32_t handle = handle_of(descriptor);
    if (handle == 0) return (int)syscall(SYS_ftruncate, descriptor, byte_count);
    pthread_mutex_lock(&lock);
    int last = is_last();
    int result = (int)syscall(SYS_ftruncate, descriptor, byte_count);
    int number = errno;
    if (result == 0) note(power_loss_truncate, handle, (uint64_t)byte_count, NULL, 0);
    finish(last);
    errno = number;
    return result;
}

int ftruncate64(int descriptor, off_t byte_count) { return ftruncate(descriptor, byte_count); }

int fallocate(int descriptor, int mode, off_t offset, off_t byte_count) {
    uint32_t handle = handle_of(descriptor);
    if (handle == 0) return (int)syscall(SYS_fallocate, descriptor, mode, offset, byte_count);
    if (mode != 0) die("blocks of a followed file are reserved in a way that is not understood\n");
    pthread_mutex_lock(&lock);
    int last = is_last();
    int result = (int)syscall(SYS_fallocate, descriptor, mode, offset, byte_count);
    int number = errno;
    if (result == 0) note(power_loss_allocate, handle, (uint64_t)(offset + byte_count), NULL, 0);
    finish(last);
    errno = number;
    return result;
}

int fallocate64(int descriptor, int mode, off_t offset, off_t byte_count) {
    return fallocate(descriptor, mode, offset, byte_count);
}

// MARK: Syncs

static int sync_file(int descriptor, long call) {
    uint32_t handle = handle_of(descriptor);
    if (handle == 0) return (int)syscall(call, descriptor);
    pthread_mutex_lock(&lock);
    int last = is_last();
    note(power_loss_sync_begin, handle, 0, NULL, 0);
    if (last && stop_place == stop_within) die(NULL);
    // What others do meanwhile is not in the sync.
    pthread_mutex_unlock(&lock);
    sched_yield();
    pthread_mutex_lock(&lock);
    note(power_loss_sync_end, handle, 0, NULL, 0);
    finish(last);
    return 0;
}

int fsync(int descriptor) { return sync_file(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return sync_file(descriptor, SYS_fdatasync); }

// MARK: Names

int rename(const char *source, const char *target) {
    const char *from = followed(source), *to = followed(target);
    if ((from == NULL) != (to == NULL)) die("a file comes from outside of the folder, or leaves it\n");
    if (from == NULL) return (int)syscall(SYS_renameat2, AT_FDCWD, source, AT_FDCWD, target, 0);
    pthread_mutex_lock(&lock);
    int last = is_last();
    int result = (int)syscall(SYS_renameat2, AT_FDCWD, source, AT_FDCWD, target, 0);
    int number = errno;
    struct iovec parts[2] = {
        {.iov_base = (void *)from, .iov_len = strlen(from) + 1}, {.iov_base = (void *)to, .iov_len = strlen(to)}};
    if (result == 0) note(power_loss_rename, 0, 0, parts, 2);
    finish(last);
    errno = number;
    return result;
}

int unlink(const char *path) {
    const char *inside = followed(path);
    if (inside == NULL) return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    pthread_mutex_lock(&lock);
    int last = is_last();
    int result = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    int number = errno;
    if (result == 0) note_path(power_loss_remove, 0, 0, inside);
    finish(last);
    errno = number;
    return result;
}

int mkdir(const char *path, mode_t mode) {
    const char *inside = followed(path);
    if (inside == NULL) return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    pthread_mutex_lock(&lock);
    int last = is_last();
    int result = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    int number = errno;
    if (result == 0) note_path(power_loss_make_directory, 0, 0, inside);
    finish(last);
    errno = number;
    return result;
}

#endif
