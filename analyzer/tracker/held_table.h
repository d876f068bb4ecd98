#ifndef ANALYZER_TRACKER_HELD_TABLE_H
#define ANALYZER_TRACKER_HELD_TABLE_H

/*
 * How many conflicts hold an operation as their second one, by the operation's id. Beside each
 * other the counts stay in the cache; by the time these references go, the operation is in none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct held_table {
    uint32_t *counts; /* owned; by id - 1 */
    size_t room;
};

void held_table_init(struct held_table *table);
void held_table_finish(struct held_table *table);

/* Makes room for an id. False: no memory. */
bool held_table_reserve(struct held_table *table, uint32_t id);

/* There is room for `id`. */
static inline void held_table_retain(struct held_table *table, uint32_t id, uint32_t times)
{
    table->counts[id - 1] += times;
}

/* True: that was the last one. */
static inline bool held_table_release(struct held_table *table, uint32_t id)
{
    return --table->counts[id - 1] == 0;
}

#endif
