#include "analyzer/tracker/op_table.h"

#include <assert.h>
#include <stdlib.h>

#define FIRST_SLOTS 64

void op_table_init(struct op_table *table)
{
    *table = (struct op_table){.slots = &table->none};
}

void op_table_finish(struct op_table *table)
{
    if (table->slots != &table->none)
        free(table->slots);
    op_table_init(table);
}

static void put(struct op_slot *slots, size_t mask, struct op_slot slot)
{
    size_t at = slot.hash & mask;

    while (slots[at].id != 0)
        at = (at + 1) & mask;
    slots[at] = slot;
}

static bool grow(struct op_table *table)
{
    size_t room = table->slots != &table->none ? (table->mask + 1) * 2 : FIRST_SLOTS;
    struct op_slot *slots = calloc(room, sizeof(struct op_slot));

    if (!slots)
        return false;
    for (size_t i = 0; i <= table->mask; i++)
        if (table->slots[i].id != 0)
            put(slots, room - 1, table->slots[i]);
    if (table->slots != &table->none)
        free(table->slots);
    table->slots = slots;
    table->mask = room - 1;
    return true;
}

/* Half full at most: slots are small, longer runs cost more. */
static bool is_full(const struct op_table *table)
{
    return table->count + 1 > (table->mask + 1) / 2;
}

bool op_table_add(struct op_table *table, uint32_t hash, uint32_t id)
{
    if (is_full(table) && !grow(table))
        return false;
    put(table->slots, table->mask, (struct op_slot){hash, id});
    table->count++;
    return true;
}

bool op_table_add_at(struct op_table *table, uint32_t hash, uint32_t id, size_t at)
{
    if (is_full(table))
        return op_table_add(table, hash, id);
    table->slots[(at - 1) & table->mask] = (struct op_slot){hash, id};
    table->count++;
    return true;
}

static size_t find(const struct op_table *table, uint32_t hash, uint32_t id)
{
    size_t at = hash & table->mask;

    while (table->slots[at].id != id) {
        assert(table->slots[at].id != 0);
        at = (at + 1) & table->mask;
    }
    return at;
}

/* Moves what is behind the gap up, so that no search stops before it. */
void op_table_remove(struct op_table *table, uint32_t hash, uint32_t id)
{
    struct op_slot *slots = table->slots;
    const size_t mask = table->mask;
    size_t gap = find(table, hash, id);

    for (size_t at = (gap + 1) & mask; slots[at].id != 0; at = (at + 1) & mask) {
        /* Its search begins at or before the gap: it may stand there. */
        if (((at - slots[at].hash) & mask) >= ((at - gap) & mask)) {
            slots[gap] = slots[at];
            gap = at;
        }
    }
    slots[gap] = (struct op_slot){0, 0};
    table->count--;
}

void op_table_replace(struct op_table *table, uint32_t hash, uint32_t id, uint32_t by)
{
    table->slots[find(table, hash, id)].id = by;
}
