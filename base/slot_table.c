#include "base/slot_table.h"

#include <assert.h>
#include <stdlib.h>

#define FIRST_SLOTS 64

void slot_table_init(struct slot_table *table)
{
    *table = (struct slot_table){0};
}

void slot_table_finish(struct slot_table *table)
{
    free(table->slots);
    slot_table_init(table);
}

static void put(struct slot_table *table, uint64_t hash, void *item)
{
    size_t at = slot_table_begin(table, hash);

    while (table->slots[at].item != NULL)
        at = (at + 1) & table->mask;
    table->slots[at] = (struct slot){hash, item};
}

static bool grow(struct slot_table *table)
{
    struct slot_table larger = {.count = table->count};
    size_t room = table->slots != NULL ? (table->mask + 1) * 2 : FIRST_SLOTS;

    larger.slots = calloc(room, sizeof(struct slot));
    if (larger.slots == NULL)
        return false;
    larger.mask = room - 1;
    for (size_t i = 0; table->slots != NULL && i <= table->mask; i++)
        if (table->slots[i].item != NULL)
            put(&larger, table->slots[i].hash, table->slots[i].item);
    free(table->slots);
    *table = larger;
    return true;
}

bool slot_table_add(struct slot_table *table, uint64_t hash, void *item)
{
    /* A quarter full at most: where an item stands is a guess the less, and wrong guesses cost more
     * than memory. */
    if ((table->slots == NULL || table->count + 1 > (table->mask + 1) / 4) && !grow(table))
        return false;
    put(table, hash, item);
    table->count++;
    return true;
}

static size_t find(const struct slot_table *table, uint64_t hash, const void *item)
{
    size_t at = slot_table_begin(table, hash);

    while (table->slots[at].item != item) {
        assert(table->slots[at].item != NULL);
        at = (at + 1) & table->mask;
    }
    return at;
}

/* Moves items behind the gap up, so that no search stops before them. */
void slot_table_remove(struct slot_table *table, uint64_t hash, const void *item)
{
    size_t gap = find(table, hash, item);

    for (size_t at = gap;;) {
        struct slot *slot;

        at = (at + 1) & table->mask;
        slot = &table->slots[at];
        if (slot->item == NULL)
            break;
        /* Its search begins at or before the gap: it may stand there. */
        if (((at - (size_t)slot->hash) & table->mask) >= ((at - gap) & table->mask)) {
            table->slots[gap] = *slot;
            gap = at;
        }
    }
    table->slots[gap] = (struct slot){0, NULL};
    table->count--;
}
