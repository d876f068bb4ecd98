/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_filter.h"

#include <stdlib.h>

static void table_add_key(struct etl_filter_table *table, unsigned selector, unsigned key)
{
    table->keys[selector][key / 64] |= UINT64_C(1) << (key % 64);
}

/* Sets the bits of `keys`, once all else is set. */
static void table_add_keys(struct etl_filter_table *table)
{
    if (table->everything) {
        memset(table->keys, 0xFF, sizeof table->keys);
        return;
    }
    for (size_t i = 0; i < table->provider_count + table->class_count; i++) {
        bool is_class = i >= table->provider_count;
        table_add_key(table, is_class ? ETL_SELECT_CLASS : ETL_SELECT_PROVIDER,
                      table->guids[i].words[0] & 0xFFFF);
    }
    memcpy(table->keys[ETL_SELECT_HOOK], table->hooks, sizeof table->hooks);
    for (unsigned hook_id = 0; hook_id < 256; hook_id++) {
        table_add_key(table, ETL_SELECT_HOOK, hook_id);
    }
}

bool etl_filter_table_init(struct etl_filter_table *table, const struct etl_filter *filter)
{
    memset(table, 0, sizeof *table);
    table->everything = filter->everything;
    table->provider_count = filter->provider_count;
    table->class_count = filter->class_count;
    table->guids = calloc(filter->provider_count + filter->class_count + 1, sizeof *table->guids);
    if (table->guids == NULL) {
        return false;
    }
    for (size_t i = 0; i < filter->provider_count; i++) {
        memcpy(&table->guids[i], &filter->providers[i], sizeof table->guids[i]);
    }
    for (size_t i = 0; i < filter->class_count; i++) {
        memcpy(&table->guids[filter->provider_count + i], &filter->classes[i],
               sizeof table->guids[i]);
    }
    for (size_t i = 0; i < filter->hook_id_count; i++) {
        unsigned hook_id = filter->hook_ids[i];
        table->hooks[hook_id / 64] |= UINT64_C(1) << (hook_id % 64);
    }
    table_add_keys(table);
    return true;
}

void etl_filter_table_finish(struct etl_filter_table *table)
{
    free(table->guids);
    table->guids = NULL;
}
