/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_ANALYSIS_H
#define ANALYZER_ANALYSIS_H

/*
 * One trace (or several files of one timeline) from its first byte to its verdict: opens the
 * files, runs reader, decoder, tracker and folding, and fills the input's part of the report.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/report.h"

struct analysis;
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
};

/*
 * Analyses the files at `paths` as one timeline and fills *input, whatever happens: an input that
 * can't be opened has `opened` false, VERDICT_ERROR and causes in `errors`; one that fails on the
 * way keeps what was found. What *input points to lives until analysis_destroy. NULL only when
 * there is no memory for the analysis itself; *input is filled then, too.
 */
struct analysis *analysis_run(const char *const *paths, size_t path_count,
                              const struct report_settings *settings,
                              const struct analysis_hooks *hooks, struct report_input *input);

/* Resolves the frames of the findings: those that fingerprints use, then those that are shown.
 * `symbols` and `settings` are borrowed until analysis_destroy. What was in the way becomes caveats
 * of the input. Does nothing for an input that was not opened. */
void analysis_resolve(struct analysis *analysis, struct symbols *symbols,
                      const struct report_settings *settings);

/* After analysis_resolve: makes fingerprints of functions, joins the findings that share one, and
 * judges again; or takes the functions out of the fingerprints. */
void analysis_use_functions(struct analysis *analysis);
void analysis_forget_functions(struct analysis *analysis);

void analysis_destroy(struct analysis *analysis); /* takes NULL */

#endif
