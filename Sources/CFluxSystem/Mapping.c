// The header must not see _GNU_SOURCE: it would change types that Swift's Glibc module has defined already.
#define _GNU_SOURCE 1
#include <errno.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "CFluxSystem.h"

enum {
    // Linux 5.14; headers may be older.
    populate_read = 22,
    mapped_pages_max = (1 << 20) / 4096 + 2,
};

static int is_remote(int descriptor) {
    static const unsigned types[] = {
        0x6969,      // NFS
        0xFF534D42,  // CIFS
        0xFE534D42,  // SMB2
        0x517B,      // SMB
        0x01021997,  // 9P
        0x65735546,  // FUSE
        0x00C36400,  // CEPH
        0x5346414F,  // AFS
        0x01161970,  // GFS2
        0x7461636F,  // OCFS2
        0x0BD00BD0,  // Lustre
    };
    struct statfs system;
    if (fstatfs(descriptor, &system) != 0) return 1;
    for (size_t index = 0; index < sizeof types / sizeof *types; index += 1) {
        if ((unsigned)system.f_type == types[index]) return 1;
    }
    return 0;
}

void *flux_map(int descriptor, size_t byte_count) {
    if (is_remote(descriptor)) return NULL;
    void *bytes = mmap(NULL, byte_count, PROT_READ, MAP_SHARED, descriptor, 0);
    if (bytes == MAP_FAILED) return NULL;
    // A system that cannot load pages says so of any.
    if (madvise(bytes, 1, populate_read) == 0 || errno != EINVAL) return bytes;
    munmap(bytes, byte_count);
    return NULL;
}

int flux_map_load(const void *bytes, size_t byte_count) {
    int result;
    do result = madvise((void *)bytes, byte_count, populate_read);
    while (result != 0 && (errno == EINTR || errno == EAGAIN));
    return result == 0 ? 0 : errno;
}

int flux_map_is_loaded(const void *bytes, size_t byte_count) {
    unsigned char pages[mapped_pages_max];
    size_t page_byte_count = (size_t)sysconf(_SC_PAGESIZE);
    size_t count = (byte_count + page_byte_count - 1) / page_byte_count;
    if (count > mapped_pages_max || mincore((void *)bytes, byte_count, pages) != 0) return 0;
    for (size_t index = 0; index < count; index += 1) {
        if (!(pages[index] & 1)) return 0;
    }
    return 1;
}
