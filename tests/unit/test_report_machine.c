/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/words.h"
#include "parsers/kernel/kernel_events.h"
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

TestSuite(report_machine, .init = set_up, .fini = tear_down);

static void has(const char *text, const char *what)
{
    cr_assert(strstr(text, what) != NULL, "\"%s\" is missing in:\n%s", what, text);
}

static void lacks(const char *text, const char *what)
{
    cr_assert(strstr(text, what) == NULL, "\"%s\" is in:\n%s", what, text);
}

/* The first input `count` times: many findings. */
static char *print_copies(const char *format, size_t count)
{
    struct report_input *inputs = calloc(count, sizeof *inputs);
    for (size_t i = 0; i < count; i++) {
        inputs[i] = fixture->inputs[0];
    }
    char *text = report_fixture_print_inputs(fixture, format, inputs, count);
    free(inputs);
    return text;
}

Test(report_machine, no_format_lets_control_characters_through)
{
    for (size_t i = 0; i < report_format_count; i++) {
        char *text = report_fixture_print(fixture, report_formats[i]->name, 0, FIXTURE_INPUTS);
        cr_assert(text != NULL && strchr(text, 0x1b) == NULL, "%s", report_formats[i]->name);
        free(text);
    }
}

Test(report_machine, formats_are_found_by_name)
{
    static const char *const names[] = {"text",     "json",     "jsonl", "sarif",  "junit",
                                        "markdown", "perfetto", "csv",   "github", "gitlab"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct report_format *format = report_format_find(names[i]);
        cr_assert(format != NULL, "%s", names[i]);
        cr_assert(eq(str, (char *)format->name, (char *)names[i]));
    }
    cr_assert(report_format_find("xml") == NULL);
}

/* --- sarif ------------------------------------------------------------------------------------ */

Test(report_machine, sarif_declares_all_rules_and_has_results_when_clean)
{
    char *text = report_fixture_print(fixture, "sarif", 1, 1);
    has(text, "\"results\": []");
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"defaultConfiguration\": {\"enabled\""),
                 RULE_COUNT));
    has(text, "\"executionSuccessful\": true");
    free(text);
}

Test(report_machine, sarif_results_have_a_relative_file_line_and_fingerprint)
{
    char *text = report_fixture_print(fixture, "sarif", 0, 1);
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"primaryLocationLineHash\": \""), 3));
    has(text, "\"uri\": \"trace%20dir/app%2Cone.etl\"");
    has(text, "\"startLine\": 1}");
    has(text, "\"occurrenceCount\": 2,");
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"codeFlows\": ["), 3));
    /* post, post, end, end of the first and third; post, post of the second */
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"executionOrder\": "), 10));
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"stacks\": ["), 1));
    free(text);
}

Test(report_machine, sarif_anchor_pins_results_to_a_file_and_line)
{
    fixture->settings.sarif_anchor = "./src/net io.c:42";
    char *text = report_fixture_print(fixture, "sarif", 0, 1);
    has(text, "\"uri\": \"src/net%20io.c\"");
    has(text, "\"startLine\": 42}");
    free(text);
}

/* The option may be typed on Windows, and the file is one of a repository. */
Test(report_machine, an_anchors_backslashes_separate_folders)
{
    static const char *const formats[] = {"sarif", "github", "gitlab"};
    fixture->settings.sarif_anchor = ".\\src\\net.c:42";
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        char *text = report_fixture_print(fixture, formats[i], 0, 1);
        cr_expect_not_null(strstr(text, "src/net.c"), "%s", formats[i]);
        cr_expect_null(strstr(text, "src\\"), "%s", formats[i]);
        cr_expect_null(strstr(text, "./src"), "%s", formats[i]);
        free(text);
    }
}

Test(report_machine, sarif_says_failure_and_doubt_as_notifications)
{
    char *text = report_fixture_print(fixture, "sarif", 2, 2);
    has(text, "\"executionSuccessful\": false");
    has(text, "\"id\": \"inconclusive\"");
    has(text, "\"id\": \"input-failed\"");
    free(text);
}

Test(report_machine, sarif_message_of_a_hostile_name_is_no_placeholder_or_link)
{
    struct kernel_event *event = calloc(1, sizeof *event);
    event->kind = KERNEL_PROCESS_SEEN;
    event->process_key = UINT64_C(0xffffe00032345080);
    event->pid = 667;
    memcpy(event->name, "{1}[x](y)", 10);
    fixture->conflicts[2].second->process->address = event->process_key;
    names_add(fixture->inputs[0].names, event, INT64_C(5000000001));
    free(event);
    char *text = report_fixture_print(fixture, "sarif", 0, 1);
    has(text, "{{1}}\\\\[x\\\\](y)");
    free(text);
}

/* --- junit ------------------------------------------------------------------------------------ */

Test(report_machine, junit_has_a_case_for_each_rule_and_one_for_the_trace)
{
    char *text = report_fixture_print(fixture, "junit", 0, FIXTURE_INPUTS);
    has(text, "<testsuites name=\"bufcheck\" tests=\"28\" failures=\"2\" errors=\"2\"");
    cr_assert(eq(sz, report_fixture_occurrences(text, "<testcase "), 28));
    cr_assert(eq(sz, report_fixture_occurrences(text, "<failure "), 2));
    cr_assert(eq(sz, report_fixture_occurrences(text, "<error "), 2));
    cr_assert(eq(sz, report_fixture_occurrences(text, "<skipped "), RULE_COUNT));
    has(text, "&lt;b&gt;&amp;&quot;'|`,%::]]&gt;.exe");
    lacks(text, "<b>");
    free(text);
}

Test(report_machine, junit_accepted_causes_are_skipped)
{
    fixture->inputs[1].accepted_causes = CAUSE_BIT(CAUSE_EVENTS_LOST);
    char *text = report_fixture_print(fixture, "junit", 1, 1);
    has(text, "<skipped message=\"accepted by --allow-inconclusive: events-lost\"/>");
    has(text, "errors=\"0\" skipped=\"1\"");
    free(text);
}

Test(report_machine, junit_classes_of_one_name_in_two_folders_are_paths)
{
    fixture->inputs[1].path = "a/same.etl";
    fixture->inputs[2].path = "b/same.etl";
    fixture->inputs[3].path = "b/other.etl";
    char *text = report_fixture_print(fixture, "junit", 1, 3);
    cr_assert(eq(sz, report_fixture_occurrences(text, "classname=\"a/same.etl\""), 7));
    cr_assert(eq(sz, report_fixture_occurrences(text, "classname=\"b/same.etl\""), 7));
    cr_assert(eq(sz, report_fixture_occurrences(text, "classname=\"other.etl\""), 7));
    free(text);
}

/* --- markdown --------------------------------------------------------------------------------- */

Test(report_machine, junit_has_attributes_of_one_line)
{
    fixture->inputs[0].path = "a\tb\nc.etl";
    char *text = report_fixture_print(fixture, "junit", 0, FIXTURE_INPUTS);
    has(text, "<testsuite name=\"a\\tb\\nc.etl\"");
    for (const char *line = text; line != NULL; line = strchr(line + 1, '\n')) {
        const char *tag = strstr(line, "<testcase ");
        cr_assert(tag == NULL || strcspn(tag, "\n") > strcspn(tag, ">"));
    }
    free(text);
}

Test(report_machine, html_has_the_health_of_a_hundred_clean_traces)
{
    struct report_input *inputs = calloc(103, sizeof *inputs);
    for (size_t i = 0; i < 103; i++) {
        inputs[i] = fixture->inputs[i == 50 ? 2 : 1];
        inputs[i].caveat_count = inputs[i].note_count = 0;
    }
    char *text = report_fixture_print_inputs(fixture, "html", inputs, 103);
    has(text, "The health of 2 more clean traces is not in this file");
    cr_assert(eq(sz, report_fixture_occurrences(text, "<div class=\"health-grid\">"), 101));
    free(text);
    text = report_fixture_print_inputs(fixture, "html", inputs, 101);
    lacks(text, "is not in this file");
    free(text);
    free(inputs);
}

Test(report_machine, markdown_says_in_its_heading_what_is_off)
{
    fixture->settings.fail_never = true;
    fixture->settings.rule_enabled[0] = fixture->settings.rule_enabled[1] = false;
    char *text = report_fixture_print(fixture, "markdown", 1, 1);
    has(text, "# bufcheck: clean (exit status 0; --fail-on never; 2 rules off)\n");
    free(text);
}

Test(report_machine, markdown_leaves_underscores_within_words_alone)
{
    fixture->inputs[1].path = "_my_long_trace_.etl";
    char *text = report_fixture_print(fixture, "markdown", 1, 1);
    has(text, "<code>&#95;my_long_trace&#95;.etl</code>");
    free(text);
}

Test(report_machine, formats_say_why_an_input_failed_and_nothing_of_the_kind_of_others)
{
    static const char *const names[] = {"json",     "sarif",  "junit", "html",
                                        "markdown", "github", "gitlab"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *failed = report_fixture_print(fixture, names[i], 3, 1);
        char *clean = report_fixture_print(fixture, names[i], 1, 1);
        has(failed, "buffer type is 9, expected 4 (offset 12)");
        lacks(clean, "exit status 2");
        lacks(clean, "class=\"verdict-sentence trouble\"");
        free(failed);
        free(clean);
    }
}

Test(report_machine, markdown_has_table_folded_findings_and_health)
{
    char *text = report_fixture_print(fixture, "markdown", 0, 1);
    has(text, "| :red_circle: error | recv-over-recv | confirmed | <code>app.exe (4120)</code> | "
              "<code>app.exe+0x1a2b</code> | <code>app.exe+0x3c4d</code> | 2 | 512 bytes |\n");
    cr_assert(eq(sz, report_fixture_occurrences(text, "<details>"), 4));
    cr_assert(eq(sz, report_fixture_occurrences(text, "</details>"), 4));
    has(text, "<code>ev&#92;x1b&#91;31mil&#92;n&#60;b>&#38;");
    free(text);
}

Test(report_machine, markdown_stays_below_one_mebibyte_and_says_what_is_missing)
{
    fixture->settings.verbose = true; /* else a cause is printed once */
    char *text = print_copies("markdown", 400);
    cr_assert(lt(sz, strlen(text), 1024 * 1024));
    cr_assert(gt(sz, strlen(text), 900 * 1024));
    has(text, " did not fit into 1 000 000 bytes.");
    cr_assert(eq(sz, report_fixture_occurrences(text, "<details>"),
                 report_fixture_occurrences(text, "</details>")));
    free(text);
}

Test(report_machine, markdown_keeps_the_limit_that_was_given)
{
    fixture->settings.max_bytes = 65536;
    char *text = print_copies("markdown", 60);
    cr_assert(le(sz, strlen(text), 65536));
    cr_assert(gt(sz, strlen(text), 50000));
    has(text, " did not fit into 65 536 bytes.");
    free(text);
}

Test(report_machine, markdown_keeps_every_limit)
{
    for (uint64_t limit = 512; limit < 20000; limit = limit * 9 / 8) {
        fixture->settings.max_bytes = limit;
        char *text = print_copies("markdown", 60);
        cr_assert(le(sz, strlen(text), (size_t)limit));
        has(text, "# bufcheck: ");
        has(text, " did not fit into ");
        has(text, "`bufcheck explain RULE` says");
        free(text);
    }
}

Test(report_machine, markdown_of_many_files_has_findings_first_and_clean_ones_in_a_line)
{
    struct report_input *inputs = calloc(2401, sizeof *inputs);
    for (size_t i = 0; i < 2400; i++) {
        inputs[i] = fixture->inputs[1];
    }
    inputs[2400] = fixture->inputs[0];
    char *text = report_fixture_print_inputs(fixture, "markdown", inputs, 2401);
    const char *finding = strstr(text, "<summary><b>error recv-over-recv</b>");
    const char *clean = strstr(text, "* <code>quiet.etl</code>: clean; ");
    cr_assert(finding != NULL && clean != NULL && finding < clean);
    cr_assert(eq(sz, report_fixture_occurrences(text, "<summary><b>"), 3));
    cr_assert(eq(sz, report_fixture_occurrences(text, "\n* <code>quiet.etl"), 2400));
    free(text);
    free(inputs);
}

Test(report_machine, markdown_of_many_files_has_the_failed_ones_first)
{
    char *text = report_fixture_print(fixture, "markdown", 0, FIXTURE_INPUTS);
    const char *failed = strstr(text, "missing.etl");
    cr_assert(failed != NULL && failed < strstr(text, "app,one.etl"), "%s", text);
    free(text);
}

Test(report_machine, markdown_fence_is_longer_than_backticks_inside)
{
    fixture->inputs[0].path = "a````b.etl";
    char *text = report_fixture_print(fixture, "markdown", 0, 1);
    has(text, "\n`````text\nFINDINGS  a````b.etl");
    free(text);
}

/* --- csv, github, gitlab, perfetto ------------------------------------------------------------ */

Test(report_machine, csv_has_a_line_for_each_finding_and_quotes)
{
    char *text = report_fixture_print(fixture, "csv", 0, FIXTURE_INPUTS);
    cr_assert(eq(sz, report_fixture_occurrences(text, "\r\n"), 4));
    cr_assert(eq(sz, report_fixture_occurrences(text, "\n"), 4));
    has(text,
        "\r\n0,\"trace dir/app,one.etl\",recv-over-recv,error,confirmed,,error,true,false,2,2,"
        "1,false,");
    free(text);
}

Test(report_machine, csv_does_not_start_formulas)
{
    fixture->inputs[0].path = "=cmd.etl";
    char *text = report_fixture_print(fixture, "csv", 0, 1);
    has(text, "\r\n0,'=cmd.etl,");
    free(text);
}

Test(report_machine, github_prints_the_ten_worst_of_each_kind_and_a_pointer)
{
    char *text = print_copies("github", 12);
    cr_assert(eq(sz, report_fixture_occurrences(text, "\n::") + 1, 30));
    cr_assert(eq(sz, report_fixture_occurrences(text, "::error title=recv-over-recv::"), 10));
    cr_assert(eq(sz, report_fixture_occurrences(text, "::warning title=send-over-send::"), 10));
    cr_assert(eq(sz, report_fixture_occurrences(text, "::notice title="), 10));
    has(text, "::notice title=bufcheck::7 more are not annotated");
    free(text);
}

Test(report_machine, github_keeps_findings_before_traces_that_could_not_be_judged)
{
    struct report_input inputs[32];
    for (size_t i = 0; i < 32; i++) {
        inputs[i] = fixture->inputs[i < 12 ? 3 : i < 24 ? 2 : 0];
    }
    char *text = report_fixture_print_inputs(fixture, "github", inputs, 32);
    cr_assert(eq(sz, report_fixture_occurrences(text, "::error title=recv-over-recv::"), 8));
    cr_assert(eq(sz, report_fixture_occurrences(text, "::error title=bufcheck could not"), 2));
    cr_assert(eq(sz, report_fixture_occurrences(text, "::warning title=send-over-send::"), 8));
    cr_assert(eq(sz, report_fixture_occurrences(text, "::warning title=bufcheck%3A inc"), 2));
    free(text);
    for (size_t i = 2; i < 14; i++) {
        inputs[i] = fixture->inputs[0];
    }
    text = report_fixture_print_inputs(fixture, "github", inputs, 32);
    cr_assert(eq(sz, report_fixture_occurrences(text, "::error title=recv-over-recv::"), 9));
    cr_assert(eq(sz, report_fixture_occurrences(text, "::error title=bufcheck could not"), 1));
    cr_assert(eq(sz, report_fixture_occurrences(text, "::warning title=send-over-send::"), 9));
    cr_assert(eq(sz, report_fixture_occurrences(text, "::warning title=bufcheck%3A inc"), 1));
    free(text);
}

Test(report_machine, github_escapes_what_ends_a_command)
{
    fixture->settings.sarif_anchor = "src/a,b.c:7";
    char *text = report_fixture_print(fixture, "github", 0, 1);
    has(text, "::error title=recv-over-recv,file=src/a%2Cb.c,line=7::A receive");
    has(text, "|`,%25::]]>.exe");
    free(text);
}

Test(report_machine, gitlab_fingerprints_are_unique)
{
    char *text = print_copies("gitlab", 3);
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"fingerprint\": "), 9));
    cr_assert(eq(sz, report_fixture_occurrences(text, "-2\",\n    \"severity\": \"critical\""), 1));
    cr_assert(eq(sz, report_fixture_occurrences(text, "-3\",\n    \"severity\": \"critical\""), 1));
    free(text);
}

/* Takes the fingerprint of a trace that failed or is inconclusive out of a report. */
static void trouble_fingerprint(const char *text, const char *verdict, char value[64])
{
    char begin[64];
    snprintf(begin, sizeof begin, "\"fingerprint\": \"%s-", verdict);
    const char *found = strstr(text, begin);
    cr_assert(found != NULL, "%s", text);
    snprintf(value, 64, "%.*s", (int)strcspn(found + 16, "\""), found + 16);
}

Test(report_machine, gitlab_fingerprints_of_trouble_are_of_path_and_causes)
{
    char alone[64], among[64], other[64], failed[64];
    char *text = report_fixture_print(fixture, "gitlab", 2, 1);
    trouble_fingerprint(text, "inconclusive", alone);
    free(text);
    text = report_fixture_print(fixture, "gitlab", 0, FIXTURE_INPUTS);
    trouble_fingerprint(text, "inconclusive", among);
    trouble_fingerprint(text, "error", failed);
    free(text);
    fixture->inputs[2].path = "other.etl";
    text = report_fixture_print(fixture, "gitlab", 2, 1);
    trouble_fingerprint(text, "inconclusive", other);
    free(text);
    cr_assert(eq(str, alone, among));
    cr_assert(ne(str, alone, other));
    cr_assert(ne(str, alone, failed));
    fixture->inputs[2].causes |= CAUSE_BIT(CAUSE_NO_POSTS);
    text = report_fixture_print(fixture, "gitlab", 2, 1);
    trouble_fingerprint(text, "inconclusive", among);
    cr_assert(ne(str, other, among));
    free(text);
}

Test(report_machine, gitlab_without_findings_is_an_empty_array)
{
    char *text = report_fixture_print(fixture, "gitlab", 1, 1);
    cr_assert(eq(str, text, (char *)"[]\n"));
    free(text);
}

Test(report_machine, perfetto_slices_begin_and_end_and_arrows_have_two_ends)
{
    char *text = report_fixture_print(fixture, "perfetto", 0, 1);
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"ph\": \"b\""), 16));
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"ph\": \"e\""), 16));
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"ph\": \"X\""), 8));
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"ph\": \"s\""), 4));
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"ph\": \"f\""), 4));
    has(text, "{\"ph\": \"M\", \"name\": \"process_name\", \"pid\": 4120, \"tid\": 5116, "
              "\"args\": {\"name\": \"app.exe (4120)\"}}");
    has(text, "\"ts\": 12003990.100");
    free(text);
}

Test(report_machine, perfetto_keeps_processes_of_several_traces_apart)
{
    char *text = print_copies("perfetto", 2);
    cr_assert(eq(sz, report_fixture_occurrences(text, "\"process_name\""), 4));
    has(text, "\"name\": \"process_name\", \"pid\": 2, ");
    has(text, "\"name\": \"process_name\", \"pid\": 5, ");
    free(text);
}

/* --- paths ------------------------------------------------------------------------------------ */

static char *uri_of(const char *path)
{
    struct out text, rest;
    out_init_memory(&rest, 16);
    words_begin(&text);
    words_relative_uri(&text, path);
    return words_take(&text, &rest);
}

Test(report_machine, uris_are_relative_and_encoded)
{
    static const struct {
        const char *path, *uri;
    } cases[] = {
        {"a.etl", "a.etl"},          {"./x/a b.etl", "x/a%20b.etl"}, {"/data/x/a.etl", "a.etl"},
        {"./a:b.etl", "a%3Ab.etl"},  {"a\\b.etl", "a%5Cb.etl"},      {"../x/./a.etl", "x/./a.etl"},
        {"-", "standard-input.etl"}, {"\xc3\xa4.etl", "%C3%A4.etl"}, {"/", "standard-input.etl"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *uri = uri_of(cases[i].path);
        cr_assert(eq(str, uri, (char *)cases[i].uri));
        free(uri);
    }
}
