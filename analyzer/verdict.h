#ifndef ANALYZER_VERDICT_H
#define ANALYZER_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/tracker/coverage.h"

enum verdict { VERDICT_CLEAN, VERDICT_FINDINGS, VERDICT_ERROR, VERDICT_INCONCLUSIVE };

/* "clean" "findings" "error" "inconclusive" */
const char *verdict_name(enum verdict verdict);
int verdict_exit(enum verdict verdict);                     /* 0 1 2 3 */
enum verdict verdict_worse(enum verdict a, enum verdict b); /* by the order 2, 1, 3, 0 */

enum cause {
    CAUSE_NO_POSTS,
    CAUSE_NO_USER_ADDRESS,
    CAUSE_NO_USER_COMPLETION,
    CAUSE_EVENTS_LOST,
    CAUSE_END_MISSING,
    CAUSE_COUNT
};
#define CAUSE_BIT(cause) (UINT32_C(1) << (cause))
#define CAUSES_ALL ((UINT32_C(1) << CAUSE_COUNT) - 1)

const char *cause_name(enum cause cause);
const char *cause_text(enum cause cause); /* a sentence for a person: what it means, what to do */
bool cause_parse(const char *text, enum cause *cause);

/* Every cause that holds, accepted or not. */
uint32_t verdict_causes(const struct coverage *coverage, bool loss, bool end_missing);

/* `allowed`: CAUSE_BIT()s of --allow-inconclusive. */
enum verdict verdict_decide(bool gating_finding, uint32_t causes, uint32_t allowed);

#endif
