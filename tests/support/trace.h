/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_SUPPORT_TRACE_H
#define TESTS_SUPPORT_TRACE_H

/*
 * Traces made on purpose. A `struct trace` describes a trace file: header values, records in the
 * order in which they were recorded, and what the container does to them (trace buffer breaks,
 * loss flags, appended sessions, wrapping, compression, damage). Calls or text
 * (docs/trace-language.md) build a trace; the library writes it as the bytes of an .etl file and
 * prints it as text.
 *
 *     struct trace trace;
 *     trace_init(&trace);
 *     struct trace_place at = {.ticks = trace.header.base_ticks + 10, .cpu = 1, .pid = 7, .tid =
 * 9}; struct trace_afd recv = {.id = 1004, .process = p, .endpoint = e, .buffer = b, ...};
 *     trace_add_afd(&trace, &at, &recv);
 *     trace_write(&trace, &image, errors);
 *
 * Running out of memory aborts, because only tests link this library. Values are written as given,
 * wrong ones too; a layout that is impossible (a record longer than a trace buffer) is an error.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/afd/afd_decode.h"
#include "parsers/etl/etl_event.h"
#include "base/guid.h"

#define TRACE_ALL_CPUS UINT32_MAX
#define TRACE_AUTO (-1)
#define TRACE_NAME_MAX 120
#define TRACE_BASE_TICKS INT64_C(1000000) /* default clock value of the log-file header */

enum trace_compression {
    TRACE_COMPRESS_NONE,
    TRACE_COMPRESS_GREEDY,  /* matches found by a hash of three bytes */
    TRACE_COMPRESS_LITERAL, /* literals only: as legal as any */
    TRACE_COMPRESS_LONG,    /* matches extended as far as they go: every length form occurs */
};

/* The log-file header and what applies to the whole file. trace_init() fills in a healthy file. */
struct trace_header {
    unsigned pointer_size; /* 4 or 8 */
    unsigned clock;        /* 1 QPC, 2 system time, 3 CPU cycles; written as given */
    uint64_t frequency;    /* PerfFreq */
    uint32_t cpu_mhz;
    uint32_t processors;  /* 0: highest processor of any record, plus 1 */
    uint32_t buffer_size; /* bytes of a trace buffer */
    uint32_t build;
    uint8_t os_major, os_minor;
    uint8_t layout_major,
        layout_minor;       /* 0.0: 1.5, or 2.0 where compression, size, processors ask */
    uint32_t mode;          /* LogFileMode as given; compressed traces get 0x04000000 added */
    int64_t base_ticks;     /* clock value of the log-file header's record */
    int64_t start_filetime; /* 100 ns since 1601 UTC: StartTime */
    int64_t boot_filetime;
    int64_t end_filetime; /* TRACE_AUTO: time of the last record */
    uint32_t events_lost, buffers_lost;
    uint32_t timer_resolution;
    bool finalised;      /* false: EndTime and BuffersWritten are 0 */
    bool flush_marker;   /* on the last trace buffer of each session */
    bool relogged;       /* as merge tools write it: mode 0x10000, "Relogger", byte processors */
    int processor_index; /* 1: u16 form with flag 0x20; 0: u8 + Alignment; TRACE_AUTO: by build */
    uint32_t sequence;   /* number of the first data trace buffer; 1 */
    enum trace_compression compression;
    char session_name[TRACE_NAME_MAX]; /* UTF-8 */
    char file_name[TRACE_NAME_MAX];
};

/* A record of any header kind. Each kind uses the fields as in struct etl_event. */
struct trace_event {
    enum etl_header_kind kind;
    int64_t ticks;
    uint16_t cpu;
    uint32_t pid, tid;
    struct guid provider;    /* EVENT: provider; FULL, INSTANCE: event class */
    struct guid activity;    /* EVENT */
    uint64_t keyword;        /* EVENT */
    uint16_t id;             /* EVENT; WPP: message number; INSTANCE: instance id */
    uint16_t hook_id;        /* SYSTEM, COMPACT, PERFINFO: group << 8 | type */
    uint16_t record_version; /* SYSTEM, COMPACT, PERFINFO, FULL, INSTANCE: the Version word;
                                WPP: option flags; OTHER: the marker's bytes 2 and 3 */
    uint8_t version, channel, level, opcode; /* EVENT; FULL: level and opcode */
    uint16_t task;
    uint16_t flags;         /* EVENT: bits to add to Flags */
    bool in_header;         /* lies in trace buffer 0, after the log-file header's record */
    uint16_t size_override; /* not 0: written into the Size field instead of the truth */
    uint32_t payload_offset, payload_len;   /* in trace.bytes */
    uint32_t extended_offset, extended_len; /* encoded items, in trace.bytes */
};

enum trace_item_kind {
    TRACE_ITEM_EVENT,
    TRACE_ITEM_FLUSH,   /* the processor's trace buffer ends here (all: TRACE_ALL_CPUS) */
    TRACE_ITEM_MARK,    /* attributes of the processor's current (or next) trace buffer */
    TRACE_ITEM_SESSION, /* an appended session begins: all flushed, numbering restarts at 1 */
};

struct trace_mark {
    uint16_t flags;  /* added to BufferFlag */
    int type;        /* BufferType, or TRACE_AUTO */
    int compression; /* enum trace_compression, or TRACE_AUTO: the header's */
};

struct trace_item {
    enum trace_item_kind kind;
    unsigned line; /* of the text; 0 if built by calls */
    uint32_t cpu;  /* FLUSH, MARK */
    bool force;    /* FLUSH: write an empty trace buffer too */
    struct trace_mark mark;
    struct trace_event event;
};

enum trace_edit_kind {
    /* The trace buffers that are written, in that file order; numbers count data trace buffers from
     * 1 in the order of their flush. */
    TRACE_EDIT_ORDER,  /* `bytes`: u32 numbers; those not named are left out */
    TRACE_EDIT_ROTATE, /* the last `value` of them move to the front: a wrapped circular file */
    TRACE_EDIT_DROP,   /* the first `value` of them are gone: overwritten */
    /* Bytes, after layout; `buffer` counts in file order, the header's is 0. */
    TRACE_EDIT_FIELD,   /* header field `field` of trace buffer `buffer` becomes `value` */
    TRACE_EDIT_BYTES,   /* `bytes` at `value`: from the file's start, or of trace buffer `buffer` */
    TRACE_EDIT_SHORTEN, /* trace buffer `buffer` loses its last `value` bytes, BufferSize follows */
    TRACE_EDIT_INSERT,  /* `bytes` before trace buffer `buffer` */
    TRACE_EDIT_TRUNCATE, /* the file ends at `value` bytes */
    TRACE_EDIT_CHOP,     /* the file loses its last `value` bytes */
    TRACE_EDIT_ZERO,     /* `value` zero bytes at the end */
    TRACE_EDIT_APPEND,   /* `bytes` at the end */
};

#define TRACE_NO_BUFFER UINT32_MAX

struct trace_edit {
    enum trace_edit_kind kind;
    unsigned line;
    uint32_t buffer;
    uint32_t field; /* FIELD: index in trace_field_name() */
    uint64_t value;
    uint32_t bytes_offset, bytes_len; /* in trace.bytes */
};

struct trace {
    struct trace_header header;
    struct trace_item *items; /* owned; may be reordered and removed freely */
    size_t item_count, item_capacity;
    struct trace_edit *edits; /* owned; applied in order */
    size_t edit_count, edit_capacity;
    uint8_t *bytes; /* owned; payloads and such, by offset */
    size_t bytes_len, bytes_capacity;
};

void trace_init(struct trace *trace);
void trace_clear(struct trace *trace); /* as after trace_init, memory kept */
void trace_finish(struct trace *trace);

/* ---- building ---- */

struct trace_place {
    int64_t ticks; /* raw clock value */
    uint16_t cpu;
    uint32_t pid, tid;
    uint64_t keyword;     /* AFD events: the family's source bit and the channel bit are added */
    struct guid activity; /* all zero: none. trace_activity() makes one from a number */
};

struct guid trace_activity(uint64_t number);

/* An AFD event. Fields that the event's layout lacks are ignored; fields of the layout that this
 * struct lacks are 0. An address.family of 0 is an AddressLen of 0 in the modern family. */
struct trace_afd {
    uint16_t id;
    uint32_t enter_exit, location;
    uint64_t process, endpoint, accept_endpoint, buffer;
    uint32_t buffer_length;
    int64_t buffer_count; /* as given */
    uint32_t status, reason;
    uint64_t pid; /* UserModePid, ProcessId */
    uint32_t address_family, socket_type, protocol;
    bool fast_path;
    struct afd_address address;
};

/* trace_add_afd() and the calls below return the new event, which is valid until the next call that
 * adds one. */
struct trace_event *trace_add_afd(struct trace *trace, const struct trace_place *place,
                                  const struct trace_afd *afd);
/* Adds a process start (hook 0301), rundown (0303, 0304) or end (0302) as a SYSTEM record. */
struct trace_event *trace_add_kernel_process(struct trace *trace, const struct trace_place *place,
                                             uint16_t hook_id, uint64_t process, uint32_t pid,
                                             const char *image_name);
/* Adds Kernel-Process event 1 (start) or 2 (stop). */
struct trace_event *trace_add_process_event(struct trace *trace, const struct trace_place *place,
                                            uint16_t id, uint32_t pid, const char *image_name);
/* Adds an image load (hook 030A), rundown (1403) or unload (1402). */
struct trace_event *trace_add_image(struct trace *trace, const struct trace_place *place,
                                    uint16_t hook_id, uint32_t pid, uint64_t base, uint64_t size,
                                    const char *path);
/* Adds any record. *event and the payload are copied; payload_offset is set. */
struct trace_event *trace_add_event(struct trace *trace, const struct trace_event *event,
                                    const void *payload, size_t payload_len);
/* Adds hook 0052 with the last dropped times by processor to trace buffer 0. */
void trace_add_last_dropped(struct trace *trace, const int64_t *ticks, size_t count);

/* Appends an extended data item to the event that was added last (EVENT kinds). */
void trace_extend(struct trace *trace, uint16_t type, const void *data, size_t len);
/* Appends a stack, frames innermost first, in the form of the event's pointer size. */
void trace_extend_stack(struct trace *trace, uint64_t match_id, const uint64_t *frames,
                        size_t count);

/* Cuts or pads (zeros) the payload of the event that was added last. */
void trace_resize_payload(struct trace *trace, size_t payload_len);

void trace_flush(struct trace *trace, uint32_t cpu);
void trace_mark(struct trace *trace, uint32_t cpu, const struct trace_mark *mark);
void trace_session(struct trace *trace);

/* Adds an edit of the finished bytes. `bytes` may be NULL where the kind needs none. */
void trace_edit(struct trace *trace, enum trace_edit_kind kind, uint32_t buffer, uint64_t value,
                const void *bytes, size_t len);
/* Sets a header field of a trace buffer by name ("Offset"). False if there is no such field. */
bool trace_patch(struct trace *trace, uint32_t buffer, const char *field, uint64_t value);

/* ---- bytes and text ---- */

#define TRACE_ERROR_MAX 200

struct trace_errors {
    unsigned line; /* 0: none in particular */
    char text[TRACE_ERROR_MAX];
};

struct trace_bytes {
    uint8_t *data; /* owned */
    size_t len, capacity;
};
void trace_bytes_finish(struct trace_bytes *bytes); /* takes an empty one */

/* Lays the trace out as a file. *image is overwritten and its memory used again, so that the first
 * call needs a zeroed struct. False, with *errors filled in, where the layout is impossible. */
bool trace_write(const struct trace *trace, struct trace_bytes *image, struct trace_errors *errors);

/* Adds what `text` says to an initialised, empty trace. False, with *errors filled in, where the
 * text is wrong. */
bool trace_parse_text(const char *text, struct trace *trace, struct trace_errors *errors);

/* Adds what the bytes of a trace file hold to an initialised, empty trace. The file is one that is
 * neither compressed nor damaged, as `bufcheck cut` writes them. False, with *errors filled in,
 * where it is another one. */
bool trace_from_etl(const uint8_t *bytes, size_t len, struct trace *trace,
                    struct trace_errors *errors);

/* Appends a comment line for each record of that file which the trace, made of it, does not give
 * back byte for byte. False, with *errors filled in: the trace can't be written. */
bool trace_name_untold(const uint8_t *bytes, size_t len, const struct trace *trace,
                       struct trace_bytes *out, struct trace_errors *errors);

/* Returns the trace as text, NUL-terminated; the caller frees it. A parsed copy gives the same
 * trace_write() bytes, and prints as the same text. */
char *trace_print_text(const struct trace *trace);

/* ---- parts that have tests of their own ---- */

/* Appends the bytes to *out, compressed as Plain XPRESS LZ77. */
void trace_compress(enum trace_compression how, const uint8_t *data, size_t len,
                    struct trace_bytes *out);

/* The name of a header field: "BufferSize", "SavedOffset", ...; NULL beyond the last. */
const char *trace_field_name(uint32_t index);

#endif
