/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_RECORDING_MISTAKE_H
#define ANALYZER_RECORDING_MISTAKE_H

/* The mistake of a recording that a cause of an inconclusive result looks like. */

#include "analyzer/report.h"
#include "analyzer/verdict.h"

enum recording_mistake {
    MISTAKE_NONE,              /* the recording is as good as it can be */
    MISTAKE_NOTHING_RECORDED,  /* the file has no record but those of its header */
    MISTAKE_KERNEL_FILE_ALONE, /* the kernel's file of a session that wrote two */
    MISTAKE_PROVIDER_MISSING,  /* other providers were recorded */
    MISTAKE_LEVEL_TOO_LOW,
    MISTAKE_KEYWORDS_MISSING,
    MISTAKE_FILTERED,  /* events that belong together are there in part */
    MISTAKE_IDLE_TIME, /* recorded while nothing was sent or received */
    MISTAKE_STOPPED_TOO_EARLY,
    MISTAKE_BUFFERS_TOO_SMALL,
    MISTAKE_DAMAGED_COPY,
    MISTAKE_APPENDED, /* several sessions in one file */
    MISTAKE_NOT_STOPPED,
    MISTAKE_CUT_COPY,
    MISTAKE_COUNT
};

/* "level-too-low" and so on, stable; NULL for MISTAKE_NONE. */
const char *recording_mistake_name(enum recording_mistake mistake);

/* The mistake that a cause looks like; the cause holds for this input, whose coverage and traces
 * are complete. MISTAKE_NONE: the cause comes from no mistake of the recording. */
enum recording_mistake recording_mistake_of(const struct report_input *input, enum cause cause);

#endif
