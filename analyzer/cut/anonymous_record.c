/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cut/anonymous.h"

#include <string.h>

#include "analyzer/cut/anonymous_records.h"
#include "base/load.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_record.h"

static void store(uint8_t *to, uint64_t value, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        to[i] = (uint8_t)(value >> 8 * i);
    }
}

/* ---- events ---- */

/* Copies a record's header and gives it its size and its time. */
static uint32_t finish(const struct anonymous *anonymous, const struct etl_record_type *type,
                       const uint8_t *record, uint8_t *to, size_t size)
{
    memcpy(to, record, type->header_len);
    store(to + type->size_at, size, 2);
    if (type->ticks_at != 0) {
        int64_t ticks = (int64_t)load_u64(record + type->ticks_at);
        store(to + type->ticks_at, (uint64_t)anonymous_ticks(anonymous, ticks), 8);
    }
    return (uint32_t)size;
}

/* Writes the payload of an event of the providers. Returns its bytes; *known is false where the
 * event is of none that is known. */
static size_t event_payload(struct anonymous *anonymous, const struct etl_event *event, uint8_t *to,
                            size_t room, bool *known)
{
    struct payload_rewrite rewrite;

    *known = true;
    if (afd_is_event(event)) {
        *known = event->payload_len <= room;
        if (*known) {
            anonymous_afd_payload(anonymous, event, to);
        }
        return *known ? event->payload_len : 0;
    }
    payload_rewrite_init(&rewrite, anonymous, event, to, room);
    *known = anonymous_kernel_payload(&rewrite, event) && !rewrite.is_full;
    return rewrite.len;
}

static uint32_t rewrite_event(struct anonymous *anonymous, const struct etl_record_type *type,
                              const struct etl_event *event, const uint8_t *record, uint8_t *to)
{
    bool known, is_full = false;
    size_t len = ETL_EVENT_LEN;
    size_t extended =
        anonymous_extended(anonymous, event, to + len, ETL_RECORD_LEN_MAX - len, &is_full);

    len += extended;
    len += event_payload(anonymous, event, to + len, ETL_RECORD_LEN_MAX - len, &known);
    if (!known || is_full) {
        return 0;
    }
    (void)finish(anonymous, type, record, to, len);
    store(to + ETL_EVENT_FLAGS_AT, extended != 0 ? ETL_EVENT_FLAG_EXTENDED : 0, 2);
    anonymous_activity(anonymous, to + ETL_EVENT_ACTIVITY_AT);
    return (uint32_t)len;
}

/* Counters of the processor between header and payload become zeros. */
static uint32_t rewrite_kernel(struct anonymous *anonymous, const struct etl_record_type *type,
                               const struct etl_event *event, const uint8_t *record, uint32_t size,
                               uint8_t *to)
{
    struct payload_rewrite rewrite;
    size_t head = size - event->payload_len;

    memset(to, 0, head);
    payload_rewrite_init(&rewrite, anonymous, event, to + head, ETL_RECORD_LEN_MAX - head);
    if (!anonymous_kernel_payload(&rewrite, event) || rewrite.is_full) {
        return 0;
    }
    return finish(anonymous, type, record, to, head + rewrite.len);
}

uint32_t anonymous_event(struct anonymous *anonymous, const struct etl_event *event,
                         const uint8_t *record, uint32_t size, uint8_t *to)
{
    const struct etl_record_type *type = etl_record_type_of(load_u32(record));

    anonymous_note_day(anonymous, event->ticks);
    switch (type->selector) {
    case ETL_SELECT_PROVIDER:
        return rewrite_event(anonymous, type, event, record, to);
    case ETL_SELECT_HOOK:
    case ETL_SELECT_CLASS:
        return rewrite_kernel(anonymous, type, event, record, size, to);
    default:
        return 0;
    }
}

/* ---- records that describe the trace ---- */

/* Members of TRACE_LOGFILE_HEADER, by width. Those before END_TIME_AT, and between that and the
 * names, are numbers of the session and the machine [GC, OBS] */
enum { END_TIME_AT = 0x10, NAMES_AT = 0x38 };
enum { TAIL_LEN = 0x20 }; /* boot time, frequency, start time, clock, buffers lost */

/* The tail, from BootTime on, begins at the same distance from the end in both widths. */
static void rewrite_tail(const struct anonymous *anonymous, const uint8_t *from, uint8_t *to)
{
    enum { BOOT_AT = 0x00, START_AT = 0x10 };

    memcpy(to, from, TAIL_LEN);
    store(to + BOOT_AT, anonymous_filetime(anonymous, load_u64(from + BOOT_AT)), 8);
    store(to + START_AT, anonymous_filetime(anonymous, load_u64(from + START_AT)), 8);
}

/* Session and file get names that say nothing; the time zone is UTC, without a name. */
static uint32_t rewrite_header(const struct anonymous *anonymous, const uint8_t *record,
                               uint32_t size, uint8_t *to)
{
    const struct etl_record_type *type = etl_record_type_of(load_u32(record));
    bool wide = type->kind == ETL_HEADER_SYSTEM64;
    size_t payload_len = wide ? ETL_LOGFILE_HEADER_LEN_64 : ETL_LOGFILE_HEADER_LEN_32;
    size_t fixed = ETL_SYSTEM_HEADER_LEN + payload_len;
    const uint8_t *from = record + ETL_SYSTEM_HEADER_LEN;
    uint8_t *payload = to + ETL_SYSTEM_HEADER_LEN;

    if (size < fixed) {
        return 0;
    }
    memset(to, 0, fixed);
    memcpy(payload, from, NAMES_AT);
    store(payload + END_TIME_AT, anonymous_filetime(anonymous, load_u64(from + END_TIME_AT)), 8);
    rewrite_tail(anonymous, from + payload_len - TAIL_LEN, payload + payload_len - TAIL_LEN);
    size_t len = fixed;
    len += payload_put_utf16(to + len, ETL_RECORD_LEN_MAX - len, "anonymous");
    len += payload_put_utf16(to + len, ETL_RECORD_LEN_MAX - len, "anonymous.etl");
    return finish(anonymous, type, record, to, len);
}

/* How many processors, and a raw clock value for each; 0: it dropped nothing. */
static uint32_t rewrite_drops(const struct anonymous *anonymous, const uint8_t *record,
                              uint32_t size, uint8_t *to)
{
    const struct etl_record_type *type = etl_record_type_of(load_u32(record));
    size_t at = type->header_len;

    for (bool count = true; size - at >= 8; at += 8, count = false) {
        uint64_t value = load_u64(record + at);
        uint64_t time = (uint64_t)anonymous_ticks(anonymous, (int64_t)value);
        store(to + at, count ? value : time, 8);
    }
    return finish(anonymous, type, record, to, at);
}

uint32_t anonymous_trace_record(struct anonymous *anonymous, const uint8_t *record, uint32_t size,
                                uint8_t *to)
{
    return load_u16(record + ETL_RECORD_HOOK_AT) == ETL_HOOK_LOGFILE_HEADER
               ? rewrite_header(anonymous, record, size, to)
               : rewrite_drops(anonymous, record, size, to);
}
