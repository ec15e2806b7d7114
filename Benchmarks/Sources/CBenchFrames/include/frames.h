#ifndef CBENCH_FRAMES_H
#define CBENCH_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The format's fields are named in the documentation of FluxFormat: pages `Segment` and `Frame`.

// MARK: Scan

/// What a pass over segment files met.
typedef struct bench_totals {
    /// Frames of events.
    uint64_t frame_count;
    /// Bytes of their payloads as stored, with padding.
    uint64_t stored_byte_count;
    /// Bytes of both sections once decoded.
    uint64_t raw_byte_count;
    /// The sum of the payloads' 8-byte words; 0 where they were not read.
    uint64_t word_sum;
    /// Whether a file could not be read, or a frame did not verify.
    bool has_failed;
} bench_totals;

/// What a pass does beside the other before it.
typedef enum bench_pass {
    /// XXH3 of the stored sections, LZ4 of the compressed ones.
    bench_decoding,
    /// Walks the records and reads every byte of their payloads.
    bench_reading,
    /// Holds each header against its hash and the chain, and each record, payload and text against its section: what must
    /// be so before a byte can be handed to someone.
    bench_checked,
} bench_pass;

/// Reads every frame of events.
bench_totals bench_scan(const char *const *paths, size_t path_count, bench_pass pass);

/// The sum of 8-byte words, the last one filled up with zeros.
uint64_t bench_word_sum(const uint8_t *bytes, size_t byte_count);

// MARK: Sections

/// How the heads and bodies of a frame are laid out.
typedef enum bench_layout {
    /// Both in one block with one hash.
    bench_one_section = 1,
    /// Each in a block of its own, with a hash of its own.
    bench_two_sections = 2,
} bench_layout;

/// The decoded frames of some segment files.
typedef struct bench_frames bench_frames;

/// Reads and decodes every frame of events; `NULL` where one cannot be read.
bench_frames *bench_frames_read(const char *const *paths, size_t path_count);
void bench_frames_free(bench_frames *frames);
/// Bytes of heads and bodies.
uint64_t bench_frames_byte_count(const bench_frames *frames);
/// Frames that begin an execution.
size_t bench_frames_execution_count(const bench_frames *frames);

/// Frames as they would be stored, all in one block of memory and, once saved, in a file.
typedef struct bench_image bench_image;

/// An image with room for the frames in any layout.
bench_image *bench_image_make(const bench_frames *frames, bench_layout layout);
void bench_image_free(bench_image *image);
/// Compresses and hashes every frame; returns the stored bytes, headers included.
uint64_t bench_image_encode(bench_image *image, const bench_frames *frames);
/// Verifies and decodes every frame.
bool bench_image_decode(bench_image *image);
/// Verifies and decodes the heads of every frame; of a frame in one section as much as that takes.
bool bench_image_decode_heads(bench_image *image);
/// Writes the image to a file that has no name.
bool bench_image_save(bench_image *image, const char *directory);
/// Reads the first frame of every execution from the file, and verifies and decodes it.
bool bench_image_open_executions(bench_image *image);

// MARK: Append

/// Compresses, hashes, copies and writes the frames to a file without a name, with one fdatasync for each batch.
bool bench_append(const bench_frames *frames, const char *directory);

// MARK: Open by id

/// Finds executions by their ids in the index of a store, and reads them from its segments.
typedef struct bench_finder bench_finder;

/// Opens the index and the first so many segments of a store; `NULL` where one cannot be opened.
bench_finder *bench_finder_make(const char *store, uint32_t segment_count);
void bench_finder_free(bench_finder *finder);
/// Looks an execution up, reads each of its frames with one `pread`, verifies the sections, decodes them, and adds the
/// payloads' 8-byte words. `false` where it cannot be read.
bool bench_finder_read(bench_finder *finder, const uint8_t id[16], uint64_t *word_sum);

// MARK: Other databases as a store

/// Executions in a database of their own.
typedef struct bench_peer bench_peer;

/// How a peer keeps an execution.
typedef enum bench_peer_kind {
    /// SQLite, a row for each event, clustered by execution.
    bench_peer_rows,
    /// SQLite, one row for each execution, with all of its events in an LZ4 block.
    bench_peer_blobs,
    /// LMDB, one value for each execution, which is read where it lies.
    bench_peer_lmdb_raw,
    /// LMDB, one LZ4 block for each execution.
    bench_peer_lmdb_blocks,
    /// RocksDB with LZ4, a value for each event, in the order of executions.
    bench_peer_rocksdb,
} bench_peer_kind;

/// Whether the program was built with that database.
bool bench_peer_is_built(bench_peer_kind kind);

/// Makes a database; `NULL` where that fails.
bench_peer *bench_peer_make(const char *path, bench_peer_kind kind);
void bench_peer_free(bench_peer *peer);
/// Adds an event to the execution that is being written.
bool bench_peer_add(bench_peer *peer, const uint8_t id[16], uint32_t number, uint16_t kind, uint64_t offset,
    const void *payload, size_t byte_count);
/// Ends the execution; commits every thousandth, and each with `is_last`.
bool bench_peer_end(bench_peer *peer, const uint8_t id[16], bool is_last);
/// Looks an execution up, reads every event of it, and adds the payloads' 8-byte words.
bool bench_peer_read(bench_peer *peer, const uint8_t id[16], uint64_t *word_sum);

// MARK: Open

/// Lists a folder, and reads the first and the last page of each file in it. Returns the number of files, or -1 where one
/// cannot be read.
int bench_open_plainly(const char *folder);

#endif
