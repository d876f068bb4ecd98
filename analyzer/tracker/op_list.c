#include "analyzer/tracker/op_list.h"

#include <stdlib.h>

bool op_list_add(struct op_list *list, struct tracked_op *op)
{
    if (list->count == list->room) {
        size_t room = list->room != 0 ? list->room * 2 : 64;
        struct tracked_op **items = realloc(list->items, room * sizeof *items);

        if (items == NULL) {
            return false;
        }
        list->items = items;
        list->room = room;
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

void op_list_sort(struct op_list *list, size_t from)
{
    if (list->count - from > 1) {
        qsort(list->items + from, list->count - from, sizeof(struct tracked_op *), by_post);
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
