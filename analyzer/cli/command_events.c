/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_events.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/cli/event_lines.h"
#include "analyzer/schemas.h"
#include "base/format_text.h"
#include "analyzer/reports/json_parts.h"
#include "base/json_writer.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_events.h"
#include "parsers/etl/etl_clock.h"
#include "parsers/kernel/kernel_stacks.h"
#include "parsers/afd/ntstatus.h"

enum {
    UNDECODABLE_LEN = 80,
    VALUE_LEN = 272,          /* hex of SOCKADDR_SHOWN_LEN bytes, "0x" and "..." */
    SOCKADDR_SHOWN_LEN = 128, /* Windows' largest; what is longer is no address */
    SECOND_LEN = 20,          /* "2012-06-19T20:33:52." */
    FRACTION_LEN = 7,
};

#define FILETIME_LAST INT64_C(2650467743999999999) /* the end of the year 9999 */

/* An event as the three formats print it. */
struct line {
    const struct etl_event *event;
    const struct stack *stack; /* NULL: none is known */
    const struct afd_event *decoded;
    bool at_known; /* false: before the first event, because the clock went back */
    uint64_t at_ns;
    char time[ETL_TIME_TEXT_LEN];
    char undecodable[UNDECODABLE_LEN]; /* the reason; "" if the event was decoded */
};

struct printer {
    struct etl_reader *reader;
    const struct command_events_options *options;
    struct out *out;
    struct json_writer json;
    int64_t first_ticks;
    bool first_known;
    int64_t second; /* the second whose text `time` of the line holds; -1: none */
    struct line line;
};

/* --- values ----------------------------------------------------------------------------------- */

enum value_kind { VALUE_NUMBER, VALUE_HEX, VALUE_BOOL, VALUE_ADDRESS, VALUE_BYTES, VALUE_NULL };

static enum value_kind value_kind(const struct afd_value *value, const struct afd_address *address)
{
    switch ((enum afd_field_type)value->field->type) {
    case AFD_FIELD_STATUS:
        return VALUE_HEX;
    case AFD_FIELD_POINTER: /* a process id is as wide as a pointer, but printed as a number */
        return value->field->role == AFD_ROLE_PID ? VALUE_NUMBER : VALUE_HEX;
    case AFD_FIELD_BOOL32:
        return VALUE_BOOL;
    case AFD_FIELD_IPV4:
    case AFD_FIELD_IPV6:
    case AFD_FIELD_SOCKADDR:
        if (address->family != 0) {
            return VALUE_ADDRESS;
        }
        return value->bytes_len > 0 ? VALUE_BYTES : VALUE_NULL;
    case AFD_FIELD_U8:
    case AFD_FIELD_U16:
    case AFD_FIELD_PORT:
    case AFD_FIELD_I32:
    case AFD_FIELD_U32:
    case AFD_FIELD_OPTION:
    case AFD_FIELD_ADDRESS_LEN:
        break;
    }
    return VALUE_NUMBER;
}

static void format_bytes(const struct afd_value *value, char text[VALUE_LEN])
{
    uint32_t shown = value->bytes_len < SOCKADDR_SHOWN_LEN ? value->bytes_len : SOCKADDR_SHOWN_LEN;
    char *at = text;
    *at++ = '0';
    *at++ = 'x';
    for (uint32_t i = 0; i < shown; i++) {
        *at++ = "0123456789abcdef"[value->bytes[i] >> 4];
        *at++ = "0123456789abcdef"[value->bytes[i] & 15];
    }
    memcpy(at, shown < value->bytes_len ? "..." : "", shown < value->bytes_len ? 4 : 1);
}

/* Writes a value as csv and text show it; JSON has types of its own. */
static void format_value(const struct afd_value *value, const struct afd_address *address,
                         char text[VALUE_LEN])
{
    size_t len = 0;
    switch (value_kind(value, address)) {
    case VALUE_NUMBER:
        len = out_format_i64(text, (int64_t)value->number);
        break;
    case VALUE_HEX:
        len = out_format_hex(text, value->number);
        break;
    case VALUE_BOOL:
        snprintf(text, VALUE_LEN, "%s", value->number != 0 ? "true" : "false");
        return;
    case VALUE_ADDRESS:
        afd_address_format(address, text);
        return;
    case VALUE_BYTES:
        format_bytes(value, text);
        return;
    case VALUE_NULL:
        break;
    }
    text[len] = '\0';
}

static const char *family_name(const struct afd_layout *layout)
{
    if (layout == NULL || layout->family == AFD_FAMILY_NONE) {
        return NULL;
    }
    return layout->family == AFD_FAMILY_LEGACY ? "legacy" : "modern";
}

/* --- jsonl ------------------------------------------------------------------------------------ */

static void json_value(struct json_writer *json, const struct afd_value *value,
                       const struct afd_address *address)
{
    char text[VALUE_LEN];
    json_key(json, value->field->name);
    switch (value_kind(value, address)) {
    case VALUE_NUMBER:
        json_i64(json, (int64_t)value->number);
        break;
    case VALUE_HEX:
        json_hex(json, value->number);
        break;
    case VALUE_BOOL:
        json_bool(json, value->number != 0);
        break;
    case VALUE_ADDRESS:
        afd_address_format(address, text);
        json_str(json, text);
        break;
    case VALUE_BYTES:
        format_bytes(value, text);
        json_str(json, text);
        break;
    case VALUE_NULL:
        json_null(json);
        break;
    }
}

static void json_fields(struct json_writer *json, const struct line *line)
{
    struct afd_value_cursor cursor = {0};
    struct afd_value value;
    json_field_object(json, "fields");
    while (afd_value_next(line->event, line->decoded, &cursor, &value)) {
        json_value(json, &value, &line->decoded->address);
    }
    json_object_end(json);
}

static void json_stack(struct json_writer *json, const struct stack *stack)
{
    json_key(json, "stack");
    if (stack == NULL) {
        json_null(json);
        return;
    }
    json_array_begin(json);
    for (unsigned i = 0; i < stack->frame_count; i++) {
        json_hex(json, stack->frames[i]);
    }
    json_array_end(json);
}

static void json_id(struct json_writer *json, const char *key, uint32_t id)
{
    if (id == ETL_ID_UNKNOWN) {
        json_field_null(json, key);
    } else {
        json_field_u64(json, key, id);
    }
}

static void print_json(struct printer *printer)
{
    const struct line *line = &printer->line;
    const struct etl_event *event = line->event;
    struct json_writer *json = &printer->json;
    json_object_begin(json);
    json_field_str(json, "type", "event");
    json_field_i64_string(json, "ticks", event->ticks);
    json_field_str(json, "time", line->time);
    if (line->at_known) {
        json_field_seconds(json, "at", line->at_ns);
    } else {
        json_field_null(json, "at");
    }
    json_field_u64(json, "cpu", event->cpu);
    json_id(json, "pid", event->pid);
    json_id(json, "tid", event->tid);
    json_field_u64(json, "id", event->id);
    json_field_u64(json, "version", event->version);
    json_field_str(json, "name",
                   line->decoded->layout != NULL ? line->decoded->layout->name : NULL);
    json_field_str(json, "family", family_name(line->decoded->layout));
    json_field_hex(json, "keyword", event->keyword);
    if (guid_is_zero(&event->activity)) {
        json_field_null(json, "activity");
    } else {
        char activity[GUID_TEXT_LEN];
        guid_format(&event->activity, activity);
        json_field_str(json, "activity", activity);
    }
    json_field_u64(json, "file", event->file);
    json_field_u64(json, "offset", event->offset);
    if (line->undecodable[0] != '\0') {
        json_field_str(json, "undecodable", line->undecodable);
    } else {
        json_fields(json, line);
    }
    json_stack(json, line->stack);
    json_object_end(json);
    json_line_end(json);
}

/* --- csv -------------------------------------------------------------------------------------- */

/* Fields of their own column; every other one goes to "other" as Name=value. */
static const char *const csv_fields[] = {
    "EnterExit",    "Location", "Process", "Endpoint", "FastPath",   "BufferCount", "Buffer",
    "BufferLength", "Status",   "Error",   "Reason",   "AddressLen", "Address",     "Port",
};
enum { CSV_FIELD_COUNT = sizeof csv_fields / sizeof csv_fields[0] };

static void print_csv_header(struct out *out)
{
    out_str(out, "ticks,time,at,cpu,pid,tid,id,version,name,family,keyword,activity,file,offset");
    for (unsigned i = 0; i < CSV_FIELD_COUNT; i++) {
        out_char(out, ',');
        out_str(out, csv_fields[i]);
    }
    out_str(out, ",other,undecodable,stack\r\n");
}

static void csv_number(struct out *out, uint64_t value)
{
    out_u64(out, value);
    out_char(out, ',');
}

static void csv_id(struct out *out, uint32_t id)
{
    if (id != ETL_ID_UNKNOWN) {
        out_u64(out, id);
    }
    out_char(out, ',');
}

static void csv_head(const struct line *line, struct out *out)
{
    const struct etl_event *event = line->event;
    const struct afd_layout *layout = line->decoded->layout;
    char text[TEXT_NUMBER_LEN];
    out_i64(out, event->ticks);
    out_char(out, ',');
    out_str(out, line->time);
    out_char(out, ',');
    if (line->at_known) {
        out_u64(out, line->at_ns / 1000000000);
        out_printf(out, ".%09u", (unsigned)(line->at_ns % 1000000000));
    }
    out_char(out, ',');
    csv_number(out, event->cpu);
    csv_id(out, event->pid);
    csv_id(out, event->tid);
    csv_number(out, event->id);
    csv_number(out, event->version);
    out_str(out, layout != NULL ? layout->name : "");
    out_char(out, ',');
    out_str(out, family_name(layout) != NULL ? family_name(layout) : "");
    out_char(out, ',');
    out_hex(out, event->keyword);
    out_char(out, ',');
    if (!guid_is_zero(&event->activity)) {
        guid_format(&event->activity, text);
        out_str(out, text);
    }
    out_char(out, ',');
    csv_number(out, event->file);
    out_u64(out, event->offset);
}

static unsigned csv_column(const char *name)
{
    unsigned column = 0;
    while (column < CSV_FIELD_COUNT && strcmp(csv_fields[column], name) != 0) {
        column++;
    }
    return column;
}

static void csv_stack(const struct stack *stack, struct out *out)
{
    for (unsigned i = 0; stack != NULL && i < stack->frame_count; i++) {
        if (i > 0) {
            out_char(out, ' ');
        }
        out_hex(out, stack->frames[i]);
    }
}

static void print_csv(struct printer *printer)
{
    const struct line *line = &printer->line;
    struct out *out = printer->out;
    char columns[CSV_FIELD_COUNT][VALUE_LEN];
    struct afd_value others[AFD_FIELDS_MAX];
    unsigned other_count = 0;
    for (unsigned i = 0; i < CSV_FIELD_COUNT; i++) {
        columns[i][0] = '\0';
    }

    struct afd_value_cursor cursor = {0};
    struct afd_value value;
    while (afd_value_next(line->event, line->decoded, &cursor, &value)) {
        unsigned column = csv_column(value.field->name);
        if (column < CSV_FIELD_COUNT) {
            format_value(&value, &line->decoded->address, columns[column]);
        } else {
            others[other_count++] = value;
        }
    }
    csv_head(line, out);
    for (unsigned i = 0; i < CSV_FIELD_COUNT; i++) {
        out_char(out, ',');
        text_csv(out, columns[i]);
    }
    out_char(out, ',');
    for (unsigned i = 0; i < other_count; i++) {
        char text[VALUE_LEN];
        format_value(&others[i], &line->decoded->address, text);
        if (i > 0) {
            out_char(out, ' ');
        }
        out_str(out, others[i].field->name);
        out_char(out, '=');
        out_str(out, text);
    }
    out_char(out, ',');
    text_csv(out, line->undecodable);
    out_char(out, ',');
    csv_stack(line->stack, out);
    out_str(out, "\r\n");
}

/* --- text ------------------------------------------------------------------------------------- */

static void text_value(const struct line *line, const struct afd_value *value, struct out *out)
{
    char text[VALUE_LEN];
    format_value(value, &line->decoded->address, text);
    out_char(out, ' ');
    out_str(out, value->field->name);
    out_char(out, '=');
    out_str(out, text);
    const char *name = NULL;
    if (value->field->type == AFD_FIELD_STATUS && value->number != 0) {
        name = ntstatus_name((uint32_t)value->number);
    } else if (value->field->type == AFD_FIELD_OPTION) {
        name = afd_option_name((uint32_t)value->number);
    }
    if (name != NULL) {
        out_char(out, ' ');
        out_str(out, name);
    }
}

static void print_text(struct printer *printer)
{
    const struct line *line = &printer->line;
    const struct etl_event *event = line->event;
    const struct afd_layout *layout = line->decoded->layout;
    struct out *out = printer->out;
    char at[TEXT_NUMBER_LEN];
    if (line->at_known) {
        text_format_seconds(line->at_ns, 9, at);
    } else {
        memcpy(at, "-", 2);
    }
    out_printf(out, "%16s  cpu %-3u pid %-7u tid %-7u %4u %-31s", at, (unsigned)event->cpu,
               (unsigned)event->pid, (unsigned)event->tid, (unsigned)event->id,
               layout != NULL ? layout->name : "?");
    if (line->undecodable[0] != '\0') {
        out_str(out, " undecodable: ");
        out_str(out, line->undecodable);
    }
    struct afd_value_cursor cursor = {0};
    struct afd_value value;
    while (afd_value_next(event, line->decoded, &cursor, &value)) {
        text_value(line, &value, out);
    }
    if (layout != NULL && layout->family == AFD_FAMILY_MODERN &&
        event->keyword & AFD_KEYWORD_FASTPATH) {
        out_str(out, " [fast path]");
    }
    if (event->keyword & AFD_KEYWORD_BUFFERED) {
        out_str(out, " [AFD's own copy]");
    }
    if (line->stack != NULL) {
        out_printf(out, " [stack of %u]", (unsigned)line->stack->frame_count);
    }
    out_char(out, '\n');
}

/* --- the run ---------------------------------------------------------------------------------- */

/* The clock value of the first record of any stream: all have been walked up to their first wanted
 * event. */
static void find_first(struct printer *printer, const struct etl_event *event)
{
    printer->first_ticks = event->ticks;
    for (size_t i = 0; i < etl_reader_input_count(printer->reader); i++) {
        const struct etl_record_counts *counts = etl_reader_counts(printer->reader, i);
        if (counts->any_start && counts->start_ticks < printer->first_ticks) {
            printer->first_ticks = counts->start_ticks;
        }
    }
    printer->first_known = true;
}

/* Most events fall in the second of the one before: then only the fraction is written anew. */
static void fill_time(struct printer *printer, int64_t filetime)
{
    struct line *line = &printer->line;
    int64_t second = filetime / ETL_FILETIME_PER_SECOND;
    if (filetime < 0 || second != printer->second) {
        etl_time_format(filetime, line->time);
        bool clamped = filetime < 0 || filetime > FILETIME_LAST;
        printer->second = clamped ? -1 : second;
        return;
    }
    uint32_t fraction = (uint32_t)(filetime % ETL_FILETIME_PER_SECOND);
    for (int i = FRACTION_LEN - 1; i >= 0; i--) {
        line->time[SECOND_LEN + i] = (char)('0' + fraction % 10);
        fraction /= 10;
    }
}

static void say_undecodable(struct line *line, enum afd_decode_status status)
{
    const struct etl_event *event = line->event;
    char *text = line->undecodable;
    text[0] = '\0';
    if (event->extended_damaged) {
        (void)snprintf(text, UNDECODABLE_LEN, "extended data items damaged");
    } else if (status == AFD_DECODE_UNKNOWN_ID) {
        (void)snprintf(text, UNDECODABLE_LEN, "%u bytes, no event of the provider has this id",
                       (unsigned)event->payload_len);
    } else if (status == AFD_DECODE_WRONG_LENGTH) {
        (void)snprintf(text, UNDECODABLE_LEN, "%u bytes, expected %u", (unsigned)event->payload_len,
                       (unsigned)line->decoded->expected_len);
    }
}

static void tell_printed(const struct command_events_options *options)
{
    if (options->printed != NULL) {
        options->printed(options->printed_user);
    }
}

static void print_event(void *user, const struct etl_event *event,
                        const struct event_decoding *decoding, const struct stack *stack)
{
    struct printer *printer = user;
    struct line *line = &printer->line;
    const struct etl_clock *clock = &etl_reader_info(printer->reader, event->file)->clock;
    line->event = event;
    line->stack = stack;
    line->decoded = &decoding->afd;
    line->at_known = event->ticks >= printer->first_ticks;
    line->at_ns = etl_clock_duration_ns(clock, printer->first_ticks, event->ticks);
    line->at_known = line->at_known && line->at_ns != UINT64_MAX; /* saturated */
    say_undecodable(line, decoding->status);
    if (printer->options->selection != NULL &&
        !event_selection_admits(printer->options->selection, event, line->decoded, clock,
                                printer->first_ticks)) {
        return;
    }
    switch (printer->options->format) {
    case COMMAND_EVENTS_JSONL:
        fill_time(printer, etl_clock_filetime(clock, event->ticks));
        print_json(printer);
        break;
    case COMMAND_EVENTS_CSV:
        fill_time(printer, etl_clock_filetime(clock, event->ticks));
        print_csv(printer);
        break;
    case COMMAND_EVENTS_TEXT:
        print_text(printer);
        break;
    }
    tell_printed(printer->options);
}

bool command_events_format_parse(const char *text, enum command_events_format *format)
{
    static const char *const names[] = {
        [COMMAND_EVENTS_JSONL] = "jsonl",
        [COMMAND_EVENTS_CSV] = "csv",
        [COMMAND_EVENTS_TEXT] = "text",
    };
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            *format = (enum command_events_format)i;
            return true;
        }
    }
    return false;
}

#define EVENTS_A_PROGRESS 4096

static void report_progress(const struct command_events_options *options,
                            const struct etl_reader *reader, uint64_t events)
{
    uint64_t done = 0, total = 0;
    if (options->progress != NULL && events % EVENTS_A_PROGRESS == 0) {
        etl_reader_progress(reader, &done, &total);
        options->progress(options->progress_user, done, total);
    }
}

/* Takes the reader's next event, or a status of it. */
static enum command_events_status take_event(struct printer *printer, struct event_lines *lines,
                                             const struct etl_event *event)
{
    if (!printer->first_known && afd_is_event(event)) {
        find_first(printer, event);
    }
    if (etl_reader_has_group(printer->reader, KERNEL_STACK_GROUP)) {
        event_lines_expect(lines);
    }
    return event_lines_take(lines, event) ? COMMAND_EVENTS_OK : COMMAND_EVENTS_NO_MEMORY;
}

static enum command_events_status print_all(struct printer *printer, struct event_lines *lines,
                                            struct error_chain *errors)
{
    enum command_events_status status = COMMAND_EVENTS_OK;
    for (uint64_t events = 0;; events++) {
        const struct etl_event *event;
        report_progress(printer->options, printer->reader, events);
        enum etl_status next = etl_reader_next(printer->reader, &event, errors);
        if (next == ETL_END) {
            break;
        }
        if (next != ETL_OK && next != ETL_NO_MEMORY) {
            status = COMMAND_EVENTS_READ_ERROR; /* the reader goes on behind what it can't read */
        } else if (next == ETL_NO_MEMORY) {
            return COMMAND_EVENTS_NO_MEMORY;
        } else if (take_event(printer, lines, event) == COMMAND_EVENTS_NO_MEMORY) {
            error_chain_add(errors, ERROR_NO_OFFSET,
                            "out of memory for the stacks and schemas of events");
            return COMMAND_EVENTS_NO_MEMORY;
        }
        if (out_failed(printer->out)) {
            return COMMAND_EVENTS_WRITE_ERROR;
        }
    }
    event_lines_finish(lines);
    return out_failed(printer->out) ? COMMAND_EVENTS_WRITE_ERROR : status;
}

enum command_events_status command_events_run(struct etl_reader *reader,
                                              const struct command_events_options *options,
                                              struct out *out, struct error_chain *errors)
{
    struct printer printer = {.reader = reader, .options = options, .out = out, .second = -1};
    int64_t second = (int64_t)etl_reader_info(reader, 0)->clock.frequency;
    struct event_lines *lines = event_lines_create(second, options->schemas, print_event, &printer);
    if (lines == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory for the stacks of events");
        return COMMAND_EVENTS_NO_MEMORY;
    }
    json_init(&printer.json, out, JSON_LINE);
    if (options->format == COMMAND_EVENTS_CSV && !options->no_header) {
        print_csv_header(out);
    }
    if (options->format == COMMAND_EVENTS_JSONL && !options->no_header) {
        json_schema_line(&printer.json, SCHEMA_EVENTS);
    }
    tell_printed(options);
    enum command_events_status status = print_all(&printer, lines, errors);
    event_lines_destroy(lines);
    return status;
}
