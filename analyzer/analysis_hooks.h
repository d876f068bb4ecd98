/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_ANALYSIS_HOOKS_H
#define ANALYZER_ANALYSIS_HOOKS_H

/* The calls by which a command follows an analysis (analysis.h) while it runs. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/report.h"

struct byte_source;
struct event_batch;

/* Calls that a caller wants while the trace is read; any of them may be NULL. */
struct analysis_hooks {
    void *user;
    struct symbols *symbols; /* for what the hooks print; borrowed */
    /* Once, when the headers and the index are read; not called for what could not be opened. */
    void (*begin)(void *user, const struct report_input *input);
    /* Called in the order in which conflicts were settled, for those that the settings select; of
     * modules only with names_first, because names may come later otherwise. */
    void (*conflict)(void *user, const struct report_input *input, const struct conflict *conflict);
    /* Called in the order in which ends become known, pending operations last. */
    void (*operation)(void *user, const struct report_input *input, const struct operation *op);
    /* Every record as the reader walks it, in no order. Progress is then told by records, too, and
     * both come from the thread that reads: such a caller's settings allow one job. */
    void (*record)(void *user, const struct etl_event *event);
    /* Each batch of events in the order of time, before what it holds is judged. */
    void (*batch)(void *user, const struct event_batch *batch);
    /* The bytes that the caller's reports keep; counts for the limit on memory. */
    size_t (*held)(void *user);
    /* Every few dozen events. False: nobody wants the rest, and reading ends there, in
     * VERDICT_ERROR. */
    bool (*progress)(void *user, uint64_t done_bytes, uint64_t total_bytes);
    /* Names are complete before the first conflict and operation: the inputs are walked twice. */
    bool names_first;
    /* Findings that the filters leave out are folded, too, apart from the others. */
    bool keeps_hidden;
    /* Ticks from which the filters count seconds; borrowed; NULL: those of the first event. */
    const int64_t *filters_from;
    /* The only input, where it is open already; borrowed; its path is just its name. NULL: the
     * paths are opened. */
    struct byte_source *source;
};

#endif
