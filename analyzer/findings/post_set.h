/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_FINDINGS_POST_SET_H
#define ANALYZER_FINDINGS_POST_SET_H

/*
 * Distinct numbers of operations, counted. Numbers near each other share a slot of 64, so that a
 * cause that shows at every post takes a bit each. All sets of a trace share POST_SLOTS_MAX slots;
 * what comes after that counts as new unless it is the number added last.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POST_SLOTS_MAX (UINT64_C(1) << 22) /* 64 MiB: millions of posts that lie far apart */

struct post_slot {
    uint64_t key; /* number / 64 + 1; 0: empty */
    uint64_t bits;
};

struct post_set {
    struct post_slot *slots; /* open addressing */
    size_t slot_count, used;
    size_t recent; /* index of the slot in which a number was found last */
    uint64_t count, last;
};

/* `room`: slots that all sets together may still take. False: no memory. */
bool post_set_add(struct post_set *set, uint64_t number, uint64_t *room);
bool post_set_merge(struct post_set *set, const struct post_set *from, uint64_t *room);
void post_set_finish(struct post_set *set);

#endif
