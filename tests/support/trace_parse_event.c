/* SPDX-License-Identifier: Apache-2.0 */

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/trace_internal.h"
#include "tests/support/guid_parse.h"

#define CHANNEL_MANIFEST 0x10
#define LEVEL_INFORMATION 4
#define LIST_MAX 256
#define STACK_KEY32 0x11 /* extended data items */
#define STACK_KEY64 0x12

static const struct guid stack_class_guid = {{0x46, 0xFE, 0xF2, 0xDE, 0xD6, 0x7B, 0x80, 0x4B, 0xBD,
                                              0x94, 0xF5, 0x7F, 0xE2, 0x0D, 0x0C, 0xE3}};

static const struct guid winsock_afd = {{0x23, 0x68, 0x3C, 0xE5, 0xB8, 0x7B, 0xBB, 0x44, 0x90, 0xDC,
                                         0x3F, 0x86, 0x09, 0x0D, 0x48, 0xA6}};

const char *line_own(struct line *line, const char *key)
{
    for (size_t i = 0; i < line->count; i++) {
        struct token *token = &line->tokens[i];
        if (token->key != NULL && token->value != NULL && strcmp(token->key, key) == 0) {
            token->key = NULL;
            return token->value;
        }
    }
    return NULL;
}

/* The value of a key on the line, else the default's; NULL if neither gives the key. */
const char *line_value(struct line *line, const char *key)
{
    const char *value = line_own(line, key);
    for (size_t i = 0; value == NULL && i < line->parser->default_count; i++) {
        if (strcmp(line->parser->defaults[i].key, key) == 0) {
            value = line->parser->defaults[i].value;
        }
    }
    return value;
}

static bool line_word(struct line *line, const char *word)
{
    for (size_t i = 0; i < line->count; i++) {
        struct token *token = &line->tokens[i];
        if (token->key != NULL && token->value == NULL && strcmp(token->key, word) == 0) {
            token->key = NULL;
            return true;
        }
    }
    return false;
}

bool line_number(struct line *line, const char *key, uint64_t absent, uint64_t *number)
{
    const char *text = line_value(line, key);
    *number = absent;
    return text == NULL || parser_number(line->parser, text, number);
}

bool guid_value(struct line *line, const char *key, struct guid *guid)
{
    const char *text = line_value(line, key);
    uint64_t number = 0;
    if (text == NULL || guid_parse(text, guid)) {
        return true;
    }
    if (!parser_number(line->parser, text, &number)) {
        return parser_fail(line->parser, "'%s' is no GUID and no number", text);
    }
    *guid = trace_activity(number);
    return true;
}

/* ---- AFD events ---- */

static bool keyword_list(struct line *line, const char *text, uint64_t *keyword)
{
    char list[TOKEN_TEXT_MAX];
    snprintf(list, sizeof list, "%s", text);
    for (char *at = list; at != NULL;) {
        char *comma = strchr(at, ',');
        if (comma != NULL) {
            *comma = '\0';
        }
        uint64_t bits = 0;
        if (strcmp(at, "none") != 0 && !word_find(words_keyword, at, &bits) &&
            !parser_number(line->parser, at, &bits)) {
            return false;
        }
        *keyword |= bits;
        at = comma != NULL ? comma + 1 : NULL;
    }
    return true;
}

static bool keyword_parse(struct line *line, uint64_t base, uint64_t *keyword)
{
    const char *exact = line_own(line, "keyword");
    const char *added = line_value(line, "kw");
    *keyword = base;
    if (exact != NULL) {
        return parser_number(line->parser, exact, keyword);
    }
    return added == NULL || keyword_list(line, added, keyword);
}

static bool address_parse(struct line *line, const char *text, struct afd_address *address)
{
    char host[TOKEN_TEXT_MAX];
    bool v6 = text[0] == '[';
    const char *end = v6 ? strchr(text, ']') : strrchr(text, ':');
    const char *start = v6 ? text + 1 : text;
    *address = (struct afd_address){.family = v6 ? 23 : 2};
    if (end == NULL || (size_t)(end - start) >= sizeof host) {
        return parser_fail(line->parser, "'%s' is no address like 10.0.0.5:443", text);
    }
    memcpy(host, start, (size_t)(end - start));
    host[end - start] = '\0';
    char *percent = strchr(host, '%');
    if (percent != NULL) {
        *percent = '\0';
        address->scope_id = (uint32_t)strtoul(percent + 1, NULL, 10);
    }
    const char *port = v6 ? end + 2 : end + 1;
    char *rest = NULL;
    unsigned long number = strtoul(port, &rest, 10);
    address->port = (uint16_t)number;
    if ((v6 && end[1] != ':') || *rest != '\0' || number > UINT16_MAX ||
        inet_pton(v6 ? AF_INET6 : AF_INET, host, address->bytes) != 1) {
        return parser_fail(line->parser, "'%s' is no address like [fe80::1]:443", text);
    }
    return true;
}

static bool afd_address_value(struct line *line, struct afd_values *values)
{
    const char *text = line_value(line, "address");
    if (text == NULL) {
        return true;
    }
    if (strncmp(text, "hex:", 4) != 0) {
        struct afd_address address;
        if (!address_parse(line, text, &address)) {
            return false;
        }
        afd_values_set_address(values, &address);
        return true;
    }
    struct trace_bytes raw = {0};
    bool ok = parser_hex(line->parser, text + 4, &raw);
    if (ok && raw.len > ADDRESS_BYTES_MAX) {
        ok = parser_fail(line->parser, "an address of %zu bytes is longer than %d", raw.len,
                         ADDRESS_BYTES_MAX);
    }
    if (ok) {
        if (raw.len > 0) {
            memcpy(values->address, raw.data, raw.len);
        }
        values->address_len = (uint32_t)raw.len;
        int len = afd_field_by_type(values->layout, AFD_FIELD_ADDRESS_LEN);
        if (len >= 0) {
            values->number[len] = raw.len;
        }
    }
    trace_bytes_finish(&raw);
    return ok;
}

static bool afd_field_value(struct line *line, struct afd_values *values, unsigned index)
{
    const struct afd_field *field = &values->layout->fields[index];
    const char *alias = field->role != AFD_ROLE_NONE ? word_of(words_role, field->role) : NULL;
    const char *text = line_value(line, field->name);
    if (text == NULL && alias != NULL) {
        text = line_value(line, alias);
    }
    if (text == NULL) {
        return true;
    }
    if (field->type == AFD_FIELD_IPV6 || field->type == AFD_FIELD_SOCKADDR) {
        return parser_fail(line->parser, "%s is written address=", field->name);
    }
    return parser_number(line->parser, text, &values->number[index]);
}

static bool afd_event_parse(struct line *line, const struct afd_word *word,
                            struct trace_event *event)
{
    const struct afd_layout *layout = afd_layout_find(word->id);
    struct afd_values values = {.layout = layout};
    event->kind = event_kind(ETL_HEADER_EVENT64, line->pointer_size);
    event->provider = winsock_afd;
    event->id = word->id;
    event->channel = CHANNEL_MANIFEST;
    values.short_bool = line_word(line, "short-bool");
    values.no_family = line_word(line, "no-family");
    int count = afd_field_by_role(layout, AFD_ROLE_BUFFER_COUNT);
    int enter_exit = afd_field_by_role(layout, AFD_ROLE_ENTER_EXIT);
    if (count >= 0) {
        values.number[count] = 1;
    }
    if (word->enter_exit >= 0 && enter_exit >= 0) {
        values.number[enter_exit] = (uint64_t)word->enter_exit;
    }
    uint64_t level;
    if (!line_number(line, "level", afd_default_level(word->id), &level) ||
        !guid_value(line, "activity", &event->activity) ||
        !keyword_parse(line, afd_default_keyword(word->id), &event->keyword) ||
        !afd_address_value(line, &values)) {
        return false;
    }
    event->level = (uint8_t)level;
    for (unsigned i = 0; i < layout->field_count; i++) {
        if (!afd_field_value(line, &values, i)) {
            return false;
        }
    }
    struct trace_bytes payload = {0};
    afd_values_encode(&values, event_pointer_size(event->kind), &payload);
    trace_add_event(line->parser->trace, event, payload.data, payload.len);
    trace_bytes_finish(&payload);
    return true;
}

/* ---- processes and images ---- */

static bool kernel_kind(struct line *line, struct trace_event *event)
{
    const char *as = line_own(line, "as");
    uint64_t kind = ETL_HEADER_SYSTEM64;
    if (as != NULL && !word_find(words_kind, as, &kind)) {
        return parser_fail(line->parser, "no record kind is called '%s'", as);
    }
    event->kind = event_kind((enum etl_header_kind)kind, line->pointer_size);
    if (kind == ETL_HEADER_FULL64) {
        bool image = event->hook_id == 0x030A || event->hook_id >> 8 == 0x14;
        event->provider = image ? image_class_guid : process_class_guid;
        event->opcode = (uint8_t)event->hook_id;
        event->hook_id = 0;
    }
    return true;
}

static bool kernel_numbers(struct line *line, struct kernel_values *values)
{
    uint64_t process, target, parent, session, exit_status, base, size, stamp, checksum, version;
    if (!line_number(line, "process", 0, &process) || !line_number(line, "target", 0, &target) ||
        !line_number(line, "parent", 0, &parent) || !line_number(line, "session", 0, &session) ||
        !line_number(line, "exit", 0x103, &exit_status) || !line_number(line, "base", 0, &base) ||
        !line_number(line, "size", 0, &size) || !line_number(line, "stamp", 0, &stamp) ||
        !line_number(line, "checksum", 0, &checksum) ||
        !line_number(line, "version", values->version, &version)) {
        return false;
    }
    values->process = process;
    values->target = (uint32_t)target;
    values->parent = (uint32_t)parent;
    values->session = (uint32_t)session;
    values->exit_status = (uint32_t)exit_status;
    values->base = base;
    values->size = size;
    values->stamp = (uint32_t)stamp;
    values->checksum = (uint32_t)checksum;
    values->version = (uint16_t)version;
    return true;
}

static bool kernel_event_parse(struct line *line, struct kernel_values *values,
                               struct trace_event *event)
{
    const char *image = line_value(line, "image");
    const char *command = line_value(line, "command");
    if (!kernel_numbers(line, values)) {
        return false;
    }
    snprintf(values->image, sizeof values->image, "%s", image != NULL ? image : "");
    snprintf(values->command, sizeof values->command, "%s", command != NULL ? command : "");
    event->hook_id = values->hook_id;
    event->record_version = values->version;
    if (values->hook_id == 0) {
        event->kind = event_kind(ETL_HEADER_EVENT64, line->pointer_size);
        event->provider = kernel_process_guid;
        event->id = values->event_id;
        event->version = (uint8_t)values->version;
        event->record_version = 0;
        event->channel = CHANNEL_MANIFEST;
        event->level = LEVEL_INFORMATION;
        if (!keyword_parse(line, UINT64_C(0x8000000000000010), &event->keyword)) {
            return false;
        }
    } else if (!kernel_kind(line, event)) {
        return false;
    }
    struct trace_bytes payload = {0};
    kernel_values_encode(values, event_pointer_size(event->kind), &payload);
    trace_add_event(line->parser->trace, event, payload.data, payload.len);
    trace_bytes_finish(&payload);
    return true;
}

/* ---- stacks ---- */

static bool numbers_list(struct line *line, const char *text, uint64_t *numbers, size_t *count);

/* of=TIME: the event whose stack it is. TIME as at a line's begin, or -12us: so long before this
 * record. */
static bool stack_event_ticks(struct line *line, int64_t own_ticks, int64_t *ticks)
{
    const char *text = line_own(line, "of");
    *ticks = own_ticks;
    if (text == NULL || text[0] != '-') {
        return text == NULL || parser_ticks(line->parser, text, ticks);
    }
    char forward[TOKEN_TEXT_MAX];
    snprintf(forward, sizeof forward, "+%s", text + 1);
    if (!parser_ticks(line->parser, forward, ticks)) {
        return false;
    }
    *ticks = own_ticks - (*ticks - line->parser->previous_ticks);
    return true;
}

/* A stack walk; a key that stands for one; or the frames that a key stands for. */
static bool stack_payload(struct line *line, const struct trace_event *event,
                          struct trace_bytes *payload)
{
    unsigned width = event_pointer_size(event->kind);
    bool defines = event->hook_id >= 0x1822 && event->hook_id <= 0x1824;
    const char *list = line_own(line, "frames");
    uint64_t key, target, thread, frames[LIST_MAX];
    size_t count = 0;
    int64_t ticks;
    if (!line_number(line, "key", 0, &key) || !line_number(line, "target", event->pid, &target) ||
        !line_number(line, "thread", event->tid, &thread) ||
        !stack_event_ticks(line, event->ticks, &ticks) ||
        (list != NULL && !numbers_list(line, list, frames, &count))) {
        return false;
    }
    if (!defines) {
        bytes_number(payload, (uint64_t)ticks, 8);
        bytes_number(payload, target, 4);
        bytes_number(payload, thread, 4);
    }
    if (event->hook_id != 0x1820) {
        bytes_number(payload, key, width);
    }
    for (size_t i = 0; i < count; i++) {
        bytes_number(payload, frames[i], width);
    }
    return true;
}

static bool stack_event_parse(struct line *line, struct trace_event *event)
{
    const char *as = line_own(line, "as");
    uint64_t kind = ETL_HEADER_PERFINFO64;
    if (as != NULL && !word_find(words_kind, as, &kind)) {
        return parser_fail(line->parser, "no record kind is called '%s'", as);
    }
    event->kind = event_kind((enum etl_header_kind)kind, line->pointer_size);
    event->record_version = 2;
    struct trace_bytes payload = {0};
    bool ok = stack_payload(line, event, &payload);
    if (kind == ETL_HEADER_FULL64) {
        event->provider = stack_class_guid;
        event->opcode = (uint8_t)event->hook_id;
        event->hook_id = 0;
    }
    if (ok) {
        trace_add_event(line->parser->trace, event, payload.data, payload.len);
    }
    trace_bytes_finish(&payload);
    return ok;
}

/* ---- any record ---- */

static bool raw_event_parse(struct line *line, enum etl_header_kind kind, struct trace_event *event)
{
    uint64_t id, version, level, opcode, task, channel, hook, flags;
    bool is_event = kind == ETL_HEADER_EVENT64;
    event->kind = event_kind(kind, line->pointer_size);
    if (!line_number(line, "id", 0, &id) ||
        !line_number(line, "version", is_event ? 0 : 2, &version) ||
        !line_number(line, "level", is_event ? LEVEL_INFORMATION : 0, &level) ||
        !line_number(line, "opcode", 0, &opcode) || !line_number(line, "task", 0, &task) ||
        !line_number(line, "channel", is_event ? CHANNEL_MANIFEST : 0, &channel) ||
        !line_number(line, "hook", 0, &hook) || !line_number(line, "flags", 0, &flags) ||
        !guid_value(line, "provider", &event->provider) ||
        !guid_value(line, "activity", &event->activity) ||
        !keyword_parse(line, 0, &event->keyword)) {
        return false;
    }
    event->id = (uint16_t)id;
    event->hook_id = (uint16_t)hook;
    event->level = (uint8_t)level;
    event->opcode = (uint8_t)opcode;
    event->task = (uint16_t)task;
    event->channel = (uint8_t)channel;
    if (is_event) {
        event->version = (uint8_t)version;
        event->flags = (uint16_t)flags;
    } else {
        event->record_version = (uint16_t)version;
    }
    trace_add_event(line->parser->trace, event, NULL, 0);
    return true;
}

/* ---- words that any event line may add ---- */

static bool numbers_list(struct line *line, const char *text, uint64_t *numbers, size_t *count)
{
    char item[TOKEN_TEXT_MAX];
    *count = 0;
    while (*text != '\0' && *count < LIST_MAX) {
        size_t len = strcspn(text, ",");
        snprintf(item, sizeof item, "%.*s", (int)len, text);
        if (!parser_number(line->parser, item, &numbers[(*count)++])) {
            return false;
        }
        text += len + (text[len] == ',');
    }
    return true;
}

/* stack-key=N: a key that stands for the stack. */
static bool stack_key_parse(struct line *line, const char *value)
{
    struct trace *trace = line->parser->trace;
    unsigned width = event_pointer_size(trace_last_event(trace)->kind);
    uint64_t key, match;
    if (!line_number(line, "match", 0, &match) || !parser_number(line->parser, value, &key)) {
        return false;
    }
    struct trace_bytes data = {0};
    bytes_number(&data, match, 8);
    bytes_number(&data, key, width);
    trace_extend(trace, width == 4 ? STACK_KEY32 : STACK_KEY64, data.data, data.len);
    trace_bytes_finish(&data);
    return true;
}

static bool extended_item_parse(struct line *line, const char *key, const char *value)
{
    struct trace *trace = line->parser->trace;
    if (strcmp(key, "stack") == 0) {
        uint64_t numbers[LIST_MAX];
        uint64_t match = 0;
        size_t count = 0;
        if (!line_number(line, "match", 0, &match) || !numbers_list(line, value, numbers, &count)) {
            return false;
        }
        trace_extend_stack(trace, match, numbers, count);
        return true;
    }
    if (strcmp(key, "related") == 0) {
        struct guid guid;
        uint64_t number = 0;
        if (!guid_parse(value, &guid)) {
            if (!parser_number(line->parser, value, &number)) {
                return false;
            }
            guid = trace_activity(number);
        }
        trace_extend(trace, 1, guid.bytes, sizeof guid.bytes);
        return true;
    }
    if (strcmp(key, "stack-key") == 0) {
        return stack_key_parse(line, value);
    }
    char *colon = NULL;
    unsigned long type = strtoul(value, &colon, 0);
    struct trace_bytes data = {0};
    bool ok = *colon == ':' || parser_fail(line->parser, "expected: ext=TYPE:HEX");
    ok = ok && parser_hex(line->parser, colon + 1, &data);
    if (ok) {
        trace_extend(trace, (uint16_t)type, data.data, data.len);
    }
    trace_bytes_finish(&data);
    return ok;
}

/* Adds extended data items in the order of the line: stack=, stack-key=, related=, ext=TYPE:HEX.
 * The bytes of extended=HEX become the extended data area as they are. */
static bool extended_parse(struct line *line)
{
    for (size_t i = 0; i < line->count; i++) {
        const char *key = line->tokens[i].key;
        const char *value = line->tokens[i].value;
        if (key == NULL || value == NULL) {
            continue;
        }
        if (strcmp(key, "stack") == 0 || strcmp(key, "stack-key") == 0 ||
            strcmp(key, "related") == 0 || strcmp(key, "ext") == 0) {
            line->tokens[i].key = NULL;
            if (!extended_item_parse(line, key, value)) {
                return false;
            }
        }
    }
    const char *raw = line_own(line, "extended");
    struct trace_bytes area = {0};
    bool ok = raw == NULL || parser_hex(line->parser, raw, &area);
    if (ok && raw != NULL) {
        struct trace *trace = line->parser->trace;
        struct trace_event *event = trace_last_event(trace);
        event->extended_offset = trace_store_bytes(trace, area.data, area.len);
        event->extended_len = (uint32_t)area.len;
    }
    trace_bytes_finish(&area);
    return ok;
}

static bool payload_parse(struct line *line)
{
    struct trace *trace = line->parser->trace;
    struct trace_event *event = trace_last_event(trace);
    const char *raw = line_own(line, "payload");
    uint64_t cut, pad, record_size;
    if (!line_number(line, "cut", 0, &cut) || !line_number(line, "pad", 0, &pad) ||
        !line_number(line, "record-size", 0, &record_size)) {
        return false;
    }
    if (raw != NULL) {
        struct trace_bytes payload = {0};
        bool ok = parser_hex(line->parser, raw, &payload);
        event->payload_offset = trace_store_bytes(trace, payload.data, payload.len);
        event->payload_len = (uint32_t)payload.len;
        trace_bytes_finish(&payload);
        if (!ok) {
            return false;
        }
    }
    if (cut > event->payload_len || pad > UINT16_MAX) {
        return parser_fail(line->parser,
                           "can't cut %" PRIu64 " of %" PRIu32 " bytes, or pad by %" PRIu64, cut,
                           event->payload_len, pad);
    }
    event->size_override = (uint16_t)record_size;
    trace_resize_payload(trace, event->payload_len - cut + pad);
    return true;
}

static bool word_parse(struct line *line, const char *word, struct trace_event *event)
{
    struct afd_word afd;
    struct kernel_values values = {.version = 4};
    uint64_t number = 0;
    if (afd_word_find(word, &afd)) {
        return afd_event_parse(line, &afd, event);
    }
    if (word_find(words_process, word, &number)) {
        values.hook_id = (uint16_t)number;
        return kernel_event_parse(line, &values, event);
    }
    if (word_find(words_image, word, &number)) {
        values.hook_id = (uint16_t)number;
        values.version = 3;
        return kernel_event_parse(line, &values, event);
    }
    if (word_find(words_stack, word, &number)) {
        event->hook_id = (uint16_t)number;
        return stack_event_parse(line, event);
    }
    if (word_find(words_kernel_process, word, &number)) {
        values.event_id = (uint16_t)number;
        values.version = number == 5 || number == 6 ? 0 : 1;
        return kernel_event_parse(line, &values, event);
    }
    if (names_word(word)) {
        return names_event_parse(line, word, event);
    }
    if (word_find(words_kind, word, &number)) {
        return raw_event_parse(line, (enum etl_header_kind)number, event);
    }
    return parser_fail(line->parser, "no event is called '%s'", word);
}

/* Parses processor, time, and the first bare word, which says what happened. */
static bool line_begin(struct parser *parser, struct line *line, struct trace_event *event,
                       const char **word)
{
    const struct token *time = &line->tokens[1];
    uint64_t cpu = 0, pid = 0, tid = 0, raw = 0;
    if (!parser_number(parser, line->tokens[0].key, &cpu)) {
        return false;
    }
    if (cpu > UINT16_MAX || line->count < 3) {
        return parser_fail(parser, "expected: PROCESSOR TIME WHAT KEY=VALUE...");
    }
    bool is_raw = time->value != NULL;
    if (is_raw && strcmp(time->key, "t") != 0) {
        return parser_fail(parser, "'%s=' is no time: t=12345", time->key);
    }
    if (is_raw ? !parser_number(parser, time->value, &raw)
               : !parser_ticks(parser, time->key, &event->ticks)) {
        return false;
    }
    event->ticks = is_raw ? (int64_t)raw : event->ticks;
    event->cpu = (uint16_t)cpu;
    line->tokens += 2;
    line->count -= 2;
    *word = NULL;
    for (size_t i = 0; *word == NULL && i < line->count; i++) {
        if (line->tokens[i].value == NULL) {
            *word = line->tokens[i].key;
            line->tokens[i].key = NULL;
        }
    }
    if (*word == NULL) {
        return parser_fail(parser, "the line does not say what happened");
    }
    bool ok = line_number(line, "pid", 0, &pid) && line_number(line, "tid", 0, &tid);
    event->pid = (uint32_t)pid;
    event->tid = (uint32_t)tid;
    return ok;
}

bool parse_event_line(struct parser *parser, struct token *tokens, size_t count)
{
    struct line line = {.parser = parser, .tokens = tokens, .count = count};
    struct trace_event event = {0};
    const char *word = NULL;
    uint64_t bits = 0;
    if (!line_begin(parser, &line, &event, &word) ||
        !line_number(&line, "bits", parser->trace->header.pointer_size * 8, &bits)) {
        return false;
    }
    line.pointer_size = bits == 32 ? 4 : 8;
    event.in_header = line_word(&line, "in-header");
    int64_t ticks = event.ticks;
    if (!word_parse(&line, word, &event)) {
        return false;
    }
    parser->trace->items[parser->trace->item_count - 1].line = parser->line;
    if (!payload_parse(&line) || !extended_parse(&line)) {
        return false;
    }
    parser->previous_ticks = ticks;
    for (size_t i = 0; i < line.count; i++) {
        if (line.tokens[i].key != NULL) {
            return parser_fail(parser, "'%s' means nothing for %s", line.tokens[i].key, word);
        }
    }
    return true;
}
