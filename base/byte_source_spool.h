/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_BYTE_SOURCE_SPOOL_H
#define BASE_BYTE_SOURCE_SPOOL_H

/* A copy of an input that can't seek, such as a pipe or a member of an archive. */

#include <stdint.h>
#include <stdio.h>

#include "base/byte_source.h"

#define SPOOL_MEMORY_MAX (256u << 20) /* bytes that a copy in memory may have */

struct spool {
    FILE *file;     /* owned: the copy is a temporary file; NULL: it is in memory */
    uint8_t *bytes; /* owned: the copy in memory */
    uint64_t len;   /* bytes of the copy */
};

/* Gives the next bytes of an input, `len` of them at most: their number, 0 at the end, or -1 after
 * a cause was appended. `offset` counts the bytes that were given before. */
typedef int64_t spool_read_fn(void *user, uint64_t offset, uint8_t *bytes, size_t len,
                              struct error_chain *errors);

/* Copies all that `read` gives, into a temporary file, or into memory where no such file can be
 * made. `check` is as for byte_source_open_file(). On an error *spool is empty and a cause was
 * appended. */
enum byte_source_status spool_fill(struct spool *spool, spool_read_fn *read, void *user,
                                   byte_source_check_fn *check, struct error_chain *errors);

/* Takes one that is empty. */
void spool_finish(struct spool *spool);

/* Fills a spool, and makes a byte source of the copy, which owns it. */
enum byte_source_status byte_source_open_spool(spool_read_fn *read, void *user,
                                               byte_source_check_fn *check,
                                               struct byte_source **source,
                                               struct error_chain *errors);

/* Makes a byte source of what was written into a temporary file (platform.h). The source owns the
 * file, which is closed on an error, too. */
enum byte_source_status byte_source_open_temporary(FILE *file, struct byte_source **source,
                                                   struct error_chain *errors);

#endif
