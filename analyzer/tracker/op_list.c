/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/op_list.h"

#include <stdlib.h>

#include "analyzer/tracker/op_sort.h"
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

/* Sorts with the numbers beside the operations. `pairs` and `spare` have room for all. */
static void sort_as_pairs(struct tracked_op **items, uint32_t count, struct numbered_op *pairs,
                          struct numbered_op *spare)
{
    for (uint32_t i = 0; i < count; i++) {
        pairs[i] = (struct numbered_op){items[i]->op.number, items[i]};
    }
    op_sort(&pairs, &spare, count);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = pairs[i].op;
    }
}

/* False: no memory. */
RARE static bool sort_many(struct tracked_op **items, size_t count)
{
    struct numbered_op *pairs = NULL;

    if (count <= UINT32_MAX / (2 * sizeof *pairs)) {
        pairs = malloc(2 * count * sizeof *pairs);
    }
    if (pairs == NULL) {
        return false;
    }
    sort_as_pairs(items, (uint32_t)count, pairs, pairs + count);
    free(pairs);
    return true;
}

#define FEW 32 /* operations; more of them are sorted in allocated memory */

bool op_list_sort(struct op_list *list, size_t from)
{
    size_t count = list->count - from;
    struct numbered_op pairs[FEW], spare[FEW];

    if (count < 2) {
        return true;
    }
    if (count > FEW) {
        return sort_many(list->items + from, count);
    }
    sort_as_pairs(list->items + from, (uint32_t)count, pairs, spare);
    return true;
}

bool op_list_of_set(struct op_list *list, const struct op_store *store, const struct op_set *set)
{
    list->count = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        if (!op_list_add(list, op_store_at(store, set->ids[i]))) {
            return false;
        }
    }
    return true;
}

void op_list_finish(struct op_list *list)
{
    free(list->items);
    *list = (struct op_list){NULL, 0, 0};
}
