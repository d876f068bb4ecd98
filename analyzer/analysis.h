/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_ANALYSIS_H
#define ANALYZER_ANALYSIS_H

/*
 * One trace (or several files of one timeline) from its first byte to its verdict: opens the
 * files, runs reader, decoder, tracker and folding, and fills the input's part of the report.
 */

#include <stddef.h>

#include "analyzer/analysis_hooks.h"
#include "analyzer/report.h"

struct analysis;

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
 * judges again. Without this call fingerprints hold no functions. */
void analysis_use_functions(struct analysis *analysis);

void analysis_destroy(struct analysis *analysis); /* takes NULL */

#endif
