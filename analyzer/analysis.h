#ifndef ANALYZER_ANALYSIS_H
#define ANALYZER_ANALYSIS_H

/*
 * One trace (or several files of one timeline) from its first byte to its verdict: opens the
 * files, runs reader, decoder, tracker and folding, and fills the input's part of the report.
 */

#include <stddef.h>
#include <stdint.h>

#include "analyzer/report.h"

struct analysis;

/* Calls that a caller wants while the trace is read; any of them may be NULL. */
struct analysis_hooks {
    void *user;
    /* Once, when the headers and the index are read; not called for what could not be opened. */
    void (*begin)(void *user, const struct report_input *input);
    /* Called in the order in which conflicts were settled. */
    void (*conflict)(void *user, const struct report_input *input, const struct conflict *conflict);
    /* Called in the order in which ends become known, pending operations last. */
    void (*operation)(void *user, const struct report_input *input, const struct operation *op);
    /* Every record as the reader walks it, in no order. Progress is then told by records, too, and
     * both come from the thread that reads: such a caller's settings allow one job. */
    void (*record)(void *user, const struct etl_event *event);
    /* Every few dozen events. False: nobody wants the rest, and reading ends there, in
     * VERDICT_ERROR. */
    bool (*progress)(void *user, uint64_t done_bytes, uint64_t total_bytes);
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

void analysis_destroy(struct analysis *analysis); /* takes NULL */

#endif
