/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/known/old_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_reader.h"
#include "parsers/etl/etl_header.h"

#define PROBLEM_MAX 200

/* A report while it is read. Members of an object come in any order, so what a report is gets
 * known last: problems of its findings wait until then. */
struct old_reading {
    struct json_reader json;
    struct old_report *report;
    char schema[OLD_TEXT_LEN];
    char tool[OLD_TEXT_LEN]; /* of SARIF: the driver's name */
    bool has_runs;
    uint64_t problem_line, problem_column; /* 0: no problem */
    char problem[PROBLEM_MAX];             /* of the first finding that has one */
    uint64_t other_version;                /* a fingerprint version that is not ours; 0: none */
    bool has_other_version;
};

/* A finding while it is read. */
struct old_entry {
    struct old_finding finding;
    uint64_t version, line, column;
    bool has_version, is_absent;
};

static void copy_text(const struct json_reader *json, char text[OLD_TEXT_LEN])
{
    size_t len = json->text_len < OLD_TEXT_LEN - 1 ? json->text_len : OLD_TEXT_LEN - 1;
    while (len > 0 && ((unsigned char)json->text[len] & 0xC0) == 0x80) {
        len--; /* a cut must not leave half a character */
    }
    memcpy(text, json->text, len);
    text[len] = '\0';
}

/* An error in the file makes every further token JSON_TOKEN_ERROR. All loops end then, and
 * read_document() alone looks whether the whole was read. */

/* Enters a value of the kind that `begin` begins, or passes over one of another kind: false. */
static bool enter(struct old_reading *reading, enum json_token begin)
{
    enum json_token token = json_reader_next(&reading->json);
    if (token != begin) {
        json_reader_skip(&reading->json, token);
    }
    return token == begin;
}

/* True: the object goes on with a member, whose value comes next. */
static bool next_member(struct old_reading *reading)
{
    return json_reader_next(&reading->json) == JSON_TOKEN_KEY;
}

static void read_name(struct old_reading *reading, char text[OLD_TEXT_LEN])
{
    json_reader_string(&reading->json);
    copy_text(&reading->json, text);
}

/* A fingerprint, or "" for what is none. */
static void read_fingerprint(struct old_reading *reading, char text[FINGERPRINT_TEXT_LEN])
{
    struct json_reader *json = &reading->json;
    text[0] = '\0';
    json_reader_string(json);
    if (json->text_len == FINGERPRINT_TEXT_LEN - 1 &&
        strspn(json->text, "0123456789abcdef") == json->text_len) {
        memcpy(text, json->text, FINGERPRINT_TEXT_LEN);
    }
}

/* A time as bufcheck writes it, or "" for what is longer. */
static void read_time(struct old_reading *reading, char text[OLD_TIME_LEN])
{
    text[0] = '\0';
    json_reader_string(&reading->json);
    if (reading->json.text_len < OLD_TIME_LEN) {
        memcpy(text, reading->json.text, reading->json.text_len);
        text[reading->json.text_len] = '\0';
    }
}

static void read_exit(struct old_reading *reading)
{
    uint64_t status;
    json_reader_u64(&reading->json, &status);
    reading->report->exit_status = status <= 3 ? (int)status : 0;
}

static void note_problem(struct old_reading *reading, const struct old_entry *entry,
                         const char *text)
{
    if (reading->problem_line == 0) {
        reading->problem_line = entry->line;
        reading->problem_column = entry->column;
        snprintf(reading->problem, sizeof reading->problem, "%s", text);
    }
}

/* ---- findings ---- */

static void begin_entry(const struct old_reading *reading, struct old_entry *entry)
{
    memset(entry, 0, sizeof *entry);
    entry->line = reading->json.line;
    entry->column = reading->json.column;
}

static void keep_finding(struct old_reading *reading, const struct old_finding *finding)
{
    struct old_report *report = reading->report;
    if (report->count == OLD_FINDINGS_MAX) {
        json_reader_fail(&reading->json, "more than %d findings", OLD_FINDINGS_MAX);
        return;
    }
    if (report->count == report->room) {
        size_t room = report->room == 0 ? 64 : report->room * 2;
        struct old_finding *findings = realloc(report->findings, room * sizeof *findings);
        if (findings == NULL) {
            json_reader_fail(&reading->json, "out of memory");
            return;
        }
        report->findings = findings;
        report->room = room;
    }
    report->findings[report->count++] = *finding;
}

static void end_entry(struct old_reading *reading, const struct old_entry *entry)
{
    if (entry->is_absent) {
        return;
    }
    if (entry->has_version && entry->version != FINGERPRINT_VERSION) {
        reading->has_other_version = true;
        reading->other_version = entry->version;
    } else if (entry->finding.fingerprint[0] == '\0') {
        note_problem(reading, entry, "the finding has no fingerprint of 32 hexadecimal digits");
    } else if (!entry->has_version && entry->finding.coarse[0] == '\0') {
        note_problem(reading, entry, "the finding does not tell its fingerprint's version");
    }
    keep_finding(reading, &entry->finding);
}

/* "app.exe+0x1a2b" of a call site's members. */
static void read_call_site(struct old_reading *reading, char text[OLD_TEXT_LEN])
{
    struct json_reader *json = &reading->json;
    char module[OLD_TEXT_LEN] = "", offset[OLD_TEXT_LEN] = "", function[OLD_TEXT_LEN] = "";
    if (!enter(reading, JSON_TOKEN_OBJECT_BEGIN)) {
        return;
    }
    while (next_member(reading)) {
        if (strcmp(json->text, "module") == 0) {
            read_name(reading, module);
        } else if (strcmp(json->text, "offset") == 0) {
            read_name(reading, offset);
        } else if (strcmp(json->text, "function") == 0) {
            read_name(reading, function);
        } else {
            json_reader_skip(json, JSON_TOKEN_KEY);
        }
    }
    if (function[0] != '\0') {
        snprintf(text, OLD_TEXT_LEN, "%.60s!%.*s", module, 30, function);
    } else if (module[0] != '\0') {
        snprintf(text, OLD_TEXT_LEN, "%.60s+%.30s", module, offset);
    }
}

/* An operation of a finding; `process` may be NULL. */
static void read_operation(struct old_reading *reading, char *process, char call_site[OLD_TEXT_LEN])
{
    struct json_reader *json = &reading->json;
    if (!enter(reading, JSON_TOKEN_OBJECT_BEGIN)) {
        return;
    }
    while (next_member(reading)) {
        if (strcmp(json->text, "call_site") == 0) {
            read_call_site(reading, call_site);
        } else if (process != NULL && strcmp(json->text, "image") == 0) {
            read_name(reading, process);
        } else {
            json_reader_skip(json, JSON_TOKEN_KEY);
        }
    }
}

static void read_finding_member(struct old_reading *reading, struct old_entry *entry)
{
    struct old_finding *finding = &entry->finding;
    struct json_reader *json = &reading->json;
    const char *key = json->text;
    if (strcmp(key, "fingerprint") == 0) {
        read_fingerprint(reading, finding->fingerprint);
    } else if (strcmp(key, "fingerprint_coarse") == 0) {
        read_fingerprint(reading, finding->coarse);
    } else if (strcmp(key, "fingerprint_version") == 0) {
        entry->has_version = true;
        json_reader_u64(json, &entry->version);
    } else if (strcmp(key, "first_time") == 0) {
        read_time(reading, finding->first_time);
    } else if (strcmp(key, "rule") == 0) {
        read_name(reading, finding->rule);
    } else if (strcmp(key, "level") == 0) {
        read_name(reading, finding->level);
    } else if (strcmp(key, "count") == 0) {
        json_reader_u64(json, &finding->count);
    } else if (strcmp(key, "posts") == 0) {
        json_reader_u64(json, &finding->posts);
    } else if (strcmp(key, "first") == 0) {
        read_operation(reading, NULL, finding->call_sites[0]);
    } else if (strcmp(key, "second") == 0) {
        read_operation(reading, finding->process, finding->call_sites[1]);
    } else {
        json_reader_skip(json, JSON_TOKEN_KEY);
    }
}

typedef void old_member_fn(struct old_reading *reading, struct old_entry *entry);

/* An array of findings, each an object whose members `read_member` reads. */
static void read_findings(struct old_reading *reading, old_member_fn *read_member)
{
    struct json_reader *json = &reading->json;
    enum json_token token;
    if (!enter(reading, JSON_TOKEN_ARRAY_BEGIN)) {
        return;
    }
    while ((token = json_reader_next(json)) == JSON_TOKEN_OBJECT_BEGIN) {
        struct old_entry entry;
        begin_entry(reading, &entry);
        while (next_member(reading)) {
            read_member(reading, &entry);
        }
        end_entry(reading, &entry);
    }
    if (token != JSON_TOKEN_ARRAY_END) {
        json_reader_fail(json, "a finding is expected, which is an object");
    }
}

/* ---- SARIF ---- */

static void read_partial_fingerprints(struct old_reading *reading, struct old_finding *finding)
{
    struct json_reader *json = &reading->json;
    if (!enter(reading, JSON_TOKEN_OBJECT_BEGIN)) {
        return;
    }
    while (next_member(reading)) {
        if (strcmp(json->text, "primaryLocationLineHash") == 0) {
            read_fingerprint(reading, finding->fingerprint);
        } else if (strcmp(json->text, "bufcheckCoarse/v1") == 0) {
            read_fingerprint(reading, finding->coarse);
        } else {
            json_reader_skip(json, JSON_TOKEN_KEY);
        }
    }
}

static void read_result_properties(struct old_reading *reading, struct old_entry *entry)
{
    struct json_reader *json = &reading->json;
    struct old_finding *finding = &entry->finding;
    if (!enter(reading, JSON_TOKEN_OBJECT_BEGIN)) {
        return;
    }
    while (next_member(reading)) {
        if (strcmp(json->text, "fingerprintVersion") == 0) {
            entry->has_version = true;
            json_reader_u64(json, &entry->version);
        } else if (strcmp(json->text, "posts") == 0) {
            json_reader_u64(json, &finding->posts);
        } else if (strcmp(json->text, "firstTime") == 0) {
            read_time(reading, finding->first_time);
        } else if (strcmp(json->text, "image") == 0) {
            read_name(reading, finding->process);
        } else if (strcmp(json->text, "firstCallSite") == 0) {
            read_name(reading, finding->call_sites[0]);
        } else if (strcmp(json->text, "secondCallSite") == 0) {
            read_name(reading, finding->call_sites[1]);
        } else {
            json_reader_skip(json, JSON_TOKEN_KEY);
        }
    }
}

static void read_result_member(struct old_reading *reading, struct old_entry *entry)
{
    struct old_finding *finding = &entry->finding;
    struct json_reader *json = &reading->json;
    const char *key = json->text;
    if (strcmp(key, "ruleId") == 0) {
        read_name(reading, finding->rule);
    } else if (strcmp(key, "level") == 0) {
        read_name(reading, finding->level);
    } else if (strcmp(key, "occurrenceCount") == 0) {
        json_reader_u64(json, &finding->count);
    } else if (strcmp(key, "partialFingerprints") == 0) {
        read_partial_fingerprints(reading, finding);
    } else if (strcmp(key, "properties") == 0) {
        read_result_properties(reading, entry);
    } else if (strcmp(key, "baselineState") == 0) {
        json_reader_string(json);
        entry->is_absent = strcmp(json->text, "absent") == 0;
    } else {
        json_reader_skip(json, JSON_TOKEN_KEY);
    }
}

/* The name of the tool, which SARIF keeps in the object `driver` of `tool`. */
static void read_tool(struct old_reading *reading)
{
    struct json_reader *json = &reading->json;
    enum json_token token;
    if (!enter(reading, JSON_TOKEN_OBJECT_BEGIN)) {
        return;
    }
    unsigned depth = json->depth;
    while ((token = json_reader_next(json)) > JSON_TOKEN_END) {
        if (token == JSON_TOKEN_OBJECT_END && json->depth < depth) {
            return;
        }
        if (token != JSON_TOKEN_KEY) {
            continue;
        }
        if (json->depth == depth && strcmp(json->text, "driver") == 0) {
            continue; /* the driver's members come next */
        }
        if (json->depth == depth + 1 && strcmp(json->text, "name") == 0) {
            read_name(reading, reading->tool);
        } else {
            json_reader_skip(json, token);
        }
    }
}

static void read_run_properties(struct old_reading *reading)
{
    struct json_reader *json = &reading->json;
    if (!enter(reading, JSON_TOKEN_OBJECT_BEGIN)) {
        return;
    }
    while (next_member(reading)) {
        if (strcmp(json->text, "findingsOmitted") == 0) {
            json_reader_u64(json, &reading->report->omitted);
        } else {
            json_reader_skip(json, JSON_TOKEN_KEY);
        }
    }
}

/* The exit code of the last invocation. */
static void read_invocations(struct old_reading *reading)
{
    struct json_reader *json = &reading->json;
    enum json_token token;
    if (!enter(reading, JSON_TOKEN_ARRAY_BEGIN)) {
        return;
    }
    while ((token = json_reader_next(json)) > JSON_TOKEN_END && token != JSON_TOKEN_ARRAY_END) {
        if (token == JSON_TOKEN_OBJECT_BEGIN || token == JSON_TOKEN_OBJECT_END) {
            continue; /* the members come next, or another invocation */
        }
        if (token == JSON_TOKEN_KEY && strcmp(json->text, "exitCode") == 0) {
            read_exit(reading);
        } else {
            json_reader_skip(json, token);
        }
    }
}

static void read_run_member(struct old_reading *reading)
{
    struct json_reader *json = &reading->json;
    if (strcmp(json->text, "tool") == 0) {
        read_tool(reading);
    } else if (strcmp(json->text, "results") == 0) {
        read_findings(reading, read_result_member);
    } else if (strcmp(json->text, "properties") == 0) {
        read_run_properties(reading);
    } else if (strcmp(json->text, "invocations") == 0) {
        read_invocations(reading);
    } else {
        json_reader_skip(json, JSON_TOKEN_KEY);
    }
}

static void read_runs(struct old_reading *reading)
{
    struct json_reader *json = &reading->json;
    enum json_token token;
    if (!enter(reading, JSON_TOKEN_ARRAY_BEGIN)) {
        return;
    }
    reading->has_runs = true;
    while ((token = json_reader_next(json)) == JSON_TOKEN_OBJECT_BEGIN) {
        while (next_member(reading)) {
            read_run_member(reading);
        }
    }
    if (token != JSON_TOKEN_ARRAY_END) {
        json_reader_fail(json, "a run is expected, which is an object");
    }
}

/* ---- the whole ---- */

static void read_top_member(struct old_reading *reading)
{
    struct json_reader *json = &reading->json;
    if (strcmp(json->text, "schema") == 0) {
        read_name(reading, reading->schema);
    } else if (strcmp(json->text, "exit") == 0) {
        read_exit(reading);
    } else if (strcmp(json->text, "findings") == 0) {
        read_findings(reading, read_finding_member);
    } else if (strcmp(json->text, "findings_omitted") == 0) {
        json_reader_u64(json, &reading->report->omitted);
    } else if (strcmp(json->text, "runs") == 0) {
        read_runs(reading);
    } else {
        json_reader_skip(json, JSON_TOKEN_KEY);
    }
}

static bool refuse(struct error_chain *errors, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool refuse(struct error_chain *errors, const char *format, ...)
{
    char text[ERROR_CAUSE_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error_chain_add(errors, ERROR_NO_OFFSET, "%s", text);
    return false;
}

/* Lines of JSON are several documents; the first tells its schema. */
static bool check_lines(const struct old_reading *reading, struct error_chain *errors)
{
    return strncmp(reading->schema, "bufcheck.", 9) == 0 &&
                   strncmp(reading->schema, "bufcheck.report/", 16) != 0
               ? refuse(errors,
                        "the file is of schema %s; what is wanted is a report that check wrote "
                        "with --format json or sarif",
                        reading->schema)
               : true;
}

static bool check_kind(const struct old_reading *reading, struct error_chain *errors)
{
    if (!check_lines(reading, errors)) {
        return false;
    }
    if (reading->has_runs && reading->schema[0] == '\0') {
        return strcmp(reading->tool, "bufcheck") == 0
                   ? true
                   : refuse(errors, "the file is a SARIF report of '%s', not of bufcheck",
                            reading->tool[0] != '\0' ? reading->tool : "a program without a name");
    }
    if (reading->schema[0] == '\0') {
        return refuse(errors,
                      "the file is JSON, but no report of bufcheck: it has neither a schema "
                      "nor runs");
    }
    if (strcmp(reading->schema, "bufcheck.report/2") != 0) {
        return refuse(errors,
                      "the file is a report of schema %s, whose fingerprints are of another kind; "
                      "this bufcheck takes bufcheck.report/2: write the report anew",
                      reading->schema);
    }
    return true;
}

static bool check_findings(const struct old_reading *reading, struct error_chain *errors)
{
    if (reading->has_other_version) {
        return refuse(errors,
                      "the report's fingerprints are of version %" PRIu64
                      ", this bufcheck's are of version %d: write the report anew",
                      reading->other_version, FINGERPRINT_VERSION);
    }
    if (reading->problem_line != 0) {
        return refuse(errors, "line %" PRIu64 ", column %" PRIu64 ": %s", reading->problem_line,
                      reading->problem_column, reading->problem);
    }
    return true;
}

static bool read_document(struct old_reading *reading)
{
    struct json_reader *json = &reading->json;
    if (json_reader_next(json) != JSON_TOKEN_OBJECT_BEGIN) {
        json_reader_fail(json, "a report is expected, which is an object");
        return false;
    }
    while (next_member(reading)) {
        read_top_member(reading);
    }
    return json_reader_next(json) == JSON_TOKEN_END;
}

bool old_report_read(struct old_report *report, struct byte_source *source,
                     struct error_chain *errors)
{
    *report = (struct old_report){0};
    struct old_reading *reading = calloc(1, sizeof *reading);
    struct error_chain causes;
    error_chain_init(&causes);
    if (reading == NULL) {
        return refuse(errors, "out of memory");
    }
    reading->report = report;
    json_reader_init(&reading->json, source, &causes);
    bool good = read_document(reading);
    if (!good && check_lines(reading, errors)) {
        for (unsigned i = 0; i < causes.count; i++) {
            error_chain_add(errors, causes.causes[i].offset, "%s", causes.causes[i].text);
        }
    }
    good = good && check_kind(reading, errors) && check_findings(reading, errors);
    free(reading);
    if (!good) {
        old_report_finish(report);
    }
    return good;
}

/* False: the file is a trace. A file that cannot be read is refused by old_report_read(). */
static bool check_not_trace(struct byte_source *source, struct error_chain *errors)
{
    uint8_t bytes[ETL_START_LEN];
    size_t len = source->size < sizeof bytes ? (size_t)source->size : sizeof bytes;
    struct error_chain causes;
    error_chain_init(&causes);
    bool is_trace = byte_source_read(source, 0, bytes, len, NULL) == BYTE_SOURCE_OK &&
                    etl_header_check(bytes, len, &causes) == ETL_OK;
    return !is_trace || refuse(errors, "the file is a trace, not a report of one");
}

bool old_report_open(struct old_report *report, const char *path, struct error_chain *errors)
{
    struct byte_source *source = NULL;
    *report = (struct old_report){0};
    bool good = byte_source_open_file(path, NULL, &source, errors) == BYTE_SOURCE_OK &&
                check_not_trace(source, errors) && old_report_read(report, source, errors);
    byte_source_destroy(source);
    if (!good) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s", path);
    }
    return good;
}

void old_report_finish(struct old_report *report)
{
    free(report->findings);
    *report = (struct old_report){0};
}
