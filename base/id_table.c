/* SPDX-License-Identifier: Apache-2.0 */

#include "base/id_table.h"

#include <assert.h>
#include <stdlib.h>

#include "base/rare.h"

#define ENTRIES_FIRST 16

static struct id_entry free_entry; /* shared by all tables without ids; never written */

void id_table_init(struct id_table *table)
{
    *table = (struct id_table){.entries = &free_entry};
}

void id_table_finish(struct id_table *table)
{
    if (table->entries != &free_entry) {
        free(table->entries);
    }
    id_table_init(table);
}

static bool grow_table(struct id_table *table)
{
    size_t room = table->entries != &free_entry ? (table->mask + 1) * 2 : ENTRIES_FIRST;
    struct id_entry *entries = calloc(room, sizeof *entries);

    if (entries == NULL) {
        return false;
    }
    for (size_t i = 0; i <= table->mask; i++) {
        if (table->entries[i].id != 0) {
            id_entries_put(entries, room - 1, table->entries[i].hash, table->entries[i].id);
        }
    }
    if (table->entries != &free_entry) {
        free(table->entries);
    }
    table->entries = entries;
    table->mask = room - 1;
    table->room = room / 2;
    return true;
}

RARE bool id_table_grow_and_add(struct id_table *table, uint32_t hash, uint32_t id)
{
    return grow_table(table) && id_table_add(table, hash, id);
}

/* An empty table has one shared entry and grows to more than it would by doubling; that is little.
 */
size_t id_table_bytes(const struct id_table *table, size_t more)
{
    size_t bytes = (table->mask + 1) * sizeof *table->entries;

    return (table->count + more) * 2 > table->mask + 1 ? 3 * bytes : bytes;
}

/* The entry of an id, which is in the table with that hash. */
static size_t entry_of_id(const struct id_table *table, uint32_t hash, uint32_t id)
{
    size_t at = hash & table->mask;

    while (table->entries[at].id != id || table->entries[at].hash != hash) {
        assert(table->entries[at].id != 0);
        at = (at + 1) & table->mask;
    }
    return at;
}

void id_table_remove(struct id_table *table, uint32_t hash, uint32_t id)
{
    size_t gap = entry_of_id(table, hash, id), at = gap;

    for (;;) {
        struct id_entry *entry;

        at = (at + 1) & table->mask;
        entry = &table->entries[at];
        if (entry->id == 0) {
            break;
        }
        /* The id may stand in the gap if its search begins at the gap or before it: if it is as far
         * from the place that its hash names as from the gap, or further. */
        if (((at - entry->hash) & table->mask) >= ((at - gap) & table->mask)) {
            table->entries[gap] = *entry;
            gap = at;
        }
    }
    table->entries[gap] = (struct id_entry){0, 0};
    table->count--;
}

void id_table_replace(struct id_table *table, uint32_t hash, uint32_t id, uint32_t by)
{
    table->entries[entry_of_id(table, hash, id)].id = by;
}
