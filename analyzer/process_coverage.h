/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_PROCESS_COVERAGE_H
#define ANALYZER_PROCESS_COVERAGE_H

/*
 * The coverage of the processes that a filter admits, counted from what operations and conflicts
 * tell at their ends. What no operation tells stays the file's: events, their levels and keywords,
 * completions that matched nothing, posts that were rejected, and the most calls in flight.
 * `completions` are the matched ones of these processes and all that matched nothing.
 */

#include "analyzer/tracker/conflict.h"
#include "analyzer/tracker/coverage.h"

/* Counts an operation, once, when its end is known. */
void process_coverage_operation(struct coverage *coverage, const struct operation *op);

/* Counts an attempt that was rejected at once. */
void process_coverage_rejected(struct coverage *coverage);

/* Counts a conflict, once, when it is settled. */
void process_coverage_conflict(struct coverage *coverage, const struct conflict *conflict);

/* Completes `coverage` with what stays the file's, `all`. */
void process_coverage_finish(struct coverage *coverage, const struct coverage *all);

#endif
