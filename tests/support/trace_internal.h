/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_SUPPORT_TRACE_INTERNAL_H
#define TESTS_SUPPORT_TRACE_INTERNAL_H

/* Shared by the parts of the trace library alone; nobody else includes this header. */

#include "tests/support/trace.h"

/* ---- trace_bytes.c ---- */

void bytes_reserve(struct trace_bytes *bytes, size_t extra);
void bytes_put(struct trace_bytes *bytes, const void *data, size_t len);
void bytes_fill(struct trace_bytes *bytes, uint8_t value, size_t len);
void bytes_number(struct trace_bytes *bytes, uint64_t value, unsigned width);
/* Appends UTF-8 as NUL-terminated UTF-16LE. Bytes that are not UTF-8 count as Latin-1. */
void bytes_utf16(struct trace_bytes *bytes, const char *text);
/* Appends what printf would print, without the NUL. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3), nonnull(2)))
#endif
void bytes_print(struct trace_bytes *bytes, const char *format, ...);

void number_store(uint8_t *at, uint64_t value, unsigned width);
uint64_t number_load(const uint8_t *at, unsigned width);

/* ---- trace.c ---- */

#define FILETIME_SECOND INT64_C(10000000)
#define FIELD_COUNT_MAX 64

/* The ticks of the trace's clock in a second; never 0. */
uint64_t trace_rate(const struct trace_header *header);
uint32_t trace_store_bytes(struct trace *trace, const void *data, size_t len);
struct trace_item *trace_add_item(struct trace *trace, enum trace_item_kind kind);
struct trace_event *trace_last_event(struct trace *trace);
unsigned event_pointer_size(enum etl_header_kind kind);
enum etl_header_kind event_kind(enum etl_header_kind kind64, unsigned pointer_size);

struct trace_field {
    const char *name;
    uint16_t offset; /* bytes from the start of the trace buffer */
    uint8_t width;
};
extern const struct trace_field trace_fields[];
extern const size_t trace_field_count;

/* ---- trace_afd.c ---- */

#define ADDRESS_BYTES_MAX 256

/* The fields of one AFD event, by their place in the layout. */
struct afd_values {
    const struct afd_layout *layout;
    uint64_t number[AFD_FIELDS_MAX];    /* IPV4: its bytes as a little-endian number */
    uint8_t address[ADDRESS_BYTES_MAX]; /* IPV6 or SOCKADDR */
    uint32_t address_len;
    bool short_bool; /* FastPath in one byte */
    bool no_family;  /* id 1 without AddressFamily */
};

void afd_values_from(const struct trace_afd *afd, const struct afd_layout *layout,
                     struct afd_values *values);
/* The index of the layout's field with that role or type; -1 if there is none. */
int afd_field_by_role(const struct afd_layout *layout, enum afd_role role);
int afd_field_by_type(const struct afd_layout *layout, enum afd_field_type type);
void afd_values_set_address(struct afd_values *values, const struct afd_address *address);
void afd_values_encode(const struct afd_values *values, unsigned pointer_size,
                       struct trace_bytes *out);
/* False if the payload is not exactly what afd_values_encode would make of the result. */
bool afd_values_decode(const struct afd_layout *layout, const uint8_t *payload, size_t len,
                       unsigned pointer_size, struct afd_values *values);
uint64_t afd_default_keyword(uint16_t id);
uint8_t afd_default_level(uint16_t id); /* the manifest's */

/* ---- trace_kernel.c ---- */

#define KERNEL_TEXT_LEN 200

/* A process or image record in the few fields that traces here vary. */
struct kernel_values {
    uint16_t hook_id; /* 0: Kernel-Process event `event_id` */
    uint16_t event_id;
    uint16_t version;
    uint64_t process; /* EPROCESS address */
    uint32_t target, parent, session, exit_status;
    uint64_t base, size;
    uint32_t stamp, checksum;
    char image[KERNEL_TEXT_LEN];
    char command[KERNEL_TEXT_LEN];
};

extern const struct guid kernel_process_guid, process_class_guid, image_class_guid;

void kernel_values_encode(const struct kernel_values *values, unsigned pointer_size,
                          struct trace_bytes *out);
/* False if the event is none of these, or holds more than kernel_values can say. */
bool kernel_values_decode(const struct trace_event *event, const uint8_t *payload,
                          struct kernel_values *values);

/* ---- trace_extended.c ---- */

struct extended_item {
    uint16_t type, data_len;
    const uint8_t *data;
};
/* Steps through an area that trace_extend built. False at the area's end, where *position is `len`,
 * and at a malformed item, where it is not. */
bool extended_next(const uint8_t *area, size_t len, size_t *position, struct extended_item *item);

/* ---- trace_log_header.c ---- */

/* Appends the log-file header's record, unpadded. */
void log_header_put(const struct trace_header *header, uint32_t processors, int64_t end_filetime,
                    uint32_t buffers_written, bool compressed, struct trace_bytes *out);

/* ---- trace_edit.c ---- */

struct image_layout {
    uint64_t *offsets; /* of each trace buffer in the image, the header's first */
    size_t count;
};
bool edits_apply(const struct trace *trace, struct image_layout *layout, struct trace_bytes *image,
                 struct trace_errors *errors);

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
bool errors_set(struct trace_errors *errors, unsigned line, const char *format, ...);

/* ---- trace_words.c: what the language calls things ---- */

struct word_number {
    const char *name;
    uint64_t number;
};
/* Lists end with a NULL name. */
extern const struct word_number words_clock[], words_compress[], words_keyword[], words_flag[],
    words_name[], words_process[], words_image[], words_kernel_process[], words_stack[],
    words_role[], words_kind[];
const char *word_of(const struct word_number *words, uint64_t number);
bool word_find(const struct word_number *words, const char *name, uint64_t *number);

struct afd_word {
    const char *name;
    uint16_t id;
    int enter_exit; /* -1: the event has none, or the line says it */
};
/* "recv.enter", "recv.post", "afd.1004", "AfdReceive". False if it names no AFD event. */
bool afd_word_find(const char *name, struct afd_word *word);
/* A name that afd_word_find takes for this event; `text` holds it. */
void afd_word_of(uint16_t id, bool has_enter_exit, uint32_t enter_exit, char *text, size_t len,
                 bool *says_enter_exit);

/* ---- trace_time.c ---- */

#define TIME_ISO_MAX INT64_C(2650467743999999999) /* the last of year 9999: four digits */

bool time_parse_iso(const char *text, int64_t *filetime);
/* `filetime` lies in 0 to TIME_ISO_MAX. */
void time_print_iso(int64_t filetime, struct trace_bytes *out);
/* "12.5" seconds with `unit` ticks a second; rounds to the nearest. */
bool time_parse_seconds(const char *text, uint64_t rate, int64_t *ticks);
/* False if no such text parses back to exactly `ticks`. */
bool time_print_seconds(int64_t ticks, uint64_t rate, struct trace_bytes *out);

/* ---- trace_parse_event.c ---- */

#define TOKENS_MAX 128
#define DEFAULTS_MAX 16
#define TOKEN_TEXT_MAX 128

struct token {
    char *key;   /* the word itself if there is no '=' */
    char *value; /* NULL if there is no '=' */
};

struct parser_name {
    char name[48];
    uint64_t number;
};

struct parser {
    struct trace *trace;
    struct trace_errors *errors;
    unsigned line;
    struct parser_name *names; /* owned */
    size_t name_count, name_capacity;
    struct parser_default {
        char key[32];
        char value[TOKEN_TEXT_MAX];
    } defaults[DEFAULTS_MAX];
    size_t default_count;
    int64_t previous_ticks;
    bool events_seen, ticks_given;
};

bool parser_fail(struct parser *parser, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
bool parser_number(struct parser *parser, const char *text, uint64_t *number);
bool parser_hex(struct parser *parser, const char *text, struct trace_bytes *out);
bool parser_ticks(struct parser *parser, const char *text, int64_t *ticks);
bool parse_event_line(struct parser *parser, struct token *tokens, size_t count);

/* ---- trace_parse_event.c ---- */

/* The words of an event line after processor and time. A word that was used has key NULL. */
struct line {
    struct parser *parser;
    struct token *tokens;
    size_t count;
    unsigned pointer_size;
};

/* The value of a key on the line; line_value also of the defaults. NULL: it is not given. */
const char *line_own(struct line *line, const char *key);
const char *line_value(struct line *line, const char *key);
/* False: the value is none, and the parser has failed. */
bool line_number(struct line *line, const char *key, uint64_t absent, uint64_t *number);
bool guid_value(struct line *line, const char *key, struct guid *guid);

/* ---- trace_names.c: records of threads, and those that merge tools add ---- */

bool names_word(const char *word);
/* Adds the event that a line with such a word describes. False: the parser has failed. */
bool names_event_parse(struct line *line, const char *word, struct trace_event *event);

#endif
