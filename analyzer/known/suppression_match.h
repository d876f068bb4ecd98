/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_KNOWN_SUPPRESSION_MATCH_H
#define ANALYZER_KNOWN_SUPPRESSION_MATCH_H

/*
 * Says which entry of the suppressions fits a finding. An entry fits where every conflict of the
 * finding does: what a conflict shows of peers is gathered while the trace is read, everything else
 * is the same for all that a finding folds, or is asked of the examples that it keeps.
 */

#include "analyzer/findings/finding.h"
#include "analyzer/frames.h"
#include "analyzer/known/suppressions.h"

/* The `remote` patterns that fit the peer of either post, a bit each. */
uint64_t suppression_tags(const struct suppressions *suppressions, const struct conflict *conflict);

/* True if an entry that has not expired fits a conflict by itself, with the names known now. Counts
 * nothing: it is findings that use an entry. */
bool suppressions_fit(const struct suppressions *suppressions, struct conflict *conflict,
                      const struct fingerprint *fingerprint, const struct frames *frames);

/* The first entry that fits and has not expired, or NULL. All that fit count the finding. */
const struct suppression *suppressions_find(struct suppressions *suppressions,
                                            const struct finding *finding,
                                            const struct frames *frames);

#endif
