/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/trace_internal.h"

/* Parses the directives of the language. trace_parse_event.c parses the lines of events. */

#define REPEATED_MAX                                                                               \
    (UINT64_C(1) << 28) /* digits that a line may repeat, far more than tests use */

bool parser_fail(struct parser *parser, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    parser->errors->line = parser->line;
    vsnprintf(parser->errors->text, sizeof parser->errors->text, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- values ---- */

static bool name_find(const struct parser *parser, const char *name, uint64_t *number)
{
    for (size_t i = parser->name_count; i-- > 0;) {
        if (strcmp(parser->names[i].name, name) == 0) {
            *number = parser->names[i].number;
            return true;
        }
    }
    return word_find(words_name, name, number);
}

enum digits { DIGITS_NONE, DIGITS_OK, DIGITS_TOO_MANY };

static enum digits digits_number(const char *text, uint64_t *number)
{
    char *end = NULL;
    if (*text < '0' || *text > '9') {
        return DIGITS_NONE;
    }
    errno = 0;
    *number = strtoull(text, &end, 0);
    if (*end != '\0') {
        return DIGITS_NONE;
    }
    return errno == ERANGE ? DIGITS_TOO_MANY : DIGITS_OK;
}

/* Parses a sum of terms, each a number or a name, as in "name+0x10". */
bool parser_number(struct parser *parser, const char *text, uint64_t *number)
{
    if (text == NULL) {
        return parser_fail(parser, "a value is missing");
    }
    const char *whole = text;
    bool minus = *text == '-';
    *number = 0;
    for (text += minus;;) {
        char term[TOKEN_TEXT_MAX];
        uint64_t value = 0;
        size_t len = strcspn(text, "+-");
        snprintf(term, sizeof term, "%.*s", (int)(len < sizeof term ? len : 0), text);
        enum digits digits = digits_number(term, &value);
        if (digits == DIGITS_TOO_MANY) {
            return parser_fail(parser, "'%s' takes more than 64 bits", term);
        }
        if (digits == DIGITS_NONE && !name_find(parser, term, &value)) {
            return parser_fail(parser, "'%s' is neither a number nor a name", whole);
        }
        *number += minus ? 0 - value : value;
        if (text[len] == '\0') {
            return true;
        }
        minus = text[len] == '-';
        text += len + 1;
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool parser_hex(struct parser *parser, const char *text, struct trace_bytes *out)
{
    for (; *text != '\0'; text += 2) {
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0) {
            return parser_fail(parser, "'%s' are not pairs of hexadecimal digits", text);
        }
        bytes_number(out, (unsigned)(high << 4 | low), 1);
    }
    return true;
}

/* Parses a time: "1.5" seconds after the header's time, "+0.5" or "+10us" after the event before,
 * or the raw clock value of "t=123". */
bool parser_ticks(struct parser *parser, const char *text, int64_t *ticks)
{
    const struct trace_header *header = &parser->trace->header;
    bool relative = *text == '+';
    if (!time_parse_seconds(relative ? text + 1 : text, trace_rate(header), ticks)) {
        return parser_fail(parser, "'%s' is no time: 1.5, +0.5, +10us or t=12345", text);
    }
    int64_t from = relative ? parser->previous_ticks : header->base_ticks;
    if (*ticks > 0 && from > INT64_MAX - *ticks) {
        return parser_fail(parser, "'%s' after %" PRId64 " is beyond the clock", text, from);
    }
    *ticks += from;
    return true;
}

/* ---- tokens ---- */

/* Splits a line into words in place. A value may be quoted; '#' outside quotes ends the line. */
static bool tokens_split(struct parser *parser, char *line, struct token *tokens, size_t *count)
{
    *count = 0;
    for (char *at = line;;) {
        at += strspn(at, " \t\r");
        if (*at == '\0' || *at == '#') {
            return true;
        }
        if (*count == TOKENS_MAX) {
            return parser_fail(parser, "more than %d words in a line", TOKENS_MAX);
        }
        struct token *token = &tokens[(*count)++];
        *token = (struct token){.key = at};
        at += strcspn(at, " \t\r=#");
        if (*at == '=') {
            *at++ = '\0';
            token->value = at;
            if (*at == '"') {
                token->value = ++at;
                at += strcspn(at, "\"");
                if (*at != '"') {
                    return parser_fail(parser, "a quote is not closed");
                }
                *at++ = '\0';
                continue;
            }
            at += strcspn(at, " \t\r#\"");
            if (*at == '"') {
                return parser_fail(parser, "a quote stands inside a value");
            }
        }
        if (*at == '#') {
            *at = '\0';
        } else if (*at != '\0') {
            *at++ = '\0';
        }
    }
}

static const char *token_value(const struct token *tokens, size_t count, const char *key)
{
    for (size_t i = 1; i < count; i++) {
        if (strcmp(tokens[i].key, key) == 0) {
            return tokens[i].value != NULL ? tokens[i].value : "";
        }
    }
    return NULL;
}

static bool word_value(struct parser *parser, const struct word_number *words, const char *text,
                       uint64_t *number)
{
    return word_find(words, text, number) || parser_number(parser, text, number);
}

static bool compression_value(struct parser *parser, const char *text, uint64_t *number)
{
    return word_value(parser, words_compress, text, number) &&
           (*number <= TRACE_COMPRESS_LONG ||
            parser_fail(parser, "'%s' is no way to compress", text));
}

static bool cpu_parse(struct parser *parser, const char *text, uint32_t *cpu)
{
    uint64_t number = 0;
    if (strcmp(text, "all") == 0) {
        *cpu = TRACE_ALL_CPUS;
        return true;
    }
    if (!parser_number(parser, text, &number)) {
        return false;
    }
    *cpu = (uint32_t)number;
    return number <= UINT16_MAX ||
           parser_fail(parser, "processor %" PRIu64 " is above %d", number, UINT16_MAX);
}

/* ---- trace ---- */

static bool version_pair(struct parser *parser, const char *text, uint8_t *major, uint8_t *minor)
{
    char *end = NULL;
    unsigned long numbers[2] = {strtoul(text, &end, 10), 0};
    if (*end == '.') {
        numbers[1] = strtoul(end + 1, &end, 10);
    }
    *major = (uint8_t)numbers[0];
    *minor = (uint8_t)numbers[1];
    return (*end == '\0' && numbers[0] <= UINT8_MAX && numbers[1] <= UINT8_MAX) ||
           parser_fail(parser, "'%s' is no version like 10.0", text);
}

static bool header_time(struct parser *parser, const char *text, int64_t *filetime)
{
    uint64_t number = 0;
    if (strcmp(text, "auto") == 0) {
        *filetime = TRACE_AUTO;
        return true;
    }
    if (time_parse_iso(text, filetime)) {
        return true;
    }
    bool ok = parser_number(parser, text, &number);
    *filetime = (int64_t)number;
    return ok;
}

/* Parses the settings that are no plain number. *known tells whether `key` is one of them. */
static bool header_text_set(struct parser *parser, const char *key, const char *value, bool *known)
{
    struct trace_header *h = &parser->trace->header;
    uint64_t number = 0;
    *known = true;
    if (strcmp(key, "os") == 0) {
        return version_pair(parser, value, &h->os_major, &h->os_minor);
    } else if (strcmp(key, "layout") == 0) {
        return version_pair(parser, value, &h->layout_major, &h->layout_minor);
    } else if (strcmp(key, "start") == 0) {
        return header_time(parser, value, &h->start_filetime);
    } else if (strcmp(key, "boot") == 0) {
        return header_time(parser, value, &h->boot_filetime);
    } else if (strcmp(key, "end") == 0) {
        return header_time(parser, value, &h->end_filetime);
    } else if (strcmp(key, "session") == 0) {
        snprintf(h->session_name, sizeof h->session_name, "%s", value);
    } else if (strcmp(key, "file") == 0) {
        snprintf(h->file_name, sizeof h->file_name, "%s", value);
    } else if (strcmp(key, "clock") == 0) {
        bool ok = word_value(parser, words_clock, value, &number);
        h->clock = (unsigned)number;
        return ok;
    } else if (strcmp(key, "compress") == 0) {
        bool ok = compression_value(parser, value, &number);
        h->compression = ok ? (enum trace_compression)number : TRACE_COMPRESS_NONE;
        return ok;
    } else if (strcmp(key, "processor-index") == 0) {
        bool automatic = strcmp(value, "auto") == 0;
        bool ok = automatic || parser_number(parser, value, &number);
        h->processor_index = automatic ? TRACE_AUTO : (int)number;
        return ok;
    } else {
        *known = false;
    }
    return true;
}

static bool header_number_set(struct parser *parser, const char *key, uint64_t number)
{
    struct trace_header *h = &parser->trace->header;
    if (strcmp(key, "pointer") == 0) {
        h->pointer_size = (unsigned)number;
        return number == 4 || number == 8 || parser_fail(parser, "pointer is 4 or 8");
    } else if (strcmp(key, "frequency") == 0) {
        h->frequency = number;
    } else if (strcmp(key, "mhz") == 0) {
        h->cpu_mhz = (uint32_t)number;
    } else if (strcmp(key, "processors") == 0) {
        h->processors = (uint32_t)number;
    } else if (strcmp(key, "buffer-size") == 0) {
        h->buffer_size = (uint32_t)number;
    } else if (strcmp(key, "build") == 0) {
        h->build = (uint32_t)number;
    } else if (strcmp(key, "mode") == 0) {
        h->mode = (uint32_t)number;
    } else if (strcmp(key, "ticks") == 0) {
        h->base_ticks = (int64_t)number;
        parser->ticks_given = true;
    } else if (strcmp(key, "events-lost") == 0) {
        h->events_lost = (uint32_t)number;
    } else if (strcmp(key, "buffers-lost") == 0) {
        h->buffers_lost = (uint32_t)number;
    } else if (strcmp(key, "timer") == 0) {
        h->timer_resolution = (uint32_t)number;
    } else if (strcmp(key, "finalised") == 0) {
        h->finalised = number != 0;
    } else if (strcmp(key, "flush-marker") == 0) {
        h->flush_marker = number != 0;
    } else if (strcmp(key, "relogged") == 0) {
        h->relogged = number != 0;
    } else if (strcmp(key, "sequence") == 0) {
        h->sequence = (uint32_t)number;
    } else {
        return parser_fail(parser, "a trace has no '%s'", key);
    }
    return true;
}

static bool line_trace(struct parser *parser, struct token *tokens, size_t count)
{
    if (parser->events_seen) {
        return parser_fail(parser, "'trace' stands before the first event");
    }
    for (size_t i = 1; i < count; i++) {
        bool known = false;
        uint64_t number = 0;
        const char *value = tokens[i].value;
        if (value == NULL) {
            return parser_fail(parser, "'%s' needs a value", tokens[i].key);
        }
        if (!header_text_set(parser, tokens[i].key, value, &known)) {
            return false;
        }
        if (!known && (!parser_number(parser, value, &number) ||
                       !header_number_set(parser, tokens[i].key, number))) {
            return false;
        }
    }
    struct trace_header *h = &parser->trace->header;
    if (h->clock == 2 && !parser->ticks_given) {
        h->base_ticks = h->start_filetime;
    }
    parser->previous_ticks = h->base_ticks;
    return true;
}

/* ---- names and defaults ---- */

static bool line_let(struct parser *parser, struct token *tokens, size_t count)
{
    bool spaced = count == 4 && tokens[2].key[0] == '\0' && tokens[2].value != NULL;
    const char *value = count == 2 ? tokens[1].value : spaced ? tokens[3].key : NULL;
    struct parser_name name = {.number = 0};
    if (value == NULL || tokens[1].key[0] == '\0' || strlen(tokens[1].key) >= sizeof name.name) {
        return parser_fail(parser, "expected: let NAME = VALUE");
    }
    snprintf(name.name, sizeof name.name, "%s", tokens[1].key);
    if (!parser_number(parser, value, &name.number)) {
        return false;
    }
    if (parser->name_count == parser->name_capacity) {
        parser->name_capacity = parser->name_capacity * 2 + 16;
        parser->names = realloc(parser->names, parser->name_capacity * sizeof *parser->names);
        if (parser->names == NULL) {
            abort();
        }
    }
    parser->names[parser->name_count++] = name;
    return true;
}

static bool default_set(struct parser *parser, const char *key, const char *value)
{
    size_t i = 0;
    while (i < parser->default_count && strcmp(parser->defaults[i].key, key) != 0) {
        i++;
    }
    if (i == DEFAULTS_MAX || strlen(key) >= sizeof parser->defaults[i].key ||
        strlen(value) >= sizeof parser->defaults[i].value) {
        return parser_fail(parser, "too many or too long defaults");
    }
    snprintf(parser->defaults[i].key, sizeof parser->defaults[i].key, "%s", key);
    snprintf(parser->defaults[i].value, sizeof parser->defaults[i].value, "%s", value);
    parser->default_count += i == parser->default_count;
    return true;
}

static bool line_default(struct parser *parser, struct token *tokens, size_t count)
{
    if (count == 1) {
        parser->default_count = 0;
    }
    for (size_t i = 1; i < count; i++) {
        if (tokens[i].value == NULL) {
            return parser_fail(parser, "expected: default KEY=VALUE...");
        }
        if (!default_set(parser, tokens[i].key, tokens[i].value)) {
            return false;
        }
    }
    return true;
}

/* ---- the container ---- */

static bool line_flush(struct parser *parser, struct token *tokens, size_t count)
{
    uint32_t cpu = 0;
    bool force = count == 3 && strcmp(tokens[2].key, "empty") == 0;
    if (count != (force ? 3 : 2) || (force && strcmp(tokens[1].key, "all") == 0)) {
        return parser_fail(parser, "expected: flush PROCESSOR|all, flush PROCESSOR empty");
    }
    if (!cpu_parse(parser, tokens[1].key, &cpu)) {
        return false;
    }
    struct trace_item *item = trace_add_item(parser->trace, TRACE_ITEM_FLUSH);
    item->line = parser->line;
    item->cpu = cpu;
    item->force = force;
    return true;
}

static bool line_mark(struct parser *parser, struct token *tokens, size_t count)
{
    struct trace_mark mark = {.type = TRACE_AUTO, .compression = TRACE_AUTO};
    uint32_t cpu = 0;
    if (count < 3 || !cpu_parse(parser, tokens[1].key, &cpu) || cpu == TRACE_ALL_CPUS) {
        return parser_fail(parser, "expected: mark PROCESSOR WHAT...");
    }
    for (size_t i = 2; i < count; i++) {
        uint64_t number = 0;
        const char *value = tokens[i].value;
        if (value == NULL) {
            if (!word_find(words_flag, tokens[i].key, &number)) {
                return parser_fail(parser, "no trace buffer flag is called '%s'", tokens[i].key);
            }
            mark.flags |= (uint16_t)number;
        } else if (strcmp(tokens[i].key, "compress") == 0) {
            if (!compression_value(parser, value, &number)) {
                return false;
            }
            mark.compression = (int)number;
        } else if (!parser_number(parser, value, &number)) {
            return false;
        } else if (strcmp(tokens[i].key, "flags") == 0) {
            mark.flags |= (uint16_t)number;
        } else if (strcmp(tokens[i].key, "type") == 0) {
            mark.type = (int)(uint16_t)number;
        } else {
            return parser_fail(parser, "a trace buffer has no '%s' to mark", tokens[i].key);
        }
    }
    trace_mark(parser->trace, cpu, &mark);
    parser->trace->items[parser->trace->item_count - 1].line = parser->line;
    return true;
}

static bool line_session(struct parser *parser, struct token *tokens, size_t count)
{
    (void)tokens;
    trace_session(parser->trace);
    return count == 1 || parser_fail(parser, "'session' stands alone");
}

static bool line_last_dropped(struct parser *parser, struct token *tokens, size_t count)
{
    int64_t ticks[TOKENS_MAX];
    for (size_t i = 1; i < count; i++) {
        bool none = strcmp(tokens[i].key, "-") == 0;
        uint64_t raw = 0;
        if (tokens[i].value != NULL) {
            if (!parser_number(parser, tokens[i].value, &raw)) {
                return false;
            }
            ticks[i - 1] = (int64_t)raw;
        } else if (none) {
            ticks[i - 1] = 0;
        } else if (!parser_ticks(parser, tokens[i].key, &ticks[i - 1])) {
            return false;
        }
    }
    trace_add_last_dropped(parser->trace, ticks, count - 1);
    parser->trace->items[parser->trace->item_count - 1].line = parser->line;
    return true;
}

static void edit_add(struct parser *parser, enum trace_edit_kind kind, uint32_t buffer,
                     uint64_t value, const struct trace_bytes *bytes)
{
    trace_edit(parser->trace, kind, buffer, value, bytes == NULL ? NULL : bytes->data,
               bytes == NULL ? 0 : bytes->len);
    parser->trace->edits[parser->trace->edit_count - 1].line = parser->line;
}

static bool layout_order(struct parser *parser, char *list)
{
    struct trace_bytes numbers = {0};
    bool ok = true;
    while (ok && list != NULL && *list != '\0') {
        char *comma = strchr(list, ',');
        if (comma != NULL) {
            *comma = '\0';
        }
        uint64_t number = 0;
        ok = parser_number(parser, list, &number);
        bytes_number(&numbers, number, 4);
        list = comma != NULL ? comma + 1 : NULL;
    }
    if (ok) {
        edit_add(parser, TRACE_EDIT_ORDER, TRACE_NO_BUFFER, 0, &numbers);
    }
    trace_bytes_finish(&numbers);
    return ok;
}

static bool line_layout(struct parser *parser, struct token *tokens, size_t count)
{
    uint64_t number = 0;
    if (count != 2 || tokens[1].value == NULL) {
        return parser_fail(parser, "expected: layout order=2,1,... | rotate=N | drop=N");
    }
    if (strcmp(tokens[1].key, "order") == 0) {
        return layout_order(parser, tokens[1].value);
    }
    bool rotate = strcmp(tokens[1].key, "rotate") == 0;
    if (!rotate && strcmp(tokens[1].key, "drop") != 0) {
        return parser_fail(parser, "a layout has no '%s'", tokens[1].key);
    }
    if (!parser_number(parser, tokens[1].value, &number)) {
        return false;
    }
    edit_add(parser, rotate ? TRACE_EDIT_ROTATE : TRACE_EDIT_DROP, TRACE_NO_BUFFER, number, NULL);
    return true;
}

static bool optional_number(struct parser *parser, const struct token *tokens, size_t count,
                            const char *key, uint64_t absent, uint64_t *number)
{
    const char *text = token_value(tokens, count, key);
    *number = absent;
    return text == NULL || parser_number(parser, text, number);
}

static bool patch_field(struct parser *parser, const char *field, uint32_t buffer, uint64_t value)
{
    if (buffer == TRACE_NO_BUFFER || !trace_patch(parser->trace, buffer, field, value)) {
        return parser_fail(parser, "no trace buffer given, or it has no field '%s'", field);
    }
    parser->trace->edits[parser->trace->edit_count - 1].line = parser->line;
    return true;
}

/* Parses patch, insert, shorten, truncate and tail, which take numbers and bytes by key. */
static bool line_edit(struct parser *parser, struct token *tokens, size_t count)
{
    const char *what = tokens[0].key;
    const char *field = token_value(tokens, count, "field");
    const char *hex = token_value(tokens, count, "bytes");
    uint64_t buffer, offset, by, at, zero, value, repeat;
    if (!optional_number(parser, tokens, count, "buffer", TRACE_NO_BUFFER, &buffer) ||
        !optional_number(parser, tokens, count, "offset", 0, &offset) ||
        !optional_number(parser, tokens, count, "by", UINT64_MAX, &by) ||
        !optional_number(parser, tokens, count, "at", UINT64_MAX, &at) ||
        !optional_number(parser, tokens, count, "zero", UINT64_MAX, &zero) ||
        !optional_number(parser, tokens, count, "value", 0, &value) ||
        !optional_number(parser, tokens, count, "repeat", 1, &repeat)) {
        return false;
    }
    struct trace_bytes bytes = {0};
    bool ok = hex == NULL || repeat <= REPEATED_MAX / (strlen(hex) + 1) ||
              parser_fail(parser, "%" PRIu64 " times are too many", repeat);
    for (uint64_t i = 0; ok && hex != NULL && i < repeat; i++) {
        ok = parser_hex(parser, hex, &bytes);
    }
    uint32_t index = (uint32_t)buffer;
    if (!ok) {
    } else if (strcmp(what, "patch") == 0 && field != NULL) {
        ok = patch_field(parser, field, index, value);
    } else if (strcmp(what, "patch") == 0 && hex != NULL) {
        edit_add(parser, TRACE_EDIT_BYTES, index, offset, &bytes);
    } else if (strcmp(what, "insert") == 0 && hex != NULL && index != TRACE_NO_BUFFER) {
        edit_add(parser, TRACE_EDIT_INSERT, index, 0, &bytes);
    } else if (strcmp(what, "shorten") == 0 && by != UINT64_MAX && index != TRACE_NO_BUFFER) {
        edit_add(parser, TRACE_EDIT_SHORTEN, index, by, NULL);
    } else if (strcmp(what, "truncate") == 0 && at != UINT64_MAX) {
        edit_add(parser, TRACE_EDIT_TRUNCATE, TRACE_NO_BUFFER, at, NULL);
    } else if (strcmp(what, "truncate") == 0 && by != UINT64_MAX) {
        edit_add(parser, TRACE_EDIT_CHOP, TRACE_NO_BUFFER, by, NULL);
    } else if (strcmp(what, "tail") == 0 && zero != UINT64_MAX) {
        edit_add(parser, TRACE_EDIT_ZERO, TRACE_NO_BUFFER, zero, NULL);
    } else if (strcmp(what, "tail") == 0 && hex != NULL) {
        edit_add(parser, TRACE_EDIT_APPEND, TRACE_NO_BUFFER, 0, &bytes);
    } else {
        ok = parser_fail(parser, "'%s' lacks what it should do: see docs/trace-language.md", what);
    }
    trace_bytes_finish(&bytes);
    return ok;
}

static const struct directive {
    const char *name;
    bool (*parse)(struct parser *parser, struct token *tokens, size_t count);
} directives[] = {
    {"trace", line_trace},
    {"let", line_let},
    {"default", line_default},
    {"flush", line_flush},
    {"mark", line_mark},
    {"session", line_session},
    {"last-dropped", line_last_dropped},
    {"layout", line_layout},
    {"patch", line_edit},
    {"insert", line_edit},
    {"shorten", line_edit},
    {"truncate", line_edit},
    {"tail", line_edit},
};

static bool line_parse(struct parser *parser, char *line)
{
    struct token tokens[TOKENS_MAX];
    size_t count = 0;
    if (!tokens_split(parser, line, tokens, &count)) {
        return false;
    }
    if (count == 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof directives / sizeof directives[0]; i++) {
        if (strcmp(directives[i].name, tokens[0].key) == 0) {
            return directives[i].parse(parser, tokens, count);
        }
    }
    if (tokens[0].key[0] < '0' || tokens[0].key[0] > '9') {
        return parser_fail(parser, "'%s' is neither a directive nor a processor number",
                           tokens[0].key);
    }
    parser->events_seen = true;
    return parse_event_line(parser, tokens, count);
}

bool trace_parse_text(const char *text, struct trace *trace, struct trace_errors *errors)
{
    struct parser parser = {
        .trace = trace, .errors = errors, .previous_ticks = trace->header.base_ticks};
    *errors = (struct trace_errors){0};
    bool ok = true;
    while (ok && *text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = malloc(len + 1);
        if (line == NULL) {
            abort();
        }
        memcpy(line, text, len);
        line[len] = '\0';
        parser.line++;
        ok = line_parse(&parser, line);
        free(line);
        text += len + (text[len] == '\n');
    }
    free(parser.names);
    return ok;
}
