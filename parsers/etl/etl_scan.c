/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_scan.h"

#include "base/load.h"

/* The upper half of the marker of a record type of the table is the sum of this and the type. */
#define MARKER_HEAD 0xC000

/* Finds out whether a record that may be wanted is, and stores it then. False: the careful walk
 * must look at the record. */
static inline bool scan_look_at(const struct etl_filter_table *filter, struct etl_tally *tally,
                                const struct etl_record_type *type, const uint8_t *record,
                                uint32_t size, int64_t ticks, bool *wanted)
{
    if (etl_record_is_of_trace(type, record)) {
        return false;
    }
    *wanted = etl_filter_wants(filter, type, record);
    return !*wanted || etl_tally_store(tally, type, record, size, ticks);
}

/*
 * All in which record types differ is looked up in their table, and all that varies from record to
 * record is arithmetic: a branch on the type would be mispredicted at most records. The address of
 * the next record depends on nothing but the size of this one.
 */
const uint8_t *etl_scan_records(const struct etl_filter_table *filter, struct etl_tally *tally,
                                const uint8_t *at, const uint8_t *end)
{
    struct etl_tally local = *tally; /* no pointer leads to it, so it can stay in registers */
    while ((size_t)(end - at) >= ETL_RECORD_TIMED_LEN_MIN) {
        uint64_t head = load_u64(at);
        unsigned number = (unsigned)(head >> 16 & 0xFFFF) - MARKER_HEAD;
        if (number >= ETL_RECORD_TYPE_COUNT) {
            break;
        }
        const struct etl_record_type *type = &etl_record_types[number];
        uint32_t size = (uint32_t)(head >> type->size_at * 8 & 0xFFFF);
        uint32_t stride = etl_record_stride(size);
        if (type->ticks_at == 0 || size < type->header_len || stride > (size_t)(end - at)) {
            break;
        }
        unsigned key = load_u16(at + type->key_at);
        int64_t ticks = (int64_t)load_u64(at + type->ticks_at);
        bool wanted = false;
        if (etl_filter_may_want(filter, type->selector, key) &&
            !scan_look_at(filter, &local, type, at, size, ticks, &wanted)) {
            break;
        }
        etl_tally_count(&local, type, ticks, true, false, wanted);
        at += stride;
    }
    *tally = local;
    return at;
}
