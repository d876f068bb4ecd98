/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_VERDICT_H
#define ANALYZER_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/tracker/coverage.h"

enum verdict { VERDICT_CLEAN, VERDICT_FINDINGS, VERDICT_ERROR, VERDICT_INCONCLUSIVE };

/* "clean" "findings" "error" "inconclusive" */
const char *verdict_name(enum verdict verdict);
int verdict_exit(enum verdict verdict); /* 0 1 2 3 */
enum verdict verdict_worse(enum verdict a,
                           enum verdict b); /* the worse comes first in the order 2, 1, 3, 0 */

enum cause {
    CAUSE_NO_POSTS,
    CAUSE_NO_USER_ADDRESS,
    CAUSE_FEW_USER_ADDRESSES,
    CAUSE_NO_USER_COMPLETION,
    CAUSE_EVENTS_LOST,
    CAUSE_END_MISSING,
    CAUSE_MEMORY_LIMIT, /* an error: nobody can accept it */
    CAUSE_COUNT
};
#define CAUSES_TO_ACCEPT CAUSE_MEMORY_LIMIT /* the causes before it make a result inconclusive */
#define CAUSE_BIT(cause) (UINT32_C(1) << (cause))
#define CAUSES_ALL ((UINT32_C(1) << CAUSES_TO_ACCEPT) - 1) /* all that can be accepted */

const char *cause_name(enum cause cause);
const char *cause_text(enum cause cause); /* a sentence for a person: what it means, what to do */
bool cause_parse(const char *text, enum cause *cause);

/* Takes the first cause, in the order of the enumeration, out of a set of CAUSE_BIT()s, which must
 * not be empty. */
enum cause cause_take(uint32_t *left);

/* Why a trace has no operation: the first of these that holds. */
enum no_posts {
    NO_POSTS_NONE,          /* the trace has a post, or none of the kinds below holds */
    NO_POSTS_PROVIDER,      /* no event of the Winsock provider */
    NO_POSTS_REGISTERED_IO, /* only registered I/O moves data */
    NO_POSTS_LEVEL,         /* recorded at a level that leaves posts out */
    NO_POSTS_KEYWORDS,      /* recorded with keywords that leave posts out */
    NO_POSTS_REJECTED,      /* every post was rejected at once */
    NO_POSTS_NO_TRAFFIC,    /* no data was sent or received */
    NO_POSTS_COUNT
};
const char *no_posts_name(enum no_posts kind); /* "provider" ...; NULL for NO_POSTS_NONE */
/* A clause for a person, for kinds that are no mistake of the recording; NULL for all others. */
const char *no_posts_text(enum no_posts kind);
enum no_posts verdict_no_posts(const struct coverage *coverage);

/* Directions in which a cause holds; both may. */
struct verdict_directions {
    bool sends, recvs;
};
struct verdict_directions verdict_no_user_address(const struct coverage *coverage);
struct verdict_directions verdict_no_user_completion(const struct coverage *coverage);
/* `min_visible`: percent, 0: never. */
struct verdict_directions verdict_few_user_addresses(const struct coverage *coverage,
                                                     unsigned min_visible);

/* Facts that a trace's header and reader tell besides its coverage, and whether reading ended at
 * the limit on memory. */
struct verdict_trace {
    bool loss, end_missing, memory_limit;
};

/* Every cause that holds, accepted or not. */
uint32_t verdict_causes(const struct coverage *coverage, const struct verdict_trace *trace,
                        unsigned min_visible);

/* `allowed`: CAUSE_BIT()s of --allow-inconclusive. */
enum verdict verdict_decide(bool gating_finding, uint32_t causes, uint32_t allowed);

#endif
