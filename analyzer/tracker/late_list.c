/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/late_list.h"

#include <stdlib.h>

#include "base/rare.h"

#define ROOM_FIRST 64

/* ---- adding ---- */

RARE static bool grow(struct late_list *list)
{
    uint32_t room = list->room != 0 ? list->room * 2 : ROOM_FIRST;
    struct late_conflict *items = NULL;

    if (room > list->room) {
        items = realloc(list->items, room * sizeof *items);
    }
    if (items == NULL) {
        return false;
    }
    list->items = items;
    list->room = room;
    return true;
}

RARE static bool grow_firsts(struct late_list *list)
{
    uint32_t room = list->first_room != 0 ? list->first_room * 2 : ROOM_FIRST;
    struct numbered_op *firsts = NULL, *spare = NULL;

    if (room > list->first_room) {
        firsts = realloc(list->firsts, room * sizeof *firsts);
    }
    if (firsts != NULL) {
        list->firsts = firsts;
        spare = realloc(list->spare, room * sizeof *spare);
    }
    if (spare == NULL) {
        return false;
    }
    list->spare = spare;
    list->first_room = room;
    return true;
}

static bool add_first(struct late_list *list, struct tracked_op *op)
{
    if (list->first_count == list->first_room && !grow_firsts(list)) {
        return false;
    }
    list->firsts[list->first_count++] = (struct numbered_op){op->op.number, op};
    return true;
}

bool late_list_add(struct late_list *list, struct tracked_op *first,
                   const struct kept_conflict *kept)
{
    if (list->count == list->room && !grow(list)) {
        return false;
    }
    if (first->late.first == 0) {
        if (!add_first(list, first)) {
            return false;
        }
        first->late.first = list->count + 1;
    } else {
        list->items[first->late.last - 1].next = list->count + 1;
    }
    list->items[list->count++] = (struct late_conflict){.kept = *kept};
    first->late.last = list->count;
    return true;
}

void late_list_sort(struct late_list *list)
{
    op_sort(&list->firsts, &list->spare, list->first_count);
}

/* ---- room ---- */

void late_list_clear(struct late_list *list)
{
    list->first_count = list->count = 0;
}

void late_list_finish(struct late_list *list)
{
    free(list->firsts);
    free(list->spare);
    free(list->items);
    *list = (struct late_list){.items = NULL};
}
