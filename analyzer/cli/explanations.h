/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_EXPLANATIONS_H
#define ANALYZER_CLI_EXPLANATIONS_H

/* Texts of `bufcheck explain` for the words that verdicts and findings use: causes of an
 * inconclusive result, kinds of `no-posts`, confidence, and reasons for it. A rule's texts stand in
 * its own file (rules/). */

#include <stddef.h>

#include "analyzer/tracker/conflict.h"
#include "analyzer/verdict.h"

#define EXPLANATION_CAUSE "cause of an inconclusive result (exit status 3)"
#define EXPLANATION_NO_POSTS "kind of no-posts (exit status 3)"
#define EXPLANATION_CONFIDENCE "confidence of a finding"
#define EXPLANATION_REASON "reason why a finding is not confirmed"

/* The number of explanations: of causes, kinds of no-posts, confidences and reasons. */
#define EXPLANATION_COUNT                                                                          \
    (CAUSE_COUNT + NO_POSTS_COUNT - NO_POSTS_PROVIDER + CONFIDENCE_COUNT + REASON_COUNT)

/* Paragraphs, \n\n between them. */
struct explanation {
    const char *name;
    const char *brief;   /* a clause for a list, 53 bytes at most */
    const char *kind;    /* one of those above */
    const char *means;   /* the observation in the trace */
    const char *matters; /* the consequence for the verdict or the finding */
    const char *remedy;  /* the way to a better result */
};

/* The index-th explanation of that name: "events-lost" is a cause and a reason. NULL beyond the
 * last. */
const struct explanation *explanation_find(const char *name, size_t index);

/* All explanations, causes first; NULL beyond the last. */
const struct explanation *explanation_at(size_t index);

#endif
