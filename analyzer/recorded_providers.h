/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_RECORDED_PROVIDERS_H
#define ANALYZER_RECORDED_PROVIDERS_H

/* Providers of a trace that has no event of the Winsock provider, for the report to say what was
 * recorded instead. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/byte_source.h"
#include "base/guid.h"

#define RECORDED_PROVIDERS_MAX 3 /* named ones; a report needs no full list */

struct recorded_providers {
    struct guid guids[RECORDED_PROVIDERS_MAX]; /* most records first, then by GUID */
    size_t count;
};

/* Looks at the first records in time, some ten thousand, whatever the size of the trace. Records
 * that can't be read leave *providers empty or shorter. Sources and paths are those of the
 * analysis, borrowed for the call. False: memory did not suffice. */
bool recorded_providers_read(struct recorded_providers *providers,
                             struct byte_source *const *sources, const char *const *paths,
                             size_t source_count);

#endif
