/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_FINDINGS_FINDING_H
#define ANALYZER_FINDINGS_FINDING_H

/* A finding: conflicts of one cause, what tells causes apart, and how conflicts rank
 * (docs/semantics.md, 8). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/frames.h"
#include "analyzer/tracker/conflict.h"

#define FINDING_EXAMPLES_MAX 9    /* the one shown in full and up to eight others */
#define FINDING_DISTINCT_MAX 4096 /* endpoints and addresses are counted exactly up to here */
#define FINGERPRINT_TEXT_LEN 33   /* 32 hex digits and the NUL */
#define FINGERPRINT_FRAMES 2      /* own frames of each post that a fingerprint uses */
#define FINGERPRINT_VERSION 2     /* the recipe: fingerprints of two versions never agree */

/* How far a fingerprint holds: for every run of the program whatever its code, for one build of it,
 * or for every build in which the functions keep their names. */
enum fingerprint_scope { FINGERPRINT_PROCESS, FINGERPRINT_BUILD, FINGERPRINT_PROGRAM };
const char *fingerprint_scope_name(enum fingerprint_scope scope); /* "process" "build" "program" */

struct fingerprint {
    char text[FINGERPRINT_TEXT_LEN];
    char coarse[FINGERPRINT_TEXT_LEN]; /* names no place in the code; for baselines */
    enum fingerprint_scope scope;
};

/* The fingerprint of a conflict, with the names that are known now. With `use_functions` it holds
 * functions instead of offsets where they are known for every frame that it uses. */
void fingerprint_make(const struct conflict *conflict, const struct frames *frames,
                      bool use_functions, struct fingerprint *fingerprint);

/* The place that a post comes from, as far as causes are told apart before names are known. The
 * stack store holds each distinct stack once, so that a stack's address stands for its frames while
 * something holds it. No padding. */
struct post_origin {
    uint64_t process; /* serial number */
    uint64_t stack;   /* address; 0: none */
    uint64_t call;    /* op_call_row() */
};
struct post_origin post_origin_of(const struct operation *op);

/* Tells causes apart: where both posts come from, and how the two are related. No padding. */
struct finding_key {
    struct post_origin first, second;
    uint64_t rule;     /* address */
    uint64_t relation; /* finding_relation() */
};
void finding_key_init(struct finding_key *key, const struct conflict *conflict);

/* Bits that tell whether the two posts are of one socket, whether they are of one thread, and
 * whether the filters leave their conflict out. */
uint64_t finding_relation(const struct conflict *conflict);

/* How conflicts of one finding rank: by level, harm (some, unknown, none), the second's post, the
 * first's. Negative: a before b. */
int finding_rank(const struct conflict *a, const struct conflict *b);

/* 2: bytes were really damaged, 1: not known, 0: none. */
static inline unsigned finding_harm_rank(const struct conflict *conflict)
{
    if (conflict->harm == HARM_UNKNOWN) {
        return 1;
    }
    return conflict->harm == HARM_KNOWN && conflict->harm_len != 0 ? 2 : 0;
}

/* A baseline's word on a finding (analyzer/known/). */
enum finding_baseline { FINDING_NOT_COMPARED, FINDING_NEW, FINDING_UNCHANGED };

struct across_cause;
struct baseline_kind;
struct suppression;

struct finding {
    const struct rule *rule;
    const struct process_info *process; /* the second's; lives as long as the examples */
    struct fingerprint fingerprint;
    enum rule_level severity, level; /* the shown example's; in_image lowers the level */
    uint64_t count;                  /* conflicts */
    uint64_t posts;                  /* distinct second operations */
    uint64_t harmful;                /* conflicts with harm of more than 0 bytes */
    bool count_is_minimum;           /* an operation of it reached a cap of conflicts */
    bool in_image; /* a note because all overlaps that it keeps lie in loaded images */
    bool gates;    /* counts: the level gates, and the finding is not known */
    enum finding_baseline baseline;
    const struct baseline_kind
        *kind;     /* of a new one that may be a known one; else NULL; borrowed */
    uint64_t tags; /* bits that options.tags gave of every conflict */
    const struct suppression *suppressed;  /* by this entry; NULL: it is not; borrowed */
    const struct across_cause *across;     /* the cause over all inputs; NULL: one input */
    struct op_point first_time, last_time; /* earliest and latest second's post: ticks and order */
    uint32_t endpoints, addresses;
    struct conflict *examples[FINDING_EXAMPLES_MAX]; /* owned; [0] ranks first */
    unsigned example_count;
};

/* True if a team knows the finding already: it is listed, and does not count. */
static inline bool finding_is_known(const struct finding *finding)
{
    return finding->baseline == FINDING_UNCHANGED || finding->suppressed != NULL;
}

/* Modules by patterns of their file names: of --module. */
#define MODULE_GLOBS_MAX 32
struct module_globs {
    const char *globs[MODULE_GLOBS_MAX]; /* borrowed */
    size_t count;                        /* 0: all modules */
};

struct findings_options {
    const enum rule_level *severity; /* borrowed; the user's for each rule, 0 where none; or NULL */
    /* Folds what the filters leave out, too, apart: a baseline asks for it. Else it is dropped. */
    bool keeps_hidden;
    enum rule_level gates_from; /* the lowest level that gates; 0: none does */
    /* Bits of a conflict, of which a finding keeps those that all its conflicts have; or NULL. */
    uint64_t (*tags)(void *user, const struct conflict *conflict);
    void *user;
    const struct module_globs *modules; /* borrowed: findings of others are left out; or NULL */
};

/* True if the call site of either post lies in such a module, or no module is named. */
bool finding_in_modules(const struct conflict *conflict, const struct frames *frames,
                        const struct module_globs *modules);

#endif
