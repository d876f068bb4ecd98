/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_NAME_TIME_H
#define ANALYZER_NAME_TIME_H

/* Intervals of trace time in which a name holds; both bounds belong to them. */

#include <stdint.h>

#define NAME_FOREVER INT64_MAX
#define NAME_SINCE_EVER INT64_MIN

/* A file may hold any clock value, also the first and the last. */
static inline int64_t name_just_before(int64_t order)
{
    return order > NAME_SINCE_EVER ? order - 1 : order;
}

static inline int64_t name_just_after(int64_t order)
{
    return order < NAME_FOREVER ? order + 1 : order;
}

#endif
