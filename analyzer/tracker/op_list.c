/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/op_list.h"

#include <stdlib.h>

#include "base/rare.h"

RARE static bool grow_and_add(struct op_list *list, struct tracked_op *op)
{
    size_t room = list->room != 0 ? list->room * 2 : 64;
    struct tracked_op **items = realloc(list->items, room * sizeof *items);

    if (items == NULL) {
        return false;
    }
    list->items = items;
    list->room = room;
    return op_list_add(list, op);
}

bool op_list_add(struct op_list *list, struct tracked_op *op)
{
    if (list->count == list->room) {
        return grow_and_add(list, op);
    }
    list->items[list->count++] = op;
    return true;
}

static int by_post(const void *a, const void *b)
{
    const struct tracked_op *x = *(struct tracked_op *const *)a;
    const struct tracked_op *y = *(struct tracked_op *const *)b;

    return (x->op.number > y->op.number) - (x->op.number < y->op.number);
}

#define SORTED_BY_INSERTION 32 /* operations; more of them are sorted by qsort() */

/* Few are sorted by insertion, which costs little where they are nearly in order. */
void op_list_sort(struct op_list *list, size_t from)
{
    struct tracked_op **items = list->items;

    if (list->count - from > SORTED_BY_INSERTION) {
        qsort(items + from, list->count - from, sizeof *items, by_post);
        return;
    }
    for (size_t i = from + 1; i < list->count; i++) {
        struct tracked_op *op = items[i];
        size_t at = i;

        for (; at > from && items[at - 1]->op.number > op->op.number; at--) {
            items[at] = items[at - 1];
        }
        items[at] = op;
    }
}

bool op_list_of_set(struct op_list *list, const struct op_store *store, const struct op_set *set)
{
    list->count = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        if (!op_list_add(list, op_store_at(store, set->ids[i]))) {
            return false;
        }
    }
    op_list_sort(list, 0);
    return true;
}

void op_list_finish(struct op_list *list)
{
    free(list->items);
    *list = (struct op_list){NULL, 0, 0};
}
