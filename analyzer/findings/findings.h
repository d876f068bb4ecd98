#ifndef ANALYZER_FINDINGS_FINDINGS_H
#define ANALYZER_FINDINGS_FINDINGS_H

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
    struct op_point first_time, last_time; /* earliest and latest post of B: ticks and order only */
    uint32_t endpoints, addresses;
    struct conflict *examples[FINDING_EXAMPLES_MAX]; /* owned; [0] ranks first */
    unsigned example_count;
    bool gates;
};

struct findings;

struct findings_options {
    const struct judgements *judgements; /* borrowed: the tracker's */
    const bool *rule_enabled;            /* borrowed; by index in rules_table; NULL: all are */
    bool keep_all;                       /* every conflict of an enabled rule is wanted */
};

/* The tracker keeps the operations that examples refer to; it must outlive the findings.
 * NULL: no memory. */
struct findings *findings_create(struct tracker *tracker, const struct findings_options *options);
void findings_destroy(struct findings *findings); /* takes NULL */

/* Conflicts of a post have been found, as tracker_hooks' conflicts_found tells it: they are
 * counted, and those of them that may be shown are wanted. Returns how many. `count`: up to
 * CONFLICTS_FOUND_MAX. `complete`: false if there was no memory for some. */
size_t findings_found(struct findings *findings, struct operation *second,
                      struct operation *const *first, size_t count, bool kernel,
                      struct conflict_wanted *wanted, bool *complete);

/* A conflict has been settled. What is shown of it is copied, with references to its operations.
 * False: no memory. */
bool findings_settled(struct findings *findings, const struct conflict *conflict);

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
