/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "tests/unit/report_fixture.h"

static struct report_fixture *fixture;

static void set_up(void)
{
    fixture = report_fixture_create();
}

static void tear_down(void)
{
    report_fixture_destroy(fixture);
}

TestSuite(report_json, .init = set_up, .fini = tear_down);

static void has(const char *text, const char *what)
{
    cr_assert(strstr(text, what) != NULL, "\"%s\" is missing in:\n%s", what, text);
}

/* True if brackets and braces outside strings match, and nothing follows the last one. */
static bool balanced(const char *text)
{
    char stack[64];
    size_t depth = 0;
    bool in_string = false;
    for (; *text != '\0'; text++) {
        if (in_string) {
            if (*text == '\\') {
                text++;
            } else if (*text == '"') {
                in_string = false;
            }
        } else if (*text == '"') {
            in_string = true;
        } else if (*text == '{' || *text == '[') {
            stack[depth++] = *text == '{' ? '}' : ']';
        } else if (*text == '}' || *text == ']') {
            if (depth == 0 || stack[--depth] != *text) {
                return false;
            }
        }
    }
    return depth == 0 && !in_string;
}

Test(report_json, one_balanced_object_with_schema_and_verdict)
{
    char *text = report_fixture_print(fixture, "json", 0, FIXTURE_INPUTS);
    cr_assert_eq(strncmp(text, "{\n  \"schema\": \"bufcheck.report/2\",\n", 35), 0);
    cr_assert(balanced(text));
    has(text, "\n  \"verdict\": \"error\",\n  \"exit\": 2,\n");
    has(text, "\n  \"findings_omitted\": 0,\n  \"across\": [\n");
    has(text, "\n  \"absent\": []\n}\n");
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"coverage\": "), FIXTURE_INPUTS));
    free(text);
}

Test(report_json, every_rule_is_listed)
{
    char *text = report_fixture_print(fixture, "json", 1, 1);
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"summary\": "), RULE_COUNT));
    has(text, "\"findings\": [],");
    free(text);
}

Test(report_json, finding_has_the_page_s_fields)
{
    char *text = report_fixture_print(fixture, "json", 0, 1);
    static const char *const keys[] = {"\"input\": 0",
                                       "\"rule\": \"recv-over-recv\"",
                                       "\"confidence\": \"confirmed\"",
                                       "\"reasons\": []",
                                       "\"gates\": true",
                                       "\"count\": 2",
                                       "\"posts\": 2",
                                       "\"harmful\": 1",
                                       "\"fingerprint_version\": 2",
                                       "\"fingerprint_coarse\": \"",
                                       "\"harm\": {\n        \"bytes\": 512,\n",
                                       "\"harm\": null",
                                       "\"path\": \"fast-then-slow\"",
                                       "\"address_source\": \"attempt\"",
                                       "\"kernel_buffer\": \"0xffffa58f2b200000\"",
                                       "\"in_image\": false",
                                       "\"endpoints\": 1",
                                       "\"count_is_minimum\": false",
                                       "\"addresses\": 2",
                                       "\"baseline\": null",
                                       "\"suppressed\": null",
                                       "\"gap_ns\": 127200",
                                       "\"same_thread\": null",
                                       "\"exposed_ns\": 183600",
                                       "\"same_endpoint\": true",
                                       "\"others\": [",
                                       "\"extent\": \"start-only\"",
                                       "\"exposed_ns\": null",
                                       "\"status\": \"0xc0000120\""};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        has(text, keys[i]);
    }
    has(text, "\"first_time\": \"2019-04-17T18:40:12.0041173Z\"");
    has(text, "\"last_time\": \"2019-04-17T18:40:13.0041173Z\"");
    has(text, "\"at\": 12.0041173");
    has(text, "\"ticks\": \"5120041173\"");
    free(text);
}

Test(report_json, names_of_the_trace_are_escaped)
{
    char *text = report_fixture_print(fixture, "json", 0, 1);
    has(text, "\"image\": \"ev\\u001b[31mil\\n<b>&\\\"'|`,%::]]>.exe\"");
    cr_assert(strchr(text, 0x1b) == NULL);
    free(text);
}

Test(report_json, max_findings_counts_what_it_leaves_out)
{
    fixture->settings.max_findings = 1;
    /* A second finding of one rule: send-over-send becomes recv-over-recv of another process. */
    struct finding *finding = (struct finding *)findings_at(fixture->inputs[0].findings, 1);
    finding->rule = rules_find("recv-over-recv");
    char *text = report_fixture_print(fixture, "json", 0, 1);
    has(text, "\"findings_omitted\": 1,");
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"fingerprint\": "), 2));
    free(text);
}

Test(report_json, jsonl_is_trace_conflicts_summary)
{
    char *text = report_fixture_print(fixture, "jsonl", 0, 1);
    cr_assert(eq(sz, report_fixture_occurrences(text, "\n"), FIXTURE_CONFLICTS + 3));
    cr_assert_eq(strncmp(text, "{\"type\": \"trace\", \"schema\": \"bufcheck.jsonl/2\", ", 47), 0);
    cr_assert(
        eq(sz, report_fixture_occurrences(text, "\n{\"type\": \"conflict\", "), FIXTURE_CONFLICTS));
    has(text, "\n{\"type\": \"summary\", \"input\": 0, \"verdict\": \"findings\", \"exit\": 1, "
              "\"causes\": []");
    has(text, "\"reasons\": [\"completion-not-seen\", \"events-lost\"], \"level\": \"warning\", "
              "\"gates\": true, \"fingerprint\": null");
    has(text, "\n{\"type\": \"module\", \"index\": 0, \"input\": 0, \"name\": \"app.exe\"");
    has(text, "\"ended\": null, \"end\": \"pending\", \"duration_ns\": null}");
    has(text, "\"bytes\": null, \"status\": null}, \"end\": \"closed\", \"duration_ns\": 100000}");
    cr_assert(balanced(text));
    free(text);
}

Test(report_json, jsonl_of_what_could_not_be_opened_has_nulls_and_the_cause)
{
    char *text = report_fixture_print(fixture, "jsonl", 3, 1);
    has(text, "\"verdict\": \"error\", \"exit\": 2, ");
    has(text, "\"trace\": null, \"coverage\": null}\n");
    has(text, "buffer type is 9, expected 4");
    free(text);
}
