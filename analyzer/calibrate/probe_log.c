/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/calibrate/probe_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/byte_source.h"
#include "base/hash.h"
#include "base/id_table.h"
#include "base/json_reader.h"

enum line_type {
    LINE_PROBE,
    LINE_SCENARIO,
    LINE_SOCKET,
    LINE_CALL,
    LINE_COMPLETION,
    LINE_CANCEL,
    LINE_DEFECT,
    LINE_SCENARIO_END,
    LINE_END,
    LINE_TYPES
};

static const char *const line_types[LINE_TYPES] = {
    "probe", "scenario", "socket", "call", "completion", "cancel", "defect", "scenario_end", "end"};

/* The members of a line that matter, whatever its type. */
struct line {
    char type[PROBE_NAME_MAX], schema[PROBE_NAME_MAX], version[PROBE_NAME_MAX];
    char scenario[PROBE_NAME_MAX], what[PROBE_NAME_MAX], api[PROBE_NAME_MAX];
    char notice[PROBE_NAME_MAX], rule[PROBE_NAME_MAX], outcome[PROBE_NAME_MAX];
    char reason[PROBE_REASON_MAX];
    uint64_t os_build, pid, tid, frequency, socket, call, first, second, bytes;
    int64_t start, before, after, at, error;
    uint64_t address, length;
    uint32_t buffer_count;
    bool wine, pending, error_known;
};

struct reading {
    struct probe_log *log;
    struct id_table calls; /* by number; an id is the index of a call, plus 1 */
    struct json_reader json;
    uint64_t line_number;
    struct error_chain *errors;
};

/* ---- members ---- */

struct text_member {
    const char *name;
    size_t offset, size;
};

struct number_member {
    const char *name;
    size_t offset;
};

#define TEXT(member)                                                                               \
    {                                                                                              \
#member, offsetof(struct line, member), sizeof((struct line *)0)->member                   \
    }
#define NUMBER(member)                                                                             \
    {                                                                                              \
#member, offsetof(struct line, member)                                                     \
    }

static const struct text_member text_members[] = {
    TEXT(type), TEXT(schema), TEXT(version), TEXT(scenario), TEXT(what),
    TEXT(api),  TEXT(notice), TEXT(rule),    TEXT(outcome),  TEXT(reason)};

/* Numbers as JSON has them. */
static const struct number_member number_members[] = {
    NUMBER(os_build), NUMBER(pid),   NUMBER(tid),    NUMBER(frequency), NUMBER(socket),
    NUMBER(call),     NUMBER(first), NUMBER(second), NUMBER(bytes)};

/* Ticks, which are text. */
static const struct number_member tick_members[] = {NUMBER(start), NUMBER(before), NUMBER(after),
                                                    NUMBER(at)};

static const struct number_member *find_number(const struct number_member *members, size_t count,
                                               const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(members[i].name, name) == 0) {
            return &members[i];
        }
    }
    return NULL;
}

/* Copies what fits: texts of the log that are longer say nothing that is asked for. */
static void copy_text(char *to, size_t size, const char *from)
{
    size_t len = strlen(from);

    len = len < size ? len : size - 1;
    memcpy(to, from, len);
    to[len] = '\0';
}

static bool read_text(struct reading *reading, struct line *line, const struct text_member *member)
{
    if (!json_reader_string(&reading->json)) {
        return false;
    }
    copy_text((char *)line + member->offset, member->size, reading->json.text);
    return true;
}

/* A number in a text, decimal or hexadecimal; 0 for what is none. */
static bool read_text_number(struct reading *reading, int base, uint64_t *value)
{
    if (!json_reader_string(&reading->json)) {
        return false;
    }
    *value = strtoull(reading->json.text, NULL, base);
    return true;
}

/* Reads a piece of a call's memory. */
static bool read_buffer(struct reading *reading, struct line *line)
{
    enum json_token token;
    uint64_t address = 0, length = 0;

    while ((token = json_reader_next(&reading->json)) == JSON_TOKEN_KEY) {
        bool good = strcmp(reading->json.text, "address") == 0
                        ? read_text_number(reading, 16, &address)
                    : strcmp(reading->json.text, "length") == 0
                        ? json_reader_u64(&reading->json, &length)
                        : json_reader_skip(&reading->json, JSON_TOKEN_KEY);
        if (!good) {
            return false;
        }
    }
    if (line->buffer_count++ == 0) {
        line->address = address;
    }
    line->length += length;
    return token == JSON_TOKEN_OBJECT_END;
}

static bool read_buffers(struct reading *reading, struct line *line)
{
    enum json_token token = json_reader_next(&reading->json);

    if (token != JSON_TOKEN_ARRAY_BEGIN) {
        return json_reader_skip(&reading->json, token);
    }
    while ((token = json_reader_next(&reading->json)) == JSON_TOKEN_OBJECT_BEGIN) {
        if (!read_buffer(reading, line)) {
            return false;
        }
    }
    return token == JSON_TOKEN_ARRAY_END;
}

/* True, false, and whatever else is false. */
static bool read_flag(struct reading *reading, bool *flag)
{
    enum json_token token = json_reader_next(&reading->json);

    *flag = token == JSON_TOKEN_TRUE;
    return json_reader_skip(&reading->json, token);
}

/* Errors may be negative, or null where nobody could be asked. */
static bool read_error(struct reading *reading, struct line *line)
{
    enum json_token token = json_reader_next(&reading->json);

    line->error_known = token == JSON_TOKEN_NUMBER;
    line->error = line->error_known ? strtoll(reading->json.text, NULL, 10) : 0;
    return json_reader_skip(&reading->json, token);
}

/* Reads the value of the key that the reader has just given. */
static bool read_member(struct reading *reading, struct line *line)
{
    char key[PROBE_NAME_MAX];
    const struct number_member *number;

    copy_text(key, sizeof key, reading->json.text);
    for (size_t i = 0; i < sizeof text_members / sizeof text_members[0]; i++) {
        if (strcmp(text_members[i].name, key) == 0) {
            return read_text(reading, line, &text_members[i]);
        }
    }
    number = find_number(number_members, sizeof number_members / sizeof number_members[0], key);
    if (number != NULL) {
        return json_reader_u64(&reading->json, (uint64_t *)(void *)((char *)line + number->offset));
    }
    number = find_number(tick_members, sizeof tick_members / sizeof tick_members[0], key);
    if (number != NULL) {
        return read_text_number(reading, 10, (uint64_t *)(void *)((char *)line + number->offset));
    }
    if (strcmp(key, "buffers") == 0) {
        return read_buffers(reading, line);
    }
    if (strcmp(key, "error") == 0) {
        return read_error(reading, line);
    }
    if (strcmp(key, "wine") == 0) {
        return read_flag(reading, &line->wine);
    }
    if (strcmp(key, "pending") == 0) {
        return read_flag(reading, &line->pending);
    }
    return json_reader_skip(&reading->json, JSON_TOKEN_KEY);
}

/* ---- lines ---- */

static bool fail(struct reading *reading, const char *text)
{
    error_chain_add(reading->errors, ERROR_NO_OFFSET, "line %llu: %s",
                    (unsigned long long)reading->line_number, text);
    return false;
}

static bool fail_memory(struct reading *reading)
{
    return fail(reading, "out of memory");
}

#define APPEND(log, items, count)                                                                  \
    append_to((void **)&(log)->items, &(log)->count, sizeof *(log)->items)

/* The new, cleared item, or NULL where there is no memory. */
static void *append_to(void **items, size_t *count, size_t item_len)
{
    void *grown = grow_by_one(*items, *count, item_len);

    if (grown == NULL) {
        return NULL;
    }
    *items = grown;
    return (char *)grown + (*count)++ * item_len;
}

static bool take_probe(struct reading *reading, const struct line *line)
{
    struct probe_log *log = reading->log;

    if (strcmp(line->schema, "bufcheck.probe/1") != 0) {
        return fail(reading, "this is no log of afdprobe (bufcheck.probe/1)");
    }
    if (line->frequency == 0) {
        return fail(reading, "the frequency of the performance counter is 0");
    }
    memcpy(log->version, line->version, sizeof log->version);
    log->os_build = line->os_build;
    log->wine = line->wine;
    log->pid = (uint32_t)line->pid;
    log->frequency = line->frequency;
    log->start = log->end = line->start;
    return true;
}

static bool take_scenario(struct reading *reading, const struct line *line)
{
    struct probe_scenario *scenario = APPEND(reading->log, scenarios, scenario_count);

    if (scenario == NULL) {
        return fail_memory(reading);
    }
    memcpy(scenario->name, line->scenario, sizeof scenario->name);
    scenario->from = scenario->to = line->at;
    scenario->first_call = reading->log->call_count;
    scenario->first_defect = PROBE_NONE;
    return true;
}

static bool take_scenario_end(struct reading *reading, const struct line *line)
{
    struct probe_log *log = reading->log;

    if (log->scenario_count == 0) {
        return fail(reading, "a scenario ends that did not begin");
    }
    struct probe_scenario *scenario = &log->scenarios[log->scenario_count - 1];
    memcpy(scenario->outcome, line->outcome, sizeof scenario->outcome);
    memcpy(scenario->reason, line->reason, sizeof scenario->reason);
    scenario->to = line->at;
    return true;
}

static bool take_step(struct reading *reading, const struct line *line)
{
    struct probe_step *step = APPEND(reading->log, steps, step_count);

    if (step == NULL) {
        return fail_memory(reading);
    }
    memcpy(step->what, line->what, sizeof step->what);
    step->tid = (uint32_t)line->tid;
    step->socket = (uint32_t)line->socket;
    step->before = line->before;
    step->after = line->after;
    step->error = line->error;
    return true;
}

/* True of the functions that hand memory over to be sent. */
static bool sends(const char *api)
{
    return strstr(api, "end") != NULL || strcmp(api, "ConnectEx") == 0 ||
           strcmp(api, "TransmitFile") == 0;
}

static uint32_t hash_of_call(uint64_t number)
{
    return (uint32_t)hash_words(&number, 1);
}

/* The id of the call with that number, or 0. */
static uint32_t id_of_call(const struct reading *reading, uint64_t number)
{
    struct id_search search = id_table_begin(&reading->calls, hash_of_call(number));
    uint32_t id;

    do {
        id = id_table_next(&reading->calls, &search);
    } while (id != 0 && reading->log->calls[id - 1].number != number);
    return id;
}

/* Index of a call, or call_count. Where two calls have one number, the later one is meant. */
static size_t find_call(const struct reading *reading, uint64_t number)
{
    uint32_t id = id_of_call(reading, number);

    return id != 0 ? id - 1 : reading->log->call_count;
}

/* Makes the call that was added last the one with its number. False: no memory. */
static bool index_call(struct reading *reading)
{
    uint32_t added = (uint32_t)reading->log->call_count;
    uint64_t number = reading->log->calls[added - 1].number;
    uint32_t before = id_of_call(reading, number);

    if (before != 0) {
        id_table_replace(&reading->calls, hash_of_call(number), before, added);
        return true;
    }
    return id_table_add(&reading->calls, hash_of_call(number), added);
}

static void fill_call(struct probe_call *call, const struct line *line)
{
    call->number = line->call;
    memcpy(call->api, line->api, sizeof call->api);
    call->is_send = sends(call->api);
    call->tid = (uint32_t)line->tid;
    call->socket = (uint32_t)line->socket;
    call->address = line->address;
    call->length = line->length;
    call->buffer_count = line->buffer_count;
    call->before = line->before;
    call->after = line->after;
    call->blocking = strcmp(line->notice, "blocking") == 0;
    call->pending = line->pending;
    call->error = line->error;
    call->ended = !line->pending;
    call->ended_at = line->after;
    call->bytes = line->bytes;
    call->failed = line->error != 0;
}

static bool take_call(struct reading *reading, const struct line *line)
{
    struct probe_log *log = reading->log;

    if (log->scenario_count == 0) {
        return fail(reading, "a call lies outside of every scenario");
    }
    struct probe_call *call = APPEND(log, calls, call_count);
    if (call == NULL) {
        return fail_memory(reading);
    }
    call->scenario = log->scenario_count - 1;
    log->scenarios[call->scenario].call_count++;
    fill_call(call, line);
    return index_call(reading) || fail_memory(reading);
}

static bool take_completion(struct reading *reading, const struct line *line)
{
    struct probe_log *log = reading->log;
    size_t index = find_call(reading, line->call);

    if (index == log->call_count) {
        return fail(reading, "a call ends that is not in the log");
    }
    struct probe_call *call = &log->calls[index];
    if (!call->ended) {
        call->ended = true;
        call->ended_at = line->at;
        call->bytes = line->bytes;
        call->failed = !line->error_known || line->error != 0;
    }
    return true;
}

static bool take_cancel(struct reading *reading, const struct line *line)
{
    size_t index = find_call(reading, line->call);

    if (index == reading->log->call_count) {
        return fail(reading, "a call is cancelled that is not in the log");
    }
    reading->log->calls[index].cancelled = true;
    return true;
}

static bool take_defect(struct reading *reading, const struct line *line)
{
    struct probe_log *log = reading->log;
    size_t first = find_call(reading, line->first);
    size_t second = find_call(reading, line->second);

    if (first == log->call_count || second == log->call_count) {
        return fail(reading, "a defect names a call that is not in the log");
    }
    struct probe_defect *defect = APPEND(log, defects, defect_count);
    if (defect == NULL) {
        return fail_memory(reading);
    }
    memcpy(defect->rule, line->rule, sizeof defect->rule);
    defect->first = first;
    defect->second = second;
    return true;
}

/* ---- the file ---- */

/* Times are added to one another later on. */
static bool check_ticks(struct reading *reading, const struct line *line)
{
    const int64_t ticks[] = {line->start, line->before, line->after, line->at};

    for (size_t i = 0; i < sizeof ticks / sizeof ticks[0]; i++) {
        if (ticks[i] < 0 || ticks[i] > PROBE_TICKS_MAX) {
            error_chain_add(reading->errors, ERROR_NO_OFFSET,
                            "line %llu: \"%s\" is %llu ticks, at most %llu are read",
                            (unsigned long long)reading->line_number, tick_members[i].name,
                            (unsigned long long)ticks[i], (unsigned long long)PROBE_TICKS_MAX);
            return false;
        }
    }
    return true;
}

static bool take_line(struct reading *reading, const struct line *line)
{
    static bool (*const takers[LINE_TYPES])(struct reading *, const struct line *) = {
        take_probe,  take_scenario, take_step,         take_call, take_completion,
        take_cancel, take_defect,   take_scenario_end, NULL};

    if ((strcmp(line->type, line_types[LINE_PROBE]) == 0) != (reading->line_number == 1)) {
        return fail(reading, "a log of afdprobe begins with its line of type \"probe\"");
    }
    if (!check_ticks(reading, line)) {
        return false;
    }
    for (size_t i = 0; i < LINE_TYPES; i++) {
        if (strcmp(line->type, line_types[i]) == 0 && takers[i] != NULL &&
            !takers[i](reading, line)) {
            return false;
        }
    }
    int64_t last = line->after > line->at ? line->after : line->at;
    if (last > reading->log->end) {
        reading->log->end = last;
    }
    return true;
}

static bool read_line(struct reading *reading, const char *text, size_t len)
{
    struct byte_source *source;
    struct line line;
    enum json_token token;

    if (byte_source_open_memory(text, len, &source, reading->errors) != BYTE_SOURCE_OK) {
        return false;
    }
    memset(&line, 0, sizeof line);
    json_reader_init(&reading->json, source, reading->errors);
    token = json_reader_next(&reading->json);
    bool good = token == JSON_TOKEN_OBJECT_BEGIN;
    while (good && (token = json_reader_next(&reading->json)) == JSON_TOKEN_KEY) {
        good = read_member(reading, &line);
    }
    good = good && token == JSON_TOKEN_OBJECT_END &&
           json_reader_next(&reading->json) == JSON_TOKEN_END;
    byte_source_destroy(source);
    return good ? take_line(reading, &line) : fail(reading, "not one JSON object");
}

static bool read_lines(struct reading *reading, const char *text, size_t len)
{
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t line_len = end != NULL ? (size_t)(end - text) : len;

        reading->line_number++;
        if (!read_line(reading, text, line_len)) {
            return false;
        }
        line_len += end != NULL;
        text += line_len;
        len -= line_len;
    }
    return reading->line_number > 0 || fail(reading, "the log is empty");
}

/* Gives each scenario its defects, in the order of the log. */
static void chain_defects(struct probe_log *log)
{
    for (size_t i = log->defect_count; i > 0; i--) {
        struct probe_defect *defect = &log->defects[i - 1];
        struct probe_scenario *scenario = &log->scenarios[log->calls[defect->first].scenario];

        defect->next = scenario->first_defect;
        scenario->first_defect = i - 1;
    }
}

static bool read_source(struct reading *reading, struct byte_source *source)
{
    if (source->size > PROBE_LOG_SIZE_MAX) {
        error_chain_add(reading->errors, ERROR_NO_OFFSET, "%llu bytes, of a log at most %llu",
                        (unsigned long long)source->size, (unsigned long long)PROBE_LOG_SIZE_MAX);
        return false;
    }
    char *text = malloc((size_t)source->size + 1);
    if (text == NULL) {
        return fail_memory(reading);
    }
    bool good = byte_source_read(source, 0, text, (size_t)source->size, reading->errors) ==
                    BYTE_SOURCE_OK &&
                read_lines(reading, text, (size_t)source->size);
    free(text);
    return good;
}

bool probe_log_read_source(struct byte_source *source, const char *name, struct probe_log *log,
                           struct error_chain *errors)
{
    struct reading *reading = calloc(1, sizeof *reading);

    *log = (struct probe_log){0};
    if (reading == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: out of memory", name);
        return false;
    }
    reading->log = log;
    reading->errors = errors;
    id_table_init(&reading->calls);
    bool good = read_source(reading, source);
    if (good) {
        chain_defects(log);
    } else {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s", name);
    }
    id_table_finish(&reading->calls);
    free(reading);
    return good;
}

bool probe_log_read(const char *path, struct probe_log *log, struct error_chain *errors)
{
    struct byte_source *source;

    *log = (struct probe_log){0};
    if (byte_source_open_file(path, NULL, &source, errors) != BYTE_SOURCE_OK) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s", path);
        return false;
    }
    bool good = probe_log_read_source(source, path, log, errors);
    byte_source_destroy(source);
    return good;
}

void probe_log_free(struct probe_log *log)
{
    free(log->scenarios);
    free(log->steps);
    free(log->calls);
    free(log->defects);
    *log = (struct probe_log){0};
}
