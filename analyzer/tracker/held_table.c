#include "analyzer/tracker/held_table.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64

void held_table_init(struct held_table *table)
{
    *table = (struct held_table){0};
}

void held_table_finish(struct held_table *table)
{
    free(table->counts);
    held_table_init(table);
}

bool held_table_reserve(struct held_table *table, uint32_t id)
{
    size_t room = table->room ? table->room : ROOM_FIRST;
    uint32_t *counts;

    if (id <= table->room)
        return true;
    while (room < id)
        room *= 2;
    counts = realloc(table->counts, room * sizeof(*counts));
    if (!counts)
        return false;
    memset(counts + table->room, 0, (room - table->room) * sizeof(*counts));
    table->counts = counts;
    table->room = room;
    return true;
}
