/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_RECORD_H
#define PARSERS_ETL_ETL_RECORD_H

/*
 * Record headers. etl_record_frame() finds out a record's type and size, which is needed to get to
 * the next record; etl_record_decode() makes an event of a record that somebody wants.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/byte_reader.h"
#include "parsers/etl/etl_event.h"
#include "parsers/etl/etl_format.h"
#include "base/load.h"

/* The part of a record by which a filter decides whether the record is wanted. */
enum etl_record_selector {
    ETL_SELECT_NONE,     /* only a filter for everything takes the record */
    ETL_SELECT_PROVIDER, /* the GUID at ETL_RECORD_GUID_AT */
    ETL_SELECT_CLASS,    /* the event class, also a GUID at ETL_RECORD_GUID_AT */
    ETL_SELECT_HOOK,     /* the u16 at ETL_RECORD_HOOK_AT */
};

#define ETL_RECORD_TIMED_LEN_MIN 0x10 /* no header that has a time is shorter */
#define ETL_RECORD_GUID_AT 0x18
#define ETL_RECORD_HOOK_AT 0x06

/* A header type. etl_record_types has one for each type byte of a marker. */
struct etl_record_type {
    uint8_t kind;         /* enum etl_header_kind */
    uint8_t header_len;   /* bytes of the fixed part; no record is shorter */
    uint8_t size_at;      /* offset of the u16 with the record's size */
    uint8_t ticks_at;     /* offset of the clock value; 0: none, but a WPP record may have one */
    uint8_t selector;     /* enum etl_record_selector */
    uint8_t pointer_size; /* of the payload; 0: the type does not say */
    uint8_t key_at;       /* offset of the GUID or hook id that `selector` names */
    bool kernel_time;     /* the kernel set the clock value, never the provider */
};

#define ETL_RECORD_TYPE_COUNT 0x16
extern const struct etl_record_type etl_record_types[ETL_RECORD_TYPE_COUNT];
extern const struct etl_record_type etl_record_type_wpp;
extern const struct etl_record_type etl_record_type_other;

enum etl_frame_status {
    ETL_FRAME_OK = 0,
    ETL_FRAME_END = 1,  /* a fill marker: no records from here on */
    ETL_FRAME_MORE = 2, /* the record needs more than `left` bytes */
    ETL_FRAME_BAD = -1, /* the size is less than the header's, or the kind has no size */
};

struct etl_frame {
    const struct etl_record_type *type;
    uint32_t size; /* bytes, unpadded */
};

static inline const struct etl_record_type *etl_record_type_of(uint32_t marker)
{
    uint32_t selector = marker >> 24;
    uint32_t type = marker >> 16 & 0xFF;
    if (selector == 0xC0 && type < ETL_RECORD_TYPE_COUNT) {
        return &etl_record_types[type];
    }
    return selector == 0x90 ? &etl_record_type_wpp : &etl_record_type_other;
}

/* Finds out type and size of the record at `at`, of which `left` bytes are there. Fills *frame if
 * OK, and if MORE with at least ETL_RECORD_HEAD_LEN bytes left; otherwise its size is 0. */
static inline enum etl_frame_status etl_record_frame(const uint8_t *at, size_t left,
                                                     struct etl_frame *frame)
{
    frame->size = 0;
    if (left < ETL_RECORD_HEAD_LEN) {
        if (left >= sizeof(uint32_t)) {
            uint32_t fill = load_u32(at);
            if (fill == ETL_MARKER_FILL || fill == ETL_MARKER_ZERO) {
                return ETL_FRAME_END;
            }
        }
        return ETL_FRAME_MORE;
    }
    uint32_t marker = load_u32(at);
    if (marker == ETL_MARKER_FILL || marker == ETL_MARKER_ZERO) {
        return ETL_FRAME_END;
    }
    frame->type = etl_record_type_of(marker);
    frame->size = load_u16(at + frame->type->size_at);
    if (frame->size < frame->type->header_len || (marker & UINT32_C(0x80000000)) == 0) {
        return ETL_FRAME_BAD;
    }
    return frame->size > left ? ETL_FRAME_MORE : ETL_FRAME_OK;
}

/* Size with the padding to the next record. */
static inline uint32_t etl_record_stride(uint32_t size)
{
    return (size + (ETL_RECORD_ALIGN - 1)) & ~(uint32_t)(ETL_RECORD_ALIGN - 1);
}

/* True if a record is of hook group 0: it describes the trace itself and is no event. */
static inline bool etl_record_is_of_trace(const struct etl_record_type *type, const uint8_t *record)
{
    return type->selector == ETL_SELECT_HOOK && load_u16(record + ETL_RECORD_HOOK_AT) >> 8 == 0;
}

/* The clock value. False if the record has none; *ticks is left alone then. */
bool etl_record_ticks(const uint8_t *record, const struct etl_frame *frame, int64_t *ticks);

/*
 * Fills *event from a framed record, except order, offset, file and cpu, which the caller sets.
 * Records without a time get `default_ticks`, those without a pointer size `trace_pointer_size`.
 * Payload and extended data items point into `record`.
 */
void etl_record_decode(const uint8_t *record, const struct etl_frame *frame, int64_t default_ticks,
                       uint8_t trace_pointer_size, struct etl_event *event);

/* Offsets in an EVENT32 or EVENT64 header [NTWMI, GC, OBS] */
#define ETL_EVENT_FLAGS_AT 0x04
#define ETL_EVENT_THREAD_AT 0x08
#define ETL_EVENT_PROCESS_AT 0x0C
#define ETL_EVENT_TICKS_AT 0x10
#define ETL_EVENT_ID_AT 0x28
#define ETL_EVENT_VERSION_AT 0x2A
#define ETL_EVENT_LEVEL_AT 0x2C
#define ETL_EVENT_OPCODE_AT 0x2D
#define ETL_EVENT_KEYWORD_AT 0x30
#define ETL_EVENT_ACTIVITY_AT 0x40
#define ETL_EVENT_LEN 0x50
#define ETL_EVENT_FLAG_EXTENDED 0x0001 /* the only one on disk [OBS] */

/* True of an EVENT32 or EVENT64 record with extended data items. */
static inline bool etl_record_is_extended(const uint8_t *record)
{
    return (load_u16(record + ETL_EVENT_FLAGS_AT) & ETL_EVENT_FLAG_EXTENDED) != 0;
}

/* Sets extended data items and payload of an EVENT32 or EVENT64 record that has the flag above. */
void etl_record_split(const uint8_t *record, uint32_t size, struct etl_event *event);

/* Does what etl_record_decode() does, for EVENT32 and EVENT64, inline: nearly all wanted records
 * are of these kinds. Every member is set, so that none must be cleared first. */
static inline void etl_record_decode_event(const uint8_t *record, uint32_t size,
                                           enum etl_header_kind kind, struct etl_event *event)
{
    event->kind = kind;
    event->pointer_size = kind == ETL_HEADER_EVENT64 ? 8 : 4;
    event->tid = load_u32(record + ETL_EVENT_THREAD_AT);
    event->pid = load_u32(record + ETL_EVENT_PROCESS_AT);
    event->ticks = (int64_t)load_u64(record + ETL_EVENT_TICKS_AT);
    memcpy(&event->provider, record + ETL_RECORD_GUID_AT, sizeof event->provider);
    memcpy(&event->activity, record + ETL_EVENT_ACTIVITY_AT, sizeof event->activity);
    event->id = load_u16(record + ETL_EVENT_ID_AT);
    event->version = record[ETL_EVENT_VERSION_AT];
    event->level = record[ETL_EVENT_LEVEL_AT];
    event->opcode = record[ETL_EVENT_OPCODE_AT];
    event->keyword = load_u64(record + ETL_EVENT_KEYWORD_AT);
    event->extended_damaged = false;
    event->extended = NULL;
    event->extended_len = 0;
    event->has_extended = false;
    event->area = 0;
    event->payload = record + ETL_EVENT_LEN;
    event->payload_len = (uint16_t)(size - ETL_EVENT_LEN);
    if (etl_record_is_extended(record)) {
        etl_record_split(record, size, event);
    }
}

#endif
