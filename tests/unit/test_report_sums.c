/* SPDX-License-Identifier: Apache-2.0 */

/* Findings summed up by pairs of call sites, and traces by their kind. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/findings/findings.h"
#include "analyzer/reports/trace_kinds.h"
#include "analyzer/reports/who.h"
#include "tests/unit/report_fixture.h"

static struct report_fixture *fixture;
static struct tracker *tracker;

static void setup(void)
{
    fixture = report_fixture_create();
    tracker = tracker_create(&(struct tracker_hooks){0}, &(struct tracker_options){.second = 1});
    cr_assert_not_null(tracker);
}

static void teardown(void)
{
    report_fixture_destroy(fixture);
    tracker_destroy(tracker);
}

TestSuite(report_sums, .init = setup, .fini = teardown);

/* ---- pairs of call sites ---- */

/* Sets the counts of input 0's findings: of the one with call sites, and of two without. */
static void count(uint64_t known_posts, uint64_t known_harmful, uint64_t other_posts,
                  uint64_t other_harmful)
{
    struct findings *findings = fixture->inputs[0].findings;
    for (size_t i = 0; i < findings_count(findings); i++) {
        struct finding *finding = findings_edit(findings, i);
        bool known = finding->examples[0]->first->posted.stack != NULL;
        finding->posts = known ? known_posts : other_posts;
        finding->harmful = known ? known_harmful : other_harmful;
    }
}

/* The pairs as text: findings, posts and harmful ones of each. */
static const char *pairs_of(bool by_module, bool whole)
{
    static char text[800];
    struct who who;
    size_t len = 0;
    fixture->report.inputs = fixture->inputs;
    fixture->report.input_count = 2;
    cr_assert(whole ? who_init_report(&who, &fixture->report, by_module)
                    : who_init(&who, &fixture->inputs[0], by_module));
    for (size_t i = 0; i < who.count; i++) {
        const struct who_pair *pair = &who.pairs[i];
        len += (size_t)snprintf(text + len, sizeof text - len, "%s %s: %u %u %u\n", pair->first,
                                pair->second, (unsigned)pair->findings, (unsigned)pair->posts,
                                (unsigned)pair->harmful);
    }
    cr_expect_eq(who_is_known(&who), strstr(text, "app") != NULL);
    who_finish(&who);
    cr_expect_eq(who.count, 0);
    return text;
}

#define SITES "app.exe+0x1a2b app.exe+0x3c4d: "
#define NOBODY "(unknown) (unknown): "

/* The pair with the most damage comes first, then the one with the most posts. */
Test(report_sums, pairs_of_call_sites_have_the_worst_first)
{
    for (unsigned whole = 0; whole < 2; whole++) {
        count(5, 2, 3, 0);
        cr_expect_str_eq(pairs_of(false, whole), SITES "1 5 2\n" NOBODY "2 6 0\n");
        count(5, 1, 3, 1);
        cr_expect_str_eq(pairs_of(false, whole), NOBODY "2 6 2\n" SITES "1 5 1\n");
        count(5, 0, 3, 0);
        cr_expect_str_eq(pairs_of(false, whole), NOBODY "2 6 0\n" SITES "1 5 0\n");
        count(7, 0, 3, 0);
        cr_expect_str_eq(pairs_of(false, whole), SITES "1 7 0\n" NOBODY "2 6 0\n");
        count(6, 0, 3, 0);
        cr_expect_str_eq(pairs_of(false, whole), SITES "1 6 0\n" NOBODY "2 6 0\n",
                         "the first finding decides");
    }
    cr_expect_str_eq(pairs_of(true, false), "app.exe app.exe: 1 6 0\n" NOBODY "2 6 0\n");
}

Test(report_sums, pairs_without_a_frame_are_of_nobody)
{
    struct findings *findings = fixture->inputs[0].findings;
    count(5, 0, 3, 0);
    for (size_t i = 0; i < findings_count(findings); i++) {
        struct conflict *shown = findings_edit(findings, i)->examples[0];
        shown->first = shown->second = fixture->conflicts[3].first;
    }
    cr_expect_str_eq(pairs_of(false, false), NOBODY "3 11 0\n");
}

/* The number behind the next member of that name. */
static unsigned long next_number(const char **at, const char *name)
{
    *at = strstr(*at, name);
    cr_assert_not_null(*at, "%s", name);
    *at += strlen(name);
    return strtoul(*at, NULL, 10);
}

/* The members findings, posts and harmful of both pairs of `who`, in their order. */
static const char *who_in_json(void)
{
    static char text[200];
    size_t len = 0;
    char *json = report_fixture_print(fixture, "json", 0, 2);
    const char *at = strstr(json, "\"who\": [");
    cr_assert_not_null(at);
    for (unsigned i = 0; i < 2; i++) {
        unsigned long findings = next_number(&at, "\"findings\": ");
        unsigned long posts = next_number(&at, "\"posts\": ");
        unsigned long harmful = next_number(&at, "\"harmful\": ");
        len += (size_t)snprintf(text + len, sizeof text - len, "%lu %lu %lu\n", findings, posts,
                                harmful);
    }
    free(json);
    return text;
}

Test(report_sums, json_has_the_worst_pairs_first)
{
    count(5, 2, 3, 0);
    cr_expect_str_eq(who_in_json(), "1 5 2\n2 6 0\n", "%s", who_in_json());
    count(5, 1, 3, 1);
    cr_expect_str_eq(who_in_json(), "2 6 2\n1 5 1\n");
    count(5, 0, 3, 0);
    cr_expect_str_eq(who_in_json(), "2 6 0\n1 5 0\n");
    count(7, 0, 3, 0);
    cr_expect_str_eq(who_in_json(), "1 7 0\n2 6 0\n");
    count(6, 0, 3, 0);
    cr_expect_str_eq(who_in_json(), "1 6 0\n2 6 0\n");
}

/* ---- kinds of traces ---- */

#define INPUTS 8 /* of different kinds */

static struct report_input inputs[20];
static struct report report;

/* An input with a finding for each letter of `causes`, which is its fingerprint. */
static void add_input(const char *causes)
{
    struct report_input *input = &inputs[report.input_count++];
    *input = fixture->inputs[0];
    input->causes = input->accepted_causes = 0;
    input->findings = findings_create(tracker, &(struct findings_options){0});
    for (size_t i = 0; causes[i] != '\0'; i++) {
        /* Of one rule and process there would be one finding. */
        cr_assert(findings_settled(input->findings, &fixture->conflicts[i + 1]));
    }
    cr_assert(findings_finish(input->findings, &input->frames));
    cr_assert_eq(findings_count(input->findings), strlen(causes));
    for (size_t i = 0; causes[i] != '\0'; i++) {
        struct finding *finding = findings_edit(input->findings, i);
        finding->level = RULE_ERROR;
        memset(finding->fingerprint.text, causes[i], sizeof finding->fingerprint.text - 1);
        memset(finding->fingerprint.coarse, 'a', sizeof finding->fingerprint.coarse - 1);
    }
}

/* The kinds as text: of each input the next one of its kind or "-", in brackets if it is a later
 * one. */
static const char *kinds(bool coarse)
{
    static char text[200];
    struct trace_kinds found;
    size_t len = 0;
    report.inputs = inputs;
    cr_assert(trace_kinds_find(&found, &report, coarse));
    for (size_t i = 0; i < report.input_count; i++) {
        char next[24] = "-";
        if (found.next[i] != TRACE_KINDS_END) {
            snprintf(next, sizeof next, "%zu", found.next[i]);
        }
        len += (size_t)snprintf(text + len, sizeof text - len, found.is_later[i] ? "(%s)" : "%s ",
                                next);
    }
    trace_kinds_finish(&found);
    return text;
}

static void forget_inputs(void)
{
    for (size_t i = 0; i < report.input_count; i++) {
        findings_destroy(inputs[i].findings);
    }
    report.input_count = 0;
}

Test(report_sums, traces_of_the_same_findings_are_of_one_kind)
{
    add_input("a");
    add_input("b");
    add_input("a");
    add_input("ab");
    add_input("ba");
    add_input("a");
    cr_expect_str_eq(kinds(false), "2 - (5)4 (-)(-)", "%s", kinds(false));
    cr_expect_str_eq(kinds(true), "1 (2)(5)4 (-)(-)", "%s", kinds(true));
    struct trace_kinds found;
    cr_assert(trace_kinds_find(&found, &report, false));
    cr_expect_eq(trace_kinds_after(&found, 0), 2);
    cr_expect_eq(trace_kinds_after(&found, 2), 1);
    cr_expect_eq(trace_kinds_after(&found, 1), 0);
    trace_kinds_finish(&found);
    forget_inputs();
}

/* Traces are of one kind where findings say all about them: with their levels, whether they are
 * known, and the verdict. */
Test(report_sums, traces_that_differ_are_of_no_kind)
{
    for (size_t i = 0; i < INPUTS; i++) {
        add_input("a");
    }
    inputs[1].verdict = VERDICT_CLEAN;
    inputs[2].causes = CAUSE_BIT(CAUSE_EVENTS_LOST);
    inputs[3].accepted_causes = CAUSE_BIT(CAUSE_EVENTS_LOST);
    findings_edit(inputs[4].findings, 0)->level = RULE_NOTE;
    findings_edit(inputs[5].findings, 0)->baseline = FINDING_UNCHANGED;
    inputs[6].verdict = VERDICT_ERROR;
    cr_expect_str_eq(kinds(false), "7 - - - - - - (-)", "%s", kinds(false));
    inputs[6].verdict = VERDICT_INCONCLUSIVE;
    cr_expect_str_eq(kinds(false), "7 - - - - - - (-)", "%s", kinds(false));
    inputs[4].verdict = VERDICT_CLEAN;
    findings_edit(inputs[1].findings, 0)->level = RULE_NOTE;
    cr_expect_str_eq(kinds(false), "7 4 - - (-)- - (-)", "%s", kinds(false));
    forget_inputs();
}

Test(report_sums, traces_without_findings_have_no_kind)
{
    add_input("");
    add_input("");
    cr_expect_str_eq(kinds(false), "- - ");
    forget_inputs();
}

/* ---- traces told together ---- */

static char many_paths[20][32];

/* Traces with the findings of input 0, "0.etl" and so on. */
static void make_many(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        inputs[i] = fixture->inputs[0];
        snprintf(many_paths[i], sizeof many_paths[i], "%zu.etl", i);
        inputs[i].path = many_paths[i];
    }
    report.input_count = count;
}

static void expect_together(const char *format, const char *wanted)
{
    char *text = report_fixture_print_inputs(fixture, format, inputs, report.input_count);
    cr_expect_not_null(strstr(text, wanted), "%s: %s", wanted, text);
    free(text);
}

/* Traces of which all is told above have one line, but those that have more to tell. */
Test(report_sums, traces_of_one_kind_are_told_together)
{
    make_many(5);
    inputs[2].causes = CAUSE_BIT(CAUSE_EVENTS_LOST);
    expect_together("text", " 1         1      1  0.etl and 3 more\n");
    expect_together("text", " 1         1      1  2.etl\n");
    expect_together("text", "\nFINDINGS  1.etl, 3.etl, 4.etl: 1 error, 1 warning, 1 note each, the "
                            "same as 1,\n  2, 3\n");
    expect_together("text", "\nAgain in 2.etl, from causes that stand above: 1, 2, 3\n");
    expect_together("markdown", " 1 | 1 | 1 | <code>0.etl</code> and 3 more |\n");
    expect_together("markdown", " 1 | 1 | 1 | <code>2.etl</code> |\n");
    expect_together("markdown", "\n* <code>1.etl</code>, <code>3.etl</code>, <code>4.etl</code>: "
                                "findings; 1 error, 1 warning, 1 note each, with details above\n");
    expect_together("markdown", "The details of 3 findings stand above, with another trace of the "
                                "same cause.\n");
    report.input_count = 0;
}

Test(report_sums, a_second_trace_is_told_alone)
{
    make_many(2);
    expect_together("text", " 1         1      1  0.etl and 1 more\n");
    expect_together("text", "\nFINDINGS  1.etl: 1 error, 1 warning, 1 note, the same as 1, 2, 3\n");
    expect_together("markdown",
                    "\n* <code>1.etl</code>: findings; 1 error, 1 warning, 1 note, with "
                    "details above\n");
    report.input_count = 0;
}

/* Twelve are named in a line of Markdown. */
Test(report_sums, many_traces_are_counted)
{
    for (size_t count = 13; count <= 15; count++) {
        char wanted[60];
        make_many(count);
        snprintf(wanted, sizeof wanted,
                 count == 13 ? "<code>12.etl</code>: findings" : "<code>12.etl</code> and 1 more:");
        if (count == 15) {
            snprintf(wanted, sizeof wanted, "<code>12.etl</code> and 2 more: findings");
        }
        expect_together("markdown", wanted);
    }
    report.input_count = 0;
}
