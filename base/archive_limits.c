/* SPDX-License-Identifier: Apache-2.0 */

#include "base/archive_limits.h"

/* A trace whose trace buffers are nearly empty may well be a hundredth of its size in an archive.
 * Gzip and zip reach 1,030 at best, other formats many thousands, with zeros. */
const struct archive_limits archive_limits_default = {
    .unpacked_max = UINT64_C(1) << 40,
    .free_len = UINT64_C(256) << 20,
    .ratio_max = 1000,
};
