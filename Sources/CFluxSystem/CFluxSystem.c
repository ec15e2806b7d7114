// The header must not see _GNU_SOURCE: it would change types that Swift's Glibc module has defined already.
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "CFluxSystem.h"

int flux_lock_exclusive(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(descriptor, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
}

int flux_lock_is_held(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(descriptor, F_OFD_GETLK, &lock) != 0) return -errno;
    return lock.l_type == F_UNLCK ? 0 : 1;
}

int flux_allocate(int descriptor, int64_t byte_count) {
    // File systems on which a reserved block is not the one that a later write fills: there it only costs.
    enum { btrfs = 0x9123683E, zfs = 0x2FC12FC1, tmpfs = 0x01021994 };
    struct statfs system;
    if (fstatfs(descriptor, &system) == 0) {
        unsigned type = (unsigned)system.f_type;
        if (type == btrfs || type == zfs || type == tmpfs) return EOPNOTSUPP;
    }
    int result;
    do result = fallocate(descriptor, 0, 0, byte_count);
    while (result != 0 && errno == EINTR);
    if (result == 0) return 0;
    return errno == ENOSYS ? EOPNOTSUPP : errno;
}

int64_t flux_read_cached(int descriptor, void *bytes, size_t byte_count, int64_t offset) {
    struct iovec target = {.iov_base = bytes, .iov_len = byte_count};
    ssize_t count = preadv2(descriptor, &target, 1, offset, RWF_NOWAIT);
    if (count >= 0) return count;
    // What is not cached, and file systems and kernels that do not know the question.
    int is_unknown = errno == EAGAIN || errno == EINTR || errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL;
    return is_unknown ? 0 : -errno;
}

int flux_is_zero(const void *bytes, size_t byte_count) {
    const unsigned char *first = bytes;
    // Compares the bytes with themselves, one further on.
    return byte_count == 0 || (*first == 0 && memcmp(first, first + 1, byte_count - 1) == 0);
}

void flux_name_thread(const char *name) {
    // A name that is too long is refused, and the thread keeps the one it has.
    pthread_setname_np(pthread_self(), name);
}
