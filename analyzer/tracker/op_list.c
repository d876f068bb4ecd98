#include "analyzer/tracker/op_list.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64
#define FEW 32
#define DIGIT_BITS 8
#define DIGITS (1u << DIGIT_BITS)

void op_list_finish(struct op_list *list)
{
    free(list->items);
    *list = (struct op_list){0};
}

bool op_list_reserve(struct op_list *list, size_t count)
{
    struct op_list_item *items;
    size_t room = list->room ? list->room : ROOM_FIRST;

    if (count <= list->room)
        return true;
    while (room < count)
        room *= 2;
    items = realloc(list->items, 2 * room * sizeof(*items));
    if (!items)
        return false;
    list->items = items;
    list->room = room;
    return true;
}

/* One event ends a handful. */
static void sort_few(struct op_list_item *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct op_list_item item = items[i];
        size_t at = i;

        for (; at > 0 && items[at - 1].number > item.number; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

/* Stable, by one digit of what the numbers are above `least`. */
static void sort_by_digit(const struct op_list_item *items, size_t count, uint64_t least,
                          unsigned shift, struct op_list_item *sorted)
{
    size_t begin[DIGITS + 1] = {0};

    for (size_t i = 0; i < count; i++)
        begin[((items[i].number - least) >> shift) % DIGITS + 1]++;
    for (size_t i = 0; i < DIGITS; i++)
        begin[i + 1] += begin[i];
    for (size_t i = 0; i < count; i++)
        sorted[begin[((items[i].number - least) >> shift) % DIGITS]++] = items[i];
}

/* A closed socket may end thousands, which were posted within some ten thousand others. */
static void sort_many(struct op_list_item *items, size_t count, struct op_list_item *spare)
{
    uint64_t least = UINT64_MAX, most = 0;
    struct op_list_item *from = items, *to = spare;

    for (size_t i = 0; i < count; i++) {
        least = items[i].number < least ? items[i].number : least;
        most = items[i].number > most ? items[i].number : most;
    }
    for (unsigned shift = 0; shift < 64 && (most - least) >> shift != 0; shift += DIGIT_BITS) {
        struct op_list_item *sorted = to;

        sort_by_digit(from, count, least, shift, sorted);
        to = from;
        from = sorted;
    }
    if (from != items)
        memcpy(items, from, count * sizeof(*items));
}

void op_list_sort(struct op_list *list, size_t from)
{
    struct op_list_item *items = list->items + from;
    size_t count = list->count - from;

    if (count <= FEW)
        sort_few(items, count);
    else
        sort_many(items, count, list->items + list->room);
}
