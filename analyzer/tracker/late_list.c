/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/late_list.h"

#include <stdlib.h>

#define ROOM_FIRST 64

static bool late_grow(struct late_list *list)
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

bool late_list_add(struct late_list *list, struct tracked_op *first,
                   const struct kept_conflict *kept)
{
    if (list->count == list->room && !late_grow(list)) {
        return false;
    }
    if (first->late.first == 0) {
        if (!op_list_add(&list->firsts, first)) {
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

void late_list_clear(struct late_list *list)
{
    list->firsts.count = 0;
    list->count = 0;
}

void late_list_finish(struct late_list *list)
{
    op_list_finish(&list->firsts);
    free(list->items);
    *list = (struct late_list){.items = NULL};
}
