#ifndef ANALYZER_FINDINGS_FINDINGS_INTERNAL_H
#define ANALYZER_FINDINGS_FINDINGS_INTERNAL_H

/* What findings*.c share. */

#include "analyzer/findings/findings.h"
#include "base/hash_table.h"
#include "base/pool.h"
#include "base/value_set.h"

/* What can be told apart before names are known; groups that get one fingerprint merge later. */
struct group_key {
    uint64_t process, first_process; /* serials */
    uint64_t rule, ids;
    uint64_t first_stack, second_stack; /* the store holds each distinct stack once */
};

#define NUMBERED 1024u /* endpoints of a trace */

struct group {
    struct group_key key;
    uint64_t second; /* number of the second operation of the last conflict that was found */
    bool shut;       /* no conflict of that operation can become an example */
    bool unselected; /* none can at all */
    bool merged;     /* into another group */
    uint8_t severity;
    uint32_t tag;
    uint64_t numbered[NUMBERED / 64]; /* endpoints: a bit for each of the first ones there are */
    struct value_set endpoints;       /* addresses of the others */
    struct value_set addresses;
    /* What can still become an example, once there are as many as are kept. */
    enum rule_level bar_level;
    uint64_t bar_second;
    struct finding finding;
    UT_hash_handle hh;
};

/* Groups that hold a conflict whose second operation may still reach its cap. */
struct watch {
    struct group *group;
    struct watch *next;
};

struct watched {
    uint64_t number; /* of the operation */
    struct watch *first;
    UT_hash_handle hh;
};

/* How many kinds and pairs are known at a time. */
#define KINDS 64
#define PAIRS 256

/*
 * What tells operations apart, as far as groups do; each that had a conflict bears its kind.
 * Processes and stacks are told by where they are: a group's are held by its conflicts in waiting,
 * then by its examples. A kind without a group may be somebody else's by now: no pair knows it, or
 * one of a rule that is not selected, where nothing is held and nothing shown.
 */
struct kind {
    const struct process_info *process;
    const struct stack *stack;
    uint32_t kind; /* a new one for each that takes the place of another; 0: none */
    uint16_t id;
};

struct pair {
    uint64_t key; /* the second's kind, its bits, the first's kind, whether of one endpoint */
    struct group *group;
};

struct findings {
    struct tracker *tracker; /* borrowed */
    struct findings_options options;
    uint64_t open_to; /* number of the last operation of which some conflict may be shown */
    /* Those asked for last of what hashes there. */
    struct kind kinds[KINDS];
    struct pair pairs[PAIRS];
    uint32_t last_kind;
    struct group *groups;
    struct group **tagged; /* by tag; [0] is unused */
    uint32_t tag_count, tag_room;
    struct watched *watched;
    struct pool watch_pool, watched_pool;
    const struct finding **sorted; /* valid after findings_finish */
    size_t sorted_count;
};

/* Negative: a ranks before b. */
int findings_rank(const struct conflict *a, const struct conflict *b);

/* Takes over `example`: puts it in its place, or frees it when it ranks behind. Only the best of
 * those whose overlaps start at one address stays. */
void findings_place(struct findings *findings, struct finding *finding, struct conflict *example);

void finding_widen(struct finding *finding, const struct op_point *first,
                   const struct op_point *last);

#endif
