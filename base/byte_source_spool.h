#ifndef BASE_BYTE_SOURCE_SPOOL_H
#define BASE_BYTE_SOURCE_SPOOL_H

/* A copy of an input that can't seek, such as a pipe: the part of byte_source_file.c that reads it
 * whole. */

#include <stdint.h>
#include <stdio.h>

#include "base/byte_source.h"

#define SPOOL_MEMORY_MAX (256u << 20) /* bytes that a copy in memory may have */

struct spool {
    FILE *file;     /* owned: the copy is a temporary file; NULL: it is in memory */
    uint8_t *bytes; /* owned: the copy in memory */
    uint64_t len;   /* bytes of the copy */
};

/* Copies all that `descriptor` gives from here on, into a temporary file, or into memory where no
 * such file can be made. `check` is as for byte_source_open_file(). On an error *spool is empty and
 * a cause was appended. */
enum byte_source_status spool_fill(struct spool *spool, int descriptor, byte_source_check_fn *check,
                                   struct error_chain *errors);

/* Takes one that is empty. */
void spool_finish(struct spool *spool);

#endif
