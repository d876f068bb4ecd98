/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_FILTER_H
#define PARSERS_ETL_ETL_FILTER_H

/* An etl_filter, made into tables that a record can be looked up in quickly. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "parsers/etl/etl_record.h"
#include "parsers/etl/etl_trace.h"
#include "base/load.h"

struct etl_filter_guid {
    uint64_t words[2];
};

struct etl_filter_table {
    bool everything;
    struct etl_filter_guid *guids; /* owned; providers first, then event classes */
    size_t provider_count, class_count;
    uint64_t hooks[65536 / 64]; /* a bit for each wanted hook id */
    /* A bit for each key, which is a hook id or the first 16 bits of a GUID: set if a record with
     * that key may be wanted, or describes the trace itself. */
    uint64_t keys[ETL_SELECT_HOOK + 1][65536 / 64];
};

/* False: out of memory. */
bool etl_filter_table_init(struct etl_filter_table *table, const struct etl_filter *filter);
void etl_filter_table_finish(struct etl_filter_table *table);

static inline bool etl_filter_has_guid(const struct etl_filter_guid *guids, size_t count,
                                       const uint8_t *guid)
{
    uint64_t words[2];
    memcpy(words, guid, sizeof words);
    for (size_t i = 0; i < count; i++) {
        if (guids[i].words[0] == words[0] && guids[i].words[1] == words[1]) {
            return true;
        }
    }
    return false;
}

static inline bool etl_filter_has_hook(const struct etl_filter_table *table, unsigned hook_id)
{
    return (table->hooks[hook_id / 64] >> (hook_id % 64) & 1) != 0;
}

/* Quick test on a record's key, the first 16 bits of its GUID or its hook id. False: the filter
 * rejects the record, and it is not one that describes the trace itself. True: ask
 * etl_filter_wants(). */
static inline bool etl_filter_may_want(const struct etl_filter_table *table, unsigned selector,
                                       unsigned key)
{
    return (table->keys[selector][key / 64] >> (key % 64) & 1) != 0;
}

/* True if the filter takes a record, whose header is there as a whole. */
static inline bool etl_filter_wants(const struct etl_filter_table *table,
                                    const struct etl_record_type *type, const uint8_t *record)
{
    switch (type->selector) {
    case ETL_SELECT_PROVIDER:
        return etl_filter_has_guid(table->guids, table->provider_count,
                                   record + ETL_RECORD_GUID_AT) ||
               table->everything;
    case ETL_SELECT_HOOK:
        return etl_filter_has_hook(table, load_u16(record + ETL_RECORD_HOOK_AT)) ||
               table->everything;
    case ETL_SELECT_CLASS:
        return etl_filter_has_guid(table->guids + table->provider_count, table->class_count,
                                   record + ETL_RECORD_GUID_AT) ||
               table->everything;
    default:
        return table->everything;
    }
}

#endif
