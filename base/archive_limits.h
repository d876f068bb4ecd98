/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_ARCHIVE_LIMITS_H
#define BASE_ARCHIVE_LIMITS_H

#include <stdint.h>

/* How much an archive may unpack to, so that a small file that unpacks to terabytes costs neither
 * the disk nor hours. An archive that unpacks to `free_len` or less may have any ratio. */
struct archive_limits {
    uint64_t unpacked_max; /* bytes, whatever the archive's size */
    uint64_t free_len;     /* bytes */
    uint64_t ratio_max;    /* times the archive's own size */
};

extern const struct archive_limits archive_limits_default;

#endif
