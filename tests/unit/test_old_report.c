/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/known/old_report.h"

#define PRINT_ONE "0123456789abcdef0123456789abcdef"
#define PRINT_TWO "fedcba9876543210fedcba9876543210"
#define PRINT_THREE "00000000000000000000000000000003"

static const char json_report[] =
    "{\"schema\": \"bufcheck.report/2\", \"exit\": 1, \"other\": {\"a\": [1, {}]},\n"
    " \"findings\": [{\"rule\": \"recv-over-recv\", \"level\": \"error\", \"extra\": [true],\n"
    "  \"fingerprint\": \"" PRINT_ONE "\", \"fingerprint_coarse\": \"" PRINT_TWO "\",\n"
    "  \"fingerprint_version\": 2, \"first_time\": \"2026-01-02T03:04:05Z\",\n"
    "  \"count\": 7, \"posts\": 5,\n"
    "  \"first\": {\"x\": 1, \"image\": \"not.exe\",\n"
    "   \"call_site\": {\"module\": \"a.exe\", \"offset\": \"0x1a\", \"function\": null}},\n"
    "  \"second\": {\"image\": \"b.exe\",\n"
    "   \"call_site\": {\"module\": \"c.dll\", \"offset\": \"0x2\", \"function\": \"Go\"}}},\n"
    " {\"fingerprint\": \"" PRINT_THREE "\", \"fingerprint_version\": 2}],\n"
    " \"findings_omitted\": 3}\n";

static const char sarif_report[] =
    "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"rules\": [{\"name\": \"r\"}],\n"
    "  \"name\": \"bufcheck\"}, \"extensions\": []}, \"language\": \"en\",\n"
    " \"invocations\": [{\"exitCode\": 3, \"x\": [1]}, {\"exitCode\": 1}],\n"
    " \"results\": [{\"ruleId\": \"recv-over-recv\", \"level\": \"error\", \"kind\": \"fail\",\n"
    "  \"occurrenceCount\": 7, \"partialFingerprints\": {\"primaryLocationLineHash\":\n"
    "   \"" PRINT_ONE "\", \"bufcheckCoarse/v1\": \"" PRINT_TWO "\", \"y\": 1},\n"
    "  \"properties\": {\"fingerprintVersion\": 2, \"posts\": 5, \"z\": null,\n"
    "   \"firstTime\": \"2026-01-02T03:04:05Z\", \"image\": \"b.exe\",\n"
    "   \"firstCallSite\": \"a.exe+0x1a\", \"secondCallSite\": \"c.dll!Go\"}},\n"
    " {\"baselineState\": \"absent\", \"ruleId\": \"gone\"},\n"
    " {\"partialFingerprints\": {\"primaryLocationLineHash\": \"" PRINT_THREE "\"},\n"
    "  \"properties\": {\"fingerprintVersion\": 2}}],\n"
    " \"properties\": {\"w\": 1, \"findingsOmitted\": 3}}]}\n";

static bool read_text(const char *text, size_t len, struct old_report *report, char *message,
                      unsigned message_len)
{
    struct byte_source *source;
    struct error_chain errors;
    error_chain_init(&errors);
    cr_assert_eq(byte_source_open_memory(text, len, &source, NULL), BYTE_SOURCE_OK);
    bool good = old_report_read(report, source, &errors);
    byte_source_destroy(source);
    error_chain_format(&errors, message, message_len);
    cr_assert_eq(good, errors.count == 0, "%s", message);
    if (!good) {
        cr_assert_null(report->findings);
        cr_assert_eq(report->count, 0);
    }
    return good;
}

static void expect_all(const char *text)
{
    struct old_report report;
    char message[1000];
    cr_assert(read_text(text, strlen(text), &report, message, sizeof message), "%s", message);
    cr_assert_eq(report.count, 2);
    cr_assert_eq(report.exit_status, 1);
    cr_assert_eq(report.omitted, 3);
    const struct old_finding *finding = &report.findings[0];
    cr_assert_str_eq(finding->fingerprint, PRINT_ONE);
    cr_assert_str_eq(finding->coarse, PRINT_TWO);
    cr_assert_str_eq(finding->rule, "recv-over-recv");
    cr_assert_str_eq(finding->level, "error");
    cr_assert_str_eq(finding->process, "b.exe");
    cr_assert_str_eq(finding->call_sites[0], "a.exe+0x1a");
    cr_assert_str_eq(finding->call_sites[1], "c.dll!Go");
    cr_assert_str_eq(finding->first_time, "2026-01-02T03:04:05Z");
    cr_assert_eq(finding->count, 7);
    cr_assert_eq(finding->posts, 5);
    cr_assert_str_eq(report.findings[1].fingerprint, PRINT_THREE);
    cr_assert_str_eq(report.findings[1].coarse, "");
    cr_assert_str_eq(report.findings[1].process, "");
    old_report_finish(&report);
}

Test(old_report, reads_every_member)
{
    expect_all(json_report);
    expect_all(sarif_report);
}

static void expect_cut_refused(const char *text)
{
    struct old_report report;
    char message[1000];
    for (size_t len = 0; len + 2 < strlen(text); len++) { /* the last bytes are } and a new line */
        cr_assert_not(read_text(text, len, &report, message, sizeof message), "%zu bytes", len);
        cr_assert_neq(message[0], '\0');
    }
}

Test(old_report, cut_anywhere_is_refused)
{
    expect_cut_refused(json_report);
    expect_cut_refused(sarif_report);
}

/* The end of the value that begins at `at`. */
static size_t value_end(const char *text, size_t at)
{
    unsigned depth = 0;
    bool quoted = false;
    for (;; at++) {
        char c = text[at];
        if (quoted) {
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (depth == 0 && (c == ',' || c == '}' || c == ']' || c == '\n')) {
            return at;
        } else if (c == '}' || c == ']') {
            depth--;
        }
        if (depth == 0 && !quoted && (c == '"' || c == '}' || c == ']')) {
            return at + 1;
        }
    }
}

/* Puts `by` in the place of each member's value, one after the other, and writes the key of each
 * whose report is refused. What is accepted has all that stands behind the value. */
static void refused_keys(const char *text, const char *by, char *keys, size_t keys_len)
{
    char changed[3000], message[1000];
    size_t len = 0;
    keys[0] = '\0';
    for (const char *colon = text; (colon = strchr(colon, ':')) != NULL; colon++) {
        size_t at = (size_t)(colon - text) + 1, key_end = (size_t)(colon - text) - 1, key = key_end;
        if (text[key_end] != '"') {
            continue; /* of a time */
        }
        at += strspn(text + at, " \n");
        while (text[key - 1] != '"') {
            key--;
        }
        size_t end = value_end(text, at);
        struct old_report report;
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)at, text, by, text + end);
        if (!read_text(changed, strlen(changed), &report, message, sizeof message)) {
            len += (size_t)snprintf(keys + len, keys_len - len, "%.*s ", (int)(key_end - key),
                                    text + key);
            continue;
        }
        bool last = strstr(text + end, "mitted\":") == NULL;
        cr_assert_eq(report.omitted, last ? 0 : 3, "%s of %.*s: %zu", by, (int)(key_end - key),
                     text + key, (size_t)report.omitted);
        old_report_finish(&report);
    }
}

static void expect_refused(const char *text, const char *by, const char *want)
{
    char keys[1000];
    refused_keys(text, by, keys, sizeof keys);
    cr_assert_str_eq(keys, want, "%s: %s", by, keys);
}

/* Whatever a report can do without may be of another type; what finds a finding again may not. */
Test(old_report, values_of_other_types)
{
    static const char *const values[] = {"true", "-7", "\"x\"", "{\"k\": [7]}"};
    static const char in_json[] =
        "schema fingerprint fingerprint_version fingerprint fingerprint_version ";
    static const char in_sarif[] =
        "runs tool driver name partialFingerprints primaryLocationLineHash fingerprintVersion "
        "baselineState partialFingerprints primaryLocationLineHash properties fingerprintVersion ";
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        expect_refused(json_report, values[i], in_json);
        expect_refused(sarif_report, values[i], in_sarif);
    }
    expect_refused(json_report, "[7]",
                   "schema findings fingerprint fingerprint_version fingerprint "
                   "fingerprint_version ");
    expect_refused(sarif_report, "[7]",
                   "runs tool driver name results partialFingerprints primaryLocationLineHash "
                   "fingerprintVersion baselineState partialFingerprints primaryLocationLineHash "
                   "properties fingerprintVersion ");
}

static void expect_message(const char *text, const char *want)
{
    struct old_report report;
    char message[1000];
    cr_assert_not(read_text(text, strlen(text), &report, message, sizeof message), "%s", text);
    cr_assert_str_eq(message, want);
}

Test(old_report, says_what_is_wrong)
{
    expect_message("[1]", "line 1, column 1: a report is expected, which is an object");
    expect_message("{\"a\": 1}", "the file is JSON, but no report of bufcheck: it has neither a "
                                 "schema nor runs");
    expect_message("{\"schema\": \"bufcheck.report/2\", \"findings\": [7]}",
                   "line 1, column 46: a finding is expected, which is an object");
    expect_message("{\"runs\": [7]}", "line 1, column 11: a run is expected, which is an object");
    expect_message("{\"runs\": []}",
                   "the file is a SARIF report of 'a program without a name', not "
                   "of bufcheck");
    expect_message(
        "{\"schema\": \"bufcheck.report/2\",\n\"findings\": [{\"fingerprint\": \"12\"}]}",
        "line 2, column 14: the finding has no fingerprint of 32 hexadecimal digits");
    expect_message(
        "{\"schema\": \"bufcheck.report/2\",\n\"findings\": [{\"fingerprint\": \"" PRINT_ONE
        "\"}, {}]}",
        "line 2, column 14: the finding does not tell its fingerprint's version");
    expect_message(
        "{\"schema\": \"bufcheck.report/2\", \"findings\": [{\"fingerprint_version\": 9}]}",
        "the report's fingerprints are of version 9, this bufcheck's are of version 2: "
        "write the report anew");
}

Test(old_report, cuts_a_name_between_characters)
{
    char text[1000];
    struct old_report report;
    char message[1000], name[OLD_TEXT_LEN];
    memset(name, 'n', sizeof name);
    name[OLD_TEXT_LEN - 2] = '\0'; /* room for a byte more */
    snprintf(text, sizeof text,
             "{\"schema\": \"bufcheck.report/2\", \"findings\": [{\"fingerprint\": \"" PRINT_ONE
             "\", \"fingerprint_version\": 2, \"rule\": \"%s\xC3\xA4\"}]}",
             name);
    cr_assert(read_text(text, strlen(text), &report, message, sizeof message), "%s", message);
    cr_assert_str_eq(report.findings[0].rule, name);
    old_report_finish(&report);
}
