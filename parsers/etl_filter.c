#include "parsers/etl_filter.h"

#include <stdlib.h>

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
    return true;
}

void etl_filter_table_finish(struct etl_filter_table *table)
{
    free(table->guids);
    table->guids = NULL;
}
