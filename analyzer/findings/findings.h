/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_FINDINGS_FINDINGS_H
#define ANALYZER_FINDINGS_FINDINGS_H

/*
 * Conflicts of one cause folded together while the trace is read (docs/semantics.md, 8). Memory
 * grows with the distinct causes, not with the conflicts. Fingerprints need names, which may come
 * last: they are made when the trace has ended, and findings that share one are joined then.
 */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/findings/finding.h"
#include "analyzer/tracker/tracker.h"

struct findings;

/* The tracker keeps the operations that examples refer to; it must outlive the findings.
 * NULL: no memory. */
struct findings *findings_create(struct tracker *tracker, const struct findings_options *options);
void findings_destroy(struct findings *findings); /* takes NULL */

/* A conflict has been settled: folded and counted; what is shown of it is copied, with references
 * to its operations. False: no memory. */
bool findings_settled(struct findings *findings, const struct conflict *conflict);

/* The bytes that the findings take, with what findings_finish will need for a moment. Operations
 * and stacks are the tracker's. */
size_t findings_bytes(const struct findings *findings);

/* Makes fingerprints, joins what shares one, sorts (level, harm, severity, first time). Once, after
 * the last findings_settled. False: no memory. */
bool findings_finish(struct findings *findings, const struct frames *frames);

/* Makes the fingerprints anew, with functions where they are known, joins what shares one then, and
 * sorts again. After findings_finish. False: no memory. */
bool findings_use_functions(struct findings *findings, const struct frames *frames);

size_t findings_count(const struct findings *findings);
const struct finding *findings_at(const struct findings *findings, size_t index);
/* Findings that the filters or the options' `modules` leave out, in no order, after
 * findings_finish. */
size_t findings_hidden_count(const struct findings *findings);
const struct finding *findings_hidden_at(const struct findings *findings, size_t index);

/* The same as findings_at, for who says which findings are known: `gates`, `baseline`, `kind`,
 * `suppressed`; and for across.h. */
struct finding *findings_edit(struct findings *findings, size_t index);
bool findings_gate(const struct findings *findings); /* true if some finding gates */

#endif
