/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_KNOWN_REPORT_DIFF_H
#define ANALYZER_KNOWN_REPORT_DIFF_H

/*
 * Two lists of findings compared: what is new, gone, more or less frequent. Findings of one
 * fingerprint count together. What has no equal fingerprint is paired one to one by the coarse one,
 * the earliest first, as a baseline does it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/known/old_report.h"

enum diff_state { DIFF_NEW, DIFF_GONE, DIFF_MORE, DIFF_LESS, DIFF_SAME };
#define DIFF_STATE_COUNT (DIFF_SAME + 1)
const char *diff_state_name(enum diff_state state); /* "new" "gone" "more" "less" "same" */

/* A finding of either list or of both. */
struct diff_entry {
    enum diff_state state;
    const struct old_finding *old, *new; /* NULL where it does not occur; borrowed */
    uint64_t old_count, new_count;       /* conflicts, over all inputs and processes */
    bool coarse; /* paired by the coarse fingerprint, or new while others of its kind were paired */
};

struct report_diff {
    struct diff_entry *entries; /* owned; by state, then in the order of the lists */
    size_t count;
    size_t by_state[DIFF_STATE_COUNT];
};

/* The reports are borrowed until report_diff_finish(). False: no memory. */
bool report_diff_make(struct report_diff *diff, const struct old_report *old,
                      const struct old_report *new);
void report_diff_finish(struct report_diff *diff);

#endif
