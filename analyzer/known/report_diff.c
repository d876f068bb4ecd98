/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/known/report_diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash_table.h"
#include "base/least.h"

#define KEY_LEN (FINGERPRINT_TEXT_LEN - 1)

/* A fingerprint of one list. */
struct side_entry {
    const struct old_finding *finding; /* the first of that fingerprint */
    uint64_t count;
    size_t order;
    struct side_entry *other; /* the one of the other list that this one is paired with */
    bool coarse;
    UT_hash_handle hh;
};

struct side {
    struct side_entry *entries; /* owned array; those with a `finding` are in use */
    struct side_entry **rest;   /* owned array: those that are not paired by fingerprint */
    struct side_entry *table;
    size_t rest_count;
};

const char *diff_state_name(enum diff_state state)
{
    static const char *const names[] = {[DIFF_NEW] = "new",
                                        [DIFF_GONE] = "gone",
                                        [DIFF_MORE] = "more",
                                        [DIFF_LESS] = "less",
                                        [DIFF_SAME] = "same"};
    return names[state];
}

static bool index_side(struct side *side, const struct old_report *report)
{
    size_t room = report->count != 0 ? report->count : 1;
    side->entries = calloc(room, sizeof *side->entries);
    side->rest = calloc(room, sizeof *side->rest);
    for (size_t i = 0; side->entries != NULL && i < report->count; i++) {
        const struct old_finding *finding = &report->findings[i];
        struct side_entry *entry;
        HASH_FIND(hh, side->table, finding->fingerprint, KEY_LEN, entry);
        if (entry == NULL) {
            entry = &side->entries[i];
            entry->finding = finding;
            entry->order = i;
            HASH_ADD_KEYPTR(hh, side->table, finding->fingerprint, KEY_LEN, entry);
            if (entry->hh.tbl == NULL) {
                return false;
            }
        }
        entry->count += finding->count;
    }
    return side->entries != NULL && side->rest != NULL;
}

static void free_side(struct side *side)
{
    HASH_CLEAR(hh, side->table);
    free(side->entries);
    free(side->rest);
}

static void pair(struct side_entry *old, struct side_entry *new, bool coarse)
{
    old->other = new;
    new->other = old;
    old->coarse = new->coarse = coarse;
}

static void pair_exactly(struct side *old, struct side *new)
{
    for (struct side_entry *entry = new->table; entry != NULL; entry = entry->hh.next) {
        struct side_entry *same;
        HASH_FIND(hh, old->table, entry->finding->fingerprint, KEY_LEN, same);
        if (same != NULL) {
            pair(same, entry, false);
        } else {
            new->rest[new->rest_count++] = entry;
        }
    }
    for (struct side_entry *entry = old->table; entry != NULL; entry = entry->hh.next) {
        if (entry->other == NULL) {
            old->rest[old->rest_count++] = entry;
        }
    }
}

static int by_kind(const void *left, const void *right)
{
    const struct side_entry *a = *(struct side_entry *const *)left;
    const struct side_entry *b = *(struct side_entry *const *)right;
    int order = strcmp(a->finding->coarse, b->finding->coarse);
    order = order != 0 ? order : strcmp(a->finding->first_time, b->finding->first_time);
    return order != 0 ? order : order_u64(a->order, b->order);
}

/* Walks both lists in order of kinds; entries without a coarse fingerprint stay alone. */
static void pair_coarsely(struct side *old, struct side *new)
{
    qsort(old->rest, old->rest_count, sizeof *old->rest, by_kind);
    qsort(new->rest, new->rest_count, sizeof *new->rest, by_kind);
    const char *paired_kind = "";
    size_t i = 0, j = 0;
    while (j < new->rest_count) {
        const char *kind = new->rest[j]->finding->coarse;
        int order = i < old->rest_count ? strcmp(old->rest[i]->finding->coarse, kind) : 1;
        if (order < 0) {
            i++;
        } else if (order == 0 && kind[0] != '\0') {
            pair(old->rest[i++], new->rest[j++], true);
            paired_kind = kind;
        } else {
            new->rest[j++]->coarse = kind[0] != '\0' && strcmp(paired_kind, kind) == 0;
        }
    }
}

static enum diff_state state_of(const struct side_entry *old, const struct side_entry *new)
{
    if (old == NULL) {
        return DIFF_NEW;
    }
    if (new == NULL) {
        return DIFF_GONE;
    }
    if (old->count == 0 || new->count == 0 || old->count == new->count) {
        return DIFF_SAME;
    }
    return new->count > old->count ? DIFF_MORE : DIFF_LESS;
}

static void add_entry(struct report_diff *diff, const struct side_entry *old,
                      const struct side_entry *new)
{
    struct diff_entry *entry = &diff->entries[diff->count++];
    entry->state = state_of(old, new);
    entry->old = old != NULL ? old->finding : NULL;
    entry->new = new != NULL ? new->finding : NULL;
    entry->old_count = old != NULL ? old->count : 0;
    entry->new_count = new != NULL ? new->count : 0;
    entry->coarse = new != NULL &&new->coarse;
    diff->by_state[entry->state]++;
}

static int by_state(const void *left, const void *right)
{
    const struct diff_entry *a = left, *b = right;
    const struct old_finding *of_a = a->new != NULL ? a->new : a->old;
    const struct old_finding *of_b = b->new != NULL ? b->new : b->old;
    int order = order_u64(a->state, b->state);
    return order != 0 ? order : order_u64((uintptr_t)of_a, (uintptr_t)of_b); /* of one list */
}

bool report_diff_make(struct report_diff *diff, const struct old_report *old,
                      const struct old_report *new)
{
    struct side old_side = {0}, new_side = {0};
    size_t room = old->count + new->count;
    *diff = (struct report_diff){0};
    bool good = index_side(&old_side, old) && index_side(&new_side, new);
    diff->entries = calloc(room != 0 ? room : 1, sizeof *diff->entries);
    if (good && diff->entries != NULL) {
        pair_exactly(&old_side, &new_side);
        pair_coarsely(&old_side, &new_side);
        for (struct side_entry *entry = new_side.table; entry != NULL; entry = entry->hh.next) {
            add_entry(diff, entry->other, entry);
        }
        for (struct side_entry *entry = old_side.table; entry != NULL; entry = entry->hh.next) {
            if (entry->other == NULL) {
                add_entry(diff, entry, NULL);
            }
        }
        qsort(diff->entries, diff->count, sizeof *diff->entries, by_state);
    }
    free_side(&old_side);
    free_side(&new_side);
    return good && diff->entries != NULL;
}

void report_diff_finish(struct report_diff *diff)
{
    free(diff->entries);
    *diff = (struct report_diff){0};
}
