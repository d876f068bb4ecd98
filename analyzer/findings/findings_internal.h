/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_FINDINGS_FINDINGS_INTERNAL_H
#define ANALYZER_FINDINGS_FINDINGS_INTERNAL_H

/* Shared by findings.c and findings_finish.c. Includes uthash: for .c files only. */

#include "analyzer/findings/finding.h"
#include "analyzer/findings/origins.h"
#include "analyzer/findings/post_set.h"
#include "base/hash_table.h"
#include "base/value_set.h"

/* A finding_key with the numbers of the origins. No padding. */
struct group_key {
    uint64_t origins; /* the first's, shifted by 32 bits, and the second's */
    uint64_t rule, relation;
};

/* A finding while the trace is read. Its examples keep the stacks alive of the origins that its key
 * names. */
struct group {
    struct group_key key;
    bool hidden; /* the filters leave its conflicts out */
    bool joined; /* this group was joined to another one, at the end */
    struct post_set posts;
    struct value_set endpoints, addresses;
    uint64_t last_first; /* number of the first of the conflict counted last; 0: none */
    struct finding finding;
    UT_hash_handle hh;
};

#define GROUPS_RECENT_BITS 6
#define GROUPS_RECENT (1 << GROUPS_RECENT_BITS)

struct findings {
    struct tracker *tracker; /* borrowed */
    struct findings_options options;
    struct origins origins;
    struct group *groups;
    struct group *recent[GROUPS_RECENT]; /* groups that were found last; NULL: none yet */
    size_t bytes;                        /* of all but the post sets */
    uint64_t post_room;                  /* slots that the post sets may still take */
    struct finding **sorted;             /* valid after findings_finish */
    size_t sorted_count;                 /* of those that are selected; the hidden ones follow */
    size_t hidden_count;
};

struct join_key {
    uint64_t process;
    char fingerprint[FINGERPRINT_TEXT_LEN + 7]; /* a multiple of 8: no padding */
};

/* A group by its fingerprint, while groups are joined. */
struct join_entry {
    struct join_key key;
    struct group *group;
    UT_hash_handle hh;
};

/* Takes over `example`: puts it in its place, or frees it when it ranks behind. Only the best of
 * those whose overlaps start at one address stays. */
void findings_place(struct findings *findings, struct finding *finding, struct conflict *example);

/* Widens the finding's span of time to hold both. */
void finding_widen(struct finding *finding, const struct op_point *first,
                   const struct op_point *last);

#endif
