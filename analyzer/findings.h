#ifndef ANALYZER_FINDINGS_H
#define ANALYZER_FINDINGS_H

/*
 * Conflicts of one cause folded together, while the trace is read: memory grows with the distinct
 * causes, not with the conflicts. Fingerprints, which need names that may come last, are resolved
 * when the trace has ended.
 */

#include <stddef.h>
#include <stdint.h>

#include "analyzer/names.h"
#include "analyzer/tracker/operation.h"
#include "analyzer/tracker/tracker.h"

#define FINDING_EXAMPLES_MAX 9    /* the one shown in full and up to eight others */
#define FINDING_DISTINCT_MAX 4096 /* endpoints and addresses are counted exactly up to here */
#define FINGERPRINT_TEXT_LEN 33   /* 32 hex digits and the NUL */

enum fingerprint_scope { FINGERPRINT_PROCESS, FINGERPRINT_BUILD };
const char *fingerprint_scope_name(enum fingerprint_scope scope); /* "process" "build" */

struct finding {
    const struct rule *rule;
    struct process_info *process; /* B's; lives as long as the examples */
    char fingerprint[FINGERPRINT_TEXT_LEN];
    enum fingerprint_scope scope;
    uint64_t count;
    bool count_is_minimum;
    struct op_point first_time, last_time; /* posts of B: ticks and order only */
    uint32_t endpoints, addresses;
    struct conflict *examples[FINDING_EXAMPLES_MAX]; /* owned; [0] ranks first */
    unsigned example_count;
    bool gates;
};

struct findings;

/* The tracker keeps the operations that examples refer to; it must outlive the findings.
 * NULL: no memory. */
struct findings *findings_create(struct tracker *tracker);
void findings_destroy(struct findings *findings); /* takes NULL */

/* Conflicts have been found: what can be folded before they are settled is. Sets tag and interest
 * of those that are not to be ignored: findings_settled is to be told of what may be shown, for the
 * others findings_counted is enough. False: no memory, and some are ignored. */
bool findings_found(struct findings *findings, const struct operation *second,
                    struct conflict_found *found, size_t count);

/* A conflict has been settled. What is shown of it is copied, with references to its operations.
 * False: no memory. */
bool findings_settled(struct findings *findings, const struct conflict *conflict);
void findings_counted(struct findings *findings, const struct conflict_sum *sum);

/* An operation has ended: it will reach no cap any more. */
void findings_operation_ended(struct findings *findings, const struct operation *op);

/* Resolves fingerprints, folds what shares one, sorts (level, severity, first time). Once, after
 * the last findings_settled. False: no memory. */
bool findings_finish(struct findings *findings, const struct names *names);

size_t findings_count(const struct findings *findings);
const struct finding *findings_at(const struct findings *findings, size_t index);

/* The fingerprint of one conflict with the names known now. */
void fingerprint_conflict(const struct conflict *conflict, const struct names *names,
                          char text[FINGERPRINT_TEXT_LEN], enum fingerprint_scope *scope);

#endif
