#ifndef POWER_LOSS_H
#define POWER_LOSS_H

#include <stdint.h>

// A program that links this notes its calls that change files, so that another can tell what a loss of power would leave
// of them; and it can kill itself at one of them. Both are off unless the environment turns them on:
//
// FLUX_CALLS_BELOW    the folder whose files are followed: an absolute path without a slash at its end, without links
// FLUX_CALLS_JOURNAL  the file that the calls are appended to, outside of the folder
// FLUX_CALLS_STOP_AT  the number of the changing call, from 1, at which the process kills itself
// FLUX_CALLS_STOP     when: `before` the call, `within` it (half of the pages are written), or `after` it
//
// Followed files are never synced in earnest: the journal says what a sync has made durable.

/// Whether this build can do that; one with a sanitizer cannot, since both want the place of the same functions.
int power_loss_is_possible(void);

/// What a call did. Calls that failed are not noted.
enum power_loss_kind {
    /// `handle` is an open file; the bytes are its path. `offset` is 1 where the call made the file.
    power_loss_open = 1,
    /// `handle` is an open directory; the bytes are its path.
    power_loss_open_directory = 2,
    power_loss_close = 3,
    power_loss_write = 4,
    /// `offset` is the size to which the file was cut or extended.
    power_loss_truncate = 5,
    /// `offset` is the size up to which blocks were reserved.
    power_loss_allocate = 6,
    /// The bytes are the old path, a zero, and the path that is new.
    power_loss_rename = 7,
    power_loss_remove = 8,
    power_loss_make_directory = 9,
    power_loss_sync_begin = 10,
    power_loss_sync_end = 11,
    /// The bytes went to standard output.
    power_loss_say = 12,
};

/// One call in the journal, in the byte order of the machine; `byte_count` bytes follow.
struct power_loss_record {
    uint32_t kind;
    /// Numbers every opening anew, from 1; 0 where none is meant.
    uint32_t handle;
    uint64_t offset;
    uint64_t byte_count;
};

#endif
