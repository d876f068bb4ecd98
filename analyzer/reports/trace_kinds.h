/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_TRACE_KINDS_H
#define ANALYZER_REPORTS_TRACE_KINDS_H

/*
 * Inputs of one kind: of the same verdict, and with findings of the same causes at the same levels.
 * Reports say of such inputs once what a line about each would repeat.
 */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/report.h"

struct trace_kinds {
    size_t *next;   /* owned; of each input the next one of its kind by part_next_input(), or
                     * TRACE_KINDS_END */
    bool *is_later; /* owned; of each input whether one of its kind comes before it */
};

#define TRACE_KINDS_END SIZE_MAX

/* `coarse`: causes are compared by their coarse fingerprints, so that a rebuilt program makes no
 * other kind. An input without a finding, or with something else that is to be told of it, is alone
 * in its kind. False: no memory. The caller gives *kinds to trace_kinds_finish() in any case. */
bool trace_kinds_find(struct trace_kinds *kinds, const struct report *report, bool coarse);
void trace_kinds_finish(struct trace_kinds *kinds);

/* How many inputs of its kind come after an input. */
size_t trace_kinds_after(const struct trace_kinds *kinds, size_t input);

#endif
