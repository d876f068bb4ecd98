/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_record.h"

#include <string.h>

#include "base/least.h"
#include "base/load.h"
#include "parsers/etl/etl_extended.h"

/* Offsets in record headers [NTWMI, GC, OBS] */
#define SYSTEM_VERSION_AT 0x00
#define SYSTEM_THREAD_AT 0x08
#define SYSTEM_PROCESS_AT 0x0C
#define FULL_OPCODE_AT 0x04
#define FULL_LEVEL_AT 0x05
#define FULL_VERSION_AT 0x06
#define FULL_THREAD_AT 0x08
#define FULL_PROCESS_AT 0x0C
/* High byte of a SYSTEM or PERFINFO version: fields in front of the payload [GC] */
#define VERSION_PEBS 0x8000
#define VERSION_COUNTERS(version) ((unsigned)(version) >> 8 & 7)

/* WPP options, and their fields in this order [GC, OBS] */
#define WPP_HEAD_LEN 8
#define WPP_OPTIONS_AT 0x06
#define WPP_SEQUENCE 0x0001
#define WPP_GUID 0x0002
#define WPP_COMPONENT 0x0004
#define WPP_TIME 0x0008
#define WPP_TIME_OBSOLETE 0x0010
#define WPP_SYSTEM_INFO 0x0020
#define WPP_POINTER32 0x0040
#define WPP_POINTER64 0x0080

/* clang-format off */
/* Lengths and offsets: [NTWMI, GC]; of types 01 02 0A 11 12 13 14 also [OBS]. */
#define BY_HOOK(kind, len, ticks_at, pointer_size)                                                 \
    {ETL_HEADER_##kind, len, 4, ticks_at, ETL_SELECT_HOOK, pointer_size, ETL_RECORD_HOOK_AT, true}
#define BY_CLASS(kind, len, pointer_size)                                                          \
    {ETL_HEADER_##kind, len, 0, 0x10, ETL_SELECT_CLASS, pointer_size, ETL_RECORD_GUID_AT, false}
#define BY_PROVIDER(kind, pointer_size)                                                            \
    {ETL_HEADER_##kind, ETL_EVENT_LEN, 0, ETL_EVENT_TICKS_AT, ETL_SELECT_PROVIDER, pointer_size,   \
     ETL_RECORD_GUID_AT, true}
#define UNTIMED(kind, len) {ETL_HEADER_##kind, len, 0, 0, ETL_SELECT_NONE, 0, 0, false}
#define OTHER UNTIMED(OTHER, ETL_RECORD_HEAD_LEN)

/* TIMED, ERROR, WNODE, MESSAGE (0C to 0F) and unknown types are stepped over by their size. */
const struct etl_record_type etl_record_types[ETL_RECORD_TYPE_COUNT] = {
    [0x00] = OTHER,
    [0x01] = BY_HOOK(SYSTEM32, 0x20, 0x10, 4),
    [0x02] = BY_HOOK(SYSTEM64, 0x20, 0x10, 8),
    [0x03] = BY_HOOK(COMPACT32, 0x18, 0x10, 4),
    [0x04] = BY_HOOK(COMPACT64, 0x18, 0x10, 8),
    [0x05] = OTHER,
    [0x06] = OTHER,
    [0x07] = OTHER,
    [0x08] = OTHER,
    [0x09] = OTHER,
    [0x0A] = BY_CLASS(FULL32, 0x30, 4),
    [0x0B] = BY_CLASS(INSTANCE32, 0x48, 4),
    [0x0C] = OTHER,
    [0x0D] = OTHER,
    [0x0E] = OTHER,
    [0x0F] = OTHER,
    [0x10] = BY_HOOK(PERFINFO32, 0x10, 0x08, 4),
    [0x11] = BY_HOOK(PERFINFO64, 0x10, 0x08, 8),
    [0x12] = BY_PROVIDER(EVENT32, 4),
    [0x13] = BY_PROVIDER(EVENT64, 8),
    [0x14] = BY_CLASS(FULL64, 0x30, 8),
    [0x15] = BY_CLASS(INSTANCE64, 0x48, 8),
};
const struct etl_record_type etl_record_type_wpp = UNTIMED(WPP, WPP_HEAD_LEN);
const struct etl_record_type etl_record_type_other = OTHER;
/* clang-format on */

const char *etl_header_kind_name(enum etl_header_kind kind)
{
    static const char *const names[ETL_HEADER_COUNT] = {
        [ETL_HEADER_SYSTEM32] = "SYSTEM32",
        [ETL_HEADER_SYSTEM64] = "SYSTEM64",
        [ETL_HEADER_COMPACT32] = "COMPACT32",
        [ETL_HEADER_COMPACT64] = "COMPACT64",
        [ETL_HEADER_FULL32] = "FULL32",
        [ETL_HEADER_FULL64] = "FULL64",
        [ETL_HEADER_INSTANCE32] = "INSTANCE32",
        [ETL_HEADER_INSTANCE64] = "INSTANCE64",
        [ETL_HEADER_PERFINFO32] = "PERFINFO32",
        [ETL_HEADER_PERFINFO64] = "PERFINFO64",
        [ETL_HEADER_EVENT32] = "EVENT32",
        [ETL_HEADER_EVENT64] = "EVENT64",
        [ETL_HEADER_WPP] = "WPP",
        [ETL_HEADER_OTHER] = "OTHER",
    };
    return (unsigned)kind < ETL_HEADER_COUNT ? names[kind] : names[ETL_HEADER_OTHER];
}

/* Reads the optional fields of a WPP record; the results of absent ones are left alone. */
static void wpp_decode(struct byte_reader *reader, unsigned options, bool *has_ticks,
                       int64_t *ticks, uint32_t *tid, uint32_t *pid)
{
    if ((options & WPP_SEQUENCE) != 0) {
        byte_reader_skip(reader, 4);
    }
    if ((options & WPP_COMPONENT) != 0) {
        byte_reader_skip(reader, 4);
    } else if ((options & WPP_GUID) != 0) {
        byte_reader_skip(reader, 16);
    }
    if ((options & (WPP_TIME | WPP_TIME_OBSOLETE)) != 0) {
        int64_t value = byte_reader_i64(reader);
        *has_ticks = (options & WPP_TIME) != 0 && !reader->overrun;
        *ticks = *has_ticks ? value : *ticks;
    }
    if ((options & WPP_SYSTEM_INFO) != 0) {
        uint32_t thread = byte_reader_u32(reader);
        uint32_t process = byte_reader_u32(reader);
        *tid = reader->overrun ? ETL_ID_UNKNOWN : thread;
        *pid = reader->overrun ? ETL_ID_UNKNOWN : process;
    }
}

static bool wpp_fields(const uint8_t *record, uint32_t size, struct byte_reader *reader,
                       int64_t *ticks, uint32_t *tid, uint32_t *pid)
{
    bool has_ticks = false;
    byte_reader_init(reader, record + WPP_HEAD_LEN, size - WPP_HEAD_LEN);
    wpp_decode(reader, load_u16(record + WPP_OPTIONS_AT), &has_ticks, ticks, tid, pid);
    return has_ticks;
}

bool etl_record_ticks(const uint8_t *record, const struct etl_frame *frame, int64_t *ticks)
{
    if (frame->type->ticks_at != 0) {
        *ticks = (int64_t)load_u64(record + frame->type->ticks_at);
        return true;
    }
    if (frame->type->kind != ETL_HEADER_WPP) {
        return false;
    }
    struct byte_reader reader;
    uint32_t tid, pid;
    return wpp_fields(record, frame->size, &reader, ticks, &tid, &pid);
}

static void event_set_payload(struct etl_event *event, const uint8_t *payload, size_t payload_len)
{
    event->payload = payload;
    event->payload_len = (uint16_t)payload_len;
}

/* Finds the length of the extended data items at the front of `area`. False: they can't be parsed.
 */
static bool extended_find_len(const uint8_t *area, size_t area_len, size_t *len)
{
    size_t at = 0;
    bool more = true;
    while (more) {
        if (area_len - at < ETL_EXTENDED_HEAD_LEN) {
            return false;
        }
        size_t size = load_u16(area + at);
        size_t data_len = load_u16(area + at + 6);
        if (size < ETL_EXTENDED_HEAD_LEN || size % ETL_RECORD_ALIGN != 0 || size > area_len - at ||
            data_len > size - ETL_EXTENDED_HEAD_LEN) {
            return false;
        }
        more = (load_u16(area + at + 4) & ETL_EXTENDED_LINKAGE) != 0;
        at += size;
    }
    *len = at;
    return true;
}

void etl_record_split(const uint8_t *record, uint32_t size, struct etl_event *event)
{
    const uint8_t *area = record + ETL_EVENT_LEN;
    size_t area_len = size - ETL_EVENT_LEN;
    size_t items_len = 0;
    if (!extended_find_len(area, area_len, &items_len)) {
        event->extended_damaged = true;
        event_set_payload(event, area, 0);
        return;
    }
    event->extended = area;
    event->extended_len = (uint16_t)items_len;
    event->has_extended = items_len > 0;
    event_set_payload(event, area + items_len, area_len - items_len);
}

static void record_decode_system(const uint8_t *record, const struct etl_frame *frame,
                                 struct etl_event *event)
{
    bool has_ids = event->kind != ETL_HEADER_PERFINFO32 && event->kind != ETL_HEADER_PERFINFO64;
    if (has_ids) {
        event->tid = load_u32(record + SYSTEM_THREAD_AT);
        event->pid = load_u32(record + SYSTEM_PROCESS_AT);
    }
    uint16_t version = load_u16(record + SYSTEM_VERSION_AT);
    event->id = load_u16(record + ETL_RECORD_HOOK_AT);
    event->version = (uint8_t)version;
    event->opcode = (uint8_t)event->id;

    size_t extra = 8 * (size_t)VERSION_COUNTERS(version);
    if ((version & VERSION_PEBS) != 0) {
        extra += 8;
    }
    const uint8_t *area = record + frame->type->header_len;
    size_t area_len = frame->size - frame->type->header_len;
    extra = least_size(extra, area_len);
    event_set_payload(event, area + extra, area_len - extra);
}

static void record_decode_full(const uint8_t *record, const struct etl_frame *frame,
                               struct etl_event *event)
{
    event->tid = load_u32(record + FULL_THREAD_AT);
    event->pid = load_u32(record + FULL_PROCESS_AT);
    memcpy(event->provider.bytes, record + ETL_RECORD_GUID_AT, sizeof event->provider.bytes);
    event->opcode = record[FULL_OPCODE_AT];
    event->level = record[FULL_LEVEL_AT];
    event->version = (uint8_t)load_u16(record + FULL_VERSION_AT);
    event_set_payload(event, record + frame->type->header_len,
                      frame->size - frame->type->header_len);
}

static void record_decode_wpp(const uint8_t *record, const struct etl_frame *frame,
                              struct etl_event *event)
{
    struct byte_reader reader;
    wpp_fields(record, frame->size, &reader, &event->ticks, &event->tid, &event->pid);
    unsigned options = load_u16(record + WPP_OPTIONS_AT);
    if ((options & (WPP_POINTER32 | WPP_POINTER64)) != 0) {
        event->pointer_size = (options & WPP_POINTER64) != 0 ? 8 : 4;
    }
    event_set_payload(event, reader.next, reader.left);
}

void etl_record_decode(const uint8_t *record, const struct etl_frame *frame, int64_t default_ticks,
                       uint8_t trace_pointer_size, struct etl_event *event)
{
    const struct etl_record_type *type = frame->type;
    if (type->selector == ETL_SELECT_PROVIDER) {
        etl_record_decode_event(record, frame->size, type->kind, event);
        return;
    }
    memset(event, 0, sizeof *event);
    event->kind = type->kind;
    event->pid = ETL_ID_UNKNOWN;
    event->tid = ETL_ID_UNKNOWN;
    event->pointer_size = type->pointer_size != 0 ? type->pointer_size : trace_pointer_size;
    event->ticks = type->ticks_at != 0 ? (int64_t)load_u64(record + type->ticks_at) : default_ticks;
    switch (type->selector) {
    case ETL_SELECT_HOOK:
        record_decode_system(record, frame, event);
        break;
    case ETL_SELECT_CLASS:
        record_decode_full(record, frame, event);
        break;
    default:
        if (type->kind == ETL_HEADER_WPP) {
            record_decode_wpp(record, frame, event);
        } else {
            event_set_payload(event, record + type->header_len, frame->size - type->header_len);
        }
        break;
    }
}
