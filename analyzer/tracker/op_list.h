#ifndef ANALYZER_TRACKER_OP_LIST_H
#define ANALYZER_TRACKER_OP_LIST_H

/* Operations in the order in which they end. Keeps its room. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/tracker/operation.h"

struct op_list_item {
    uint64_t number; /* the operation's, which may be in no cache */
    struct operation *op;
};

struct op_list {
    struct op_list_item *items; /* owned; behind `room` as much again, to sort with */
    size_t count, room;
};

void op_list_finish(struct op_list *list); /* leaves it empty */

/* Makes room for `count` items in all. False: no memory. */
bool op_list_reserve(struct op_list *list, size_t count);

/* There is room for it. */
static inline void op_list_add(struct op_list *list, struct operation *op)
{
    list->items[list->count++] = (struct op_list_item){op->number, op};
}

/* By number, items from there on. */
void op_list_sort(struct op_list *list, size_t from);

#endif
