/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_BYTE_SOURCE_H
#define BASE_BYTE_SOURCE_H

/*
 * Where bytes come from. The trace reader never opens a file: whoever calls it opens a byte source.
 * A source is read by position, and its size is fixed when it is created. Reading a source that has
 * become shorter since (somebody truncates the file) gives BYTE_SOURCE_ERROR.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error_chain.h"

enum byte_source_status {
    BYTE_SOURCE_OK = 0,
    BYTE_SOURCE_ERROR = -1,     /* cause appended: can't read, or shorter than `size` said */
    BYTE_SOURCE_NO_MEMORY = -2, /* cause appended */
};

struct byte_source;
struct out;

struct byte_source_ops {
    /* Fills dst[0..len) from `offset`. Callers never ask beyond `size`. Several threads may call
     * this at once. */
    enum byte_source_status (*read)(struct byte_source *source, uint64_t offset, void *dst,
                                    size_t len, struct error_chain *errors);
    void (*destroy)(struct byte_source *source); /* frees `source` itself */
};

struct byte_source {
    const struct byte_source_ops *ops; /* borrowed, static */
    uint64_t size;                     /* bytes */
};

/* Fills dst[0..len) from `offset`, or appends a cause that names the offset and both lengths. */
enum byte_source_status byte_source_read(struct byte_source *source, uint64_t offset, void *dst,
                                         size_t len, struct error_chain *errors);

/* Writes all bytes to `out`, which keeps an error of writing to itself. False: a cause was
 * appended, and only a part was written. */
bool byte_source_copy(struct byte_source *source, struct out *out, struct error_chain *errors);

/* Takes NULL. */
void byte_source_destroy(struct byte_source *source);

#define BYTE_SOURCE_START_LEN 4096

/* Looks at the first bytes of an input, BYTE_SOURCE_START_LEN of them or all that there are. False:
 * a cause was appended, and the input need not be read. */
typedef bool byte_source_check_fn(const uint8_t *bytes, size_t len, struct error_chain *errors);

/*
 * Opens `path` for reading. "-" is standard input. An input that can't seek, such as a pipe, is
 * copied into a temporary file without a name, in $TMPDIR, or where none can be made, into memory,
 * SPOOL_MEMORY_MAX bytes at most; `check`, if not NULL, looks at its first bytes before the others
 * are read, since there may be no end of them. On success the caller owns *source.
 */
enum byte_source_status byte_source_open_file(const char *path, byte_source_check_fn *check,
                                              struct byte_source **source,
                                              struct error_chain *errors);

/* Over memory; `bytes` is borrowed and must outlive the source. */
enum byte_source_status byte_source_open_memory(const void *bytes, size_t len,
                                                struct byte_source **source,
                                                struct error_chain *errors);

#endif
