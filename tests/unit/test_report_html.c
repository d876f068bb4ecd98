/* SPDX-License-Identifier: Apache-2.0 */

/* The verdict at the head of the HTML report. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/findings/findings.h"
#include "analyzer/reports/html_parts.h"
#include "analyzer/reports/words.h"
#include "tests/unit/report_fixture.h"

static struct report_fixture *fixture;
static struct report_input inputs[4];

static void setup(void)
{
    fixture = report_fixture_create();
    memcpy(inputs, fixture->inputs, sizeof inputs);
}

static void teardown(void)
{
    report_fixture_destroy(fixture);
}

TestSuite(report_html, .init = setup, .fini = teardown);

/* The headline and the sentence behind it, without markup. */
static const char *verdict_of(size_t count, enum verdict verdict)
{
    static char text[4000];
    struct out out, unused;
    size_t len = 0;
    fixture->report.inputs = inputs;
    fixture->report.input_count = count;
    fixture->report.verdict = verdict;
    fixture->report.exit_status = verdict_exit(verdict);
    words_begin(&out);
    html_verdict(&out, &fixture->report);
    out_init_memory(&unused, 16);
    char *whole = words_take(&out, &unused);
    out_finish(&unused);
    const char *at = strstr(whole, "<h1>"), *end = strstr(at, "</p>");
    bool has_sentence =
        strncmp(strstr(at, "</h1>"), "</h1>\n<p class=\"verdict-sentence\">", 34) == 0;
    end = has_sentence ? end : strstr(at, "</h1>");
    for (bool inside = false; at < end; at++) {
        if (*at == '<' && strncmp(at, "</h1>", 5) == 0) {
            text[len++] = '|';
        }
        inside = *at == '<' || (inside && *at != '>');
        if (!inside && *at != '>' && *at != '\n') {
            text[len++] = *at;
        }
    }
    text[len] = '\0';
    free(whole);
    return text;
}

static void expect(size_t count, enum verdict verdict, const char *wanted)
{
    const char *text = verdict_of(count, verdict);
    cr_expect_str_eq(text, wanted, "%s", text);
}

Test(report_html, counts_the_findings_of_all_traces)
{
    struct findings *findings = inputs[0].findings;
    expect(1, VERDICT_FINDINGS,
           "1 error, 1 warning, 1 note|4 conflicts, in which memory was posted again while an "
           "earlier operation still owned it. Bytes were really damaged in 1 conflict. 2 of the "
           "findings count for the exit status (--fail-on warning).");
    inputs[1] = inputs[0];
    expect(2, VERDICT_FINDINGS,
           "2 errors, 2 warnings, 2 notes|8 conflicts, in which memory was posted again while an "
           "earlier operation still owned it. Bytes were really damaged in 2 conflicts. 4 of the "
           "findings count for the exit status (--fail-on warning).");
    findings_edit(findings, 0)->count_is_minimum = true;
    findings_edit(findings, 0)->harmful = 0;
    expect(2, VERDICT_FINDINGS,
           "2 errors, 2 warnings, 2 notes|at least 8 conflicts, in which memory was posted again "
           "while an earlier operation still owned it. The trace shows no damaged byte in this "
           "run. 4 of the findings count for the exit status (--fail-on warning).");
    findings_edit(findings, 1)->rule = findings_at(findings, 0)->rule;
    fixture->settings.max_findings = 1;
    expect(1, VERDICT_FINDINGS,
           "1 error, 1 warning, 1 note|at least 4 conflicts, in which memory was posted again "
           "while an earlier operation still owned it. The trace shows no damaged byte in this "
           "run. 2 of the findings count for the exit status (--fail-on warning). The list below "
           "leaves out 1 of the findings: --max-findings 0 shows all.");
    expect(2, VERDICT_FINDINGS,
           "2 errors, 2 warnings, 2 notes|at least 8 conflicts, in which memory was posted again "
           "while an earlier operation still owned it. The trace shows no damaged byte in this "
           "run. 4 of the findings count for the exit status (--fail-on warning). The list below "
           "leaves out 2 of the findings: --max-findings 0 shows all.");
    fixture->settings.fail_never = true;
    expect(3, VERDICT_INCONCLUSIVE,
           "Inconclusive|2 errors, 2 warnings, 2 notes: at least 8 conflicts, in which memory was "
           "posted again while an earlier operation still owned it. The trace shows no damaged "
           "byte in this run. But the traces can't show that there is no more. The list below "
           "leaves out 2 of the findings: --max-findings 0 shows all. --fail-on never: no finding "
           "counts for the exit status.");
    expect(1, VERDICT_INCONCLUSIVE,
           "Inconclusive|1 error, 1 warning, 1 note: at least 4 conflicts, in which memory was "
           "posted again while an earlier operation still owned it. The trace shows no damaged "
           "byte in this run. But the trace can't show that there is no more. The list below "
           "leaves out 1 of the findings: --max-findings 0 shows all. --fail-on never: no finding "
           "counts for the exit status.");
    expect(
        1, VERDICT_CLEAN,
        "1 error, 1 warning, 1 note, not counted|1 error, 1 warning, 1 note: at least 4 conflicts, "
        "in which memory was posted again while an earlier operation still owned it. The trace "
        "shows no damaged byte in this run. The list below leaves out 1 of the findings: "
        "--max-findings 0 shows all. --fail-on never: no finding counts for the exit status.");
}

/* Notes alone leave a trace clean. */
Test(report_html, tells_clean_traces_with_findings_apart)
{
    struct findings *findings = inputs[0].findings;
    for (size_t i = 0; i < findings_count(findings); i++) {
        findings_edit(findings, i)->level = RULE_NOTE;
        findings_edit(findings, i)->gates = false;
    }
    expect(1, VERDICT_CLEAN,
           "Clean|3 notes: 4 conflicts, in which memory was posted again while an earlier "
           "operation still owned it. Bytes were really damaged in 1 conflict. 0 of the findings "
           "count for the exit status (--fail-on warning).");
    findings_edit(findings, 2)->level = RULE_WARNING;
    expect(1, VERDICT_CLEAN,
           "1 warning, 2 notes, not counted|1 warning, 2 notes: 4 conflicts, in which memory was "
           "posted again while an earlier operation still owned it. Bytes were really damaged in 1 "
           "conflict. 0 of the findings count for the exit status (--fail-on warning).");
}

Test(report_html, says_what_it_means_that_nothing_was_found)
{
    inputs[0] = fixture->inputs[1];
    expect(1, VERDICT_CLEAN,
           "Clean|No memory was posted again while an earlier operation still owned it, in the "
           "operations whose address was visible.");
    fixture->settings.rule_enabled[0] = false;
    expect(1, VERDICT_CLEAN,
           "Clean|No memory was posted again while an earlier operation still owned it, as far as "
           "rules and filters below admit, in the operations whose address was visible. Switched "
           "off: recv-over-recv.");
    fixture->settings.rule_enabled[0] = true;
    inputs[0].none_selected = true;
    expect(1, VERDICT_CLEAN,
           "Clean|The filters admit no send or receive of this trace, so this says nothing about "
           "any.");
    expect(2, VERDICT_CLEAN,
           "Clean|No memory was posted again while an earlier operation still owned it, in the "
           "operations whose address was visible.");
    inputs[0].none_selected = false;
    expect(1, VERDICT_INCONCLUSIVE,
           "Inconclusive|Nothing was found, but this trace can't show that there is nothing.");
    expect(3, VERDICT_INCONCLUSIVE,
           "Inconclusive|Nothing was found, but some of these traces can't show that there is "
           "nothing.");
    expect(1, VERDICT_ERROR,
           "Not fully analysed|Nothing was found in what could be analysed of the trace.");
    expect(2, VERDICT_ERROR,
           "Not fully analysed|Nothing was found in what could be analysed of the traces.");
    inputs[0].coverage.recvs_user_address = 0;
    expect(1, VERDICT_CLEAN,
           "Clean|No memory was posted again while an earlier operation still owned it, in the "
           "operations whose address was visible.");
    inputs[0].coverage.sends_user_address = 0;
    expect(1, VERDICT_CLEAN,
           "Clean|No operation shows the program's memory, so nothing is known about it.");
    expect(2, VERDICT_CLEAN,
           "Clean|No memory was posted again while an earlier operation still owned it, in the "
           "operations whose address was visible.");
    inputs[0] = fixture->inputs[3];
    expect(1, VERDICT_ERROR, "Could not be read");
    expect(2, VERDICT_ERROR,
           "Not fully analysed|Nothing was found in what could be analysed of the traces.");
}

/* ---- numbers beside the verdict ---- */

/* The numbers of a trace, each with its label and what stands below. */
static const char *stats_of(const struct report_input *input)
{
    static char text[1000];
    struct out out, unused;
    size_t len = 0;
    words_begin(&out);
    html_stats(&out, input);
    out_init_memory(&unused, 16);
    char *whole = words_take(&out, &unused);
    out_finish(&unused);
    for (const char *at = whole; *at != '\0'; at++) {
        const char *end = *at == '<' ? strchr(at, '>') : NULL;
        bool is_inner =
            end != NULL && (strncmp(at, "<dd>", 4) == 0 || strncmp(at, "<span>", 6) == 0);
        if (is_inner) {
            text[len++] = '|';
        } else if (end == NULL) {
            text[len++] = *at;
        }
        at = end != NULL ? end : at;
    }
    text[len - 1] = '\0';
    free(whole);
    return text + strspn(text, "\n");
}

#define DASH "\xe2\x80\x93"
#define THIN "\xe2\x80\xaf%"

Test(report_html, has_numbers_of_a_trace)
{
    cr_expect_str_eq(stats_of(&inputs[0]),
                     "Operations|1000|900 receives, 100 sends\n"
                     "Addresses visible|91" THIN "|912 of 1000\n"
                     "End recorded|98" THIN "|985 of 1000\n"
                     "Most in flight|0|at one time\n"
                     "Lost events|0|and 0 trace buffers\n"
                     "Recorded|17.0 s|2000 Winsock events\n",
                     "%s", stats_of(&inputs[0]));
    struct etl_trace_info traces[2] = {inputs[0].traces[0], inputs[0].traces[0]};
    struct etl_record_counts counts[2] = {inputs[0].counts[0], inputs[0].counts[0]};
    inputs[0].traces = traces;
    inputs[0].counts = counts;
    inputs[0].trace_count = 2;
    traces[0].events_lost = 1;
    traces[1].events_lost = 20000;
    traces[0].buffers_lost = 1;
    inputs[0].coverage = (struct coverage){.posts = 3,
                                           .recvs = 1,
                                           .sends = 2,
                                           .sends_user_address = 1,
                                           .matched = 3,
                                           .max_in_flight = 12345,
                                           .events = 1};
    cr_expect_str_eq(stats_of(&inputs[0]),
                     "Operations|3|1 receive, 2 sends\n"
                     "Addresses visible|33" THIN "|1 of 3\n"
                     "End recorded|100" THIN "|3 of 3\n"
                     "Most in flight|12\xe2\x80\xaf"
                     "345|at one time\n"
                     "Lost events|20\xe2\x80\xaf"
                     "001|and 1 trace buffer\n"
                     "Recorded|17.0 s|1 Winsock event\n",
                     "%s", stats_of(&inputs[0]));
    traces[1].buffers_lost = 1;
    inputs[0].coverage = (struct coverage){0};
    counts[0].any_time = false;
    cr_expect_str_eq(stats_of(&inputs[0]),
                     "Operations|0|0 receives, 0 sends\n"
                     "Addresses visible|" DASH "|no operation\n"
                     "End recorded|" DASH "|no operation\n"
                     "Most in flight|0|at one time\n"
                     "Lost events|20\xe2\x80\xaf"
                     "001|and 2 trace buffers\n"
                     "Recorded|" DASH "|no event\n",
                     "%s", stats_of(&inputs[0]));
    inputs[0].trace_count = 0;
    counts[0].any_time = true;
    cr_expect_str_eq(stats_of(&inputs[0]),
                     "Operations|0|0 receives, 0 sends\n"
                     "Addresses visible|" DASH "|no operation\n"
                     "End recorded|" DASH "|no operation\n"
                     "Most in flight|0|at one time\n"
                     "Lost events|0|and 0 trace buffers\n"
                     "Recorded|" DASH "|no event\n",
                     "%s", stats_of(&inputs[0]));
}
