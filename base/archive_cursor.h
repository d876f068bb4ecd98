/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_ARCHIVE_CURSOR_H
#define BASE_ARCHIVE_CURSOR_H

/*
 * An archive that is read from its first member to its last one, through libarchive: this module is
 * the only one that includes it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/archive_limits.h"
#include "base/archive_path.h"
#include "base/byte_source.h"

struct archive_cursor;

enum archive_step {
    ARCHIVE_STEP_MEMBER,     /* the cursor stands at a file */
    ARCHIVE_STEP_END,        /* there are no more */
    ARCHIVE_STEP_ERROR = -1, /* cause appended; the cursor is of no further use */
};

/* `source` holds the archive's bytes and is taken over, also on errors; `limits` is borrowed. NULL:
 * cause appended. */
struct archive_cursor *archive_cursor_create(struct byte_source *source, enum archive_kind kind,
                                             const struct archive_limits *limits,
                                             struct error_chain *errors);

void archive_cursor_destroy(struct archive_cursor *cursor); /* takes NULL */

/* Goes on to the next file; folders and links are passed over. */
enum archive_step archive_cursor_next(struct archive_cursor *cursor, struct error_chain *errors);

/* The path of the file that the cursor stands at, valid until the next step. NULL: the archive is
 * one compressed file without a name. */
const char *archive_cursor_name(const struct archive_cursor *cursor);

/* Adds the size that the archive claims for the file to what it unpacks to. False: that is more
 * than the limits allow; cause appended. */
bool archive_cursor_count(struct archive_cursor *cursor, struct error_chain *errors);

/* Reads on in the file, see spool_read_fn in byte_source_spool.h. `user` is the cursor. */
int64_t archive_cursor_read(void *user, uint64_t offset, uint8_t *bytes, size_t len,
                            struct error_chain *errors);

#endif
