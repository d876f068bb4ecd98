/* SPDX-License-Identifier: Apache-2.0 */

/*
 * `junit`: the dialect that Jenkins and GitLab share. A suite for each input, in it a case for each
 * rule and one for the trace itself. GitLab shows nothing but a failure's text, so all of a
 * finding stands there.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/format_text.h"
#include "analyzer/reports/formats.h"
#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/words.h"
#include "base/utf.h"

#define TRACE_CASE "trace-can-be-judged"

struct junit {
    struct out *out;
    const struct report_settings *settings;
    const char **names; /* the inputs' base names, sorted */
    size_t name_count;
};

static void *junit_create(struct out *out, const struct report_settings *settings)
{
    struct junit *junit = malloc(sizeof *junit);
    if (junit != NULL) {
        *junit = (struct junit){.out = out, .settings = settings};
    }
    return junit;
}

static bool xml_allows(uint32_t c)
{
    return c == '\n' || c == '\t' || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
           (c >= 0x10000 && c <= 0x10FFFF);
}

/* Character data, or the value of an attribute in double quotes; such a value is one line. */
static void xml_text(struct out *out, const char *text)
{
    size_t len = strlen(text);
    size_t used = 1;
    for (size_t i = 0; i < len; i += used) {
        uint32_t c = utf_decode(text + i, len - i, &used);
        if (!xml_allows(c)) {
            out_str(out, "\xEF\xBF\xBD");
        } else if (c == '&') {
            out_str(out, "&amp;");
        } else if (c == '<') {
            out_str(out, "&lt;");
        } else if (c == '>') {
            out_str(out, "&gt;");
        } else if (c == '"') {
            out_str(out, "&quot;");
        } else {
            out_write(out, text + i, used);
        }
    }
}

static void attribute(struct out *out, const char *name, const char *value)
{
    out_printf(out, " %s=\"", name);
    xml_text(out, value);
    out_char(out, '"');
}

/* Text of the trace or of a path: control characters visible first, then XML. */
static void escaped_attribute(const struct junit *junit, const char *name, const char *value)
{
    struct out text;
    words_begin(&text);
    text_escape(&text, value);
    char *escaped = words_take(&text, junit->out);
    attribute(junit->out, name, escaped != NULL ? escaped : "");
    free(escaped);
}

static void element_words(const struct junit *junit, struct out *words)
{
    char *text = words_take(words, junit->out);
    xml_text(junit->out, text != NULL ? text : "");
    free(text);
}

/* --- counts of a suite ---------------------------------------------------------------------- */

struct tally {
    uint64_t tests, failures, errors, skipped;
};

/* How many findings of a rule an input has, and whether one gates. */
static uint64_t findings_of_rule(const struct report_input *input, const struct rule *rule,
                                 bool *gates)
{
    uint64_t count = 0;
    *gates = false;
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (finding->rule != rule) {
            continue;
        }
        count++;
        *gates = *gates || finding->gates;
    }
    return count;
}

static bool trace_is_error(const struct report_input *input)
{
    return input->verdict == VERDICT_ERROR || input->verdict == VERDICT_INCONCLUSIVE;
}

static struct tally tally_input(const struct junit *junit, const struct report_input *input)
{
    struct tally tally = {.tests = RULE_COUNT + 1};
    for (size_t i = 0; i < RULE_COUNT; i++) {
        bool gates = false;
        findings_of_rule(input, rules_table[i], &gates);
        if (gates) {
            tally.failures++;
        } else if (!input->opened || !junit->settings->rule_enabled[i]) {
            tally.skipped++;
        }
    }
    if (trace_is_error(input)) {
        tally.errors++;
    } else if (input->accepted_causes != 0) {
        tally.skipped++;
    }
    return tally;
}

static void tally_attributes(struct out *out, const struct tally *tally, bool skipped)
{
    out_printf(out, " tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64 "\"",
               tally->tests, tally->failures, tally->errors);
    if (skipped) {
        out_printf(out, " skipped=\"%" PRIu64 "\"", tally->skipped);
    }
    out_str(out, " time=\"0\"");
}

/* --- cases ------------------------------------------------------------------------------------ */

/* The texts of a rule's findings, without those that are known already where `fresh`. */
static void rule_texts(const struct junit *junit, const struct report_input *input,
                       const struct rule *rule, bool fresh)
{
    struct part_limit limit;
    part_limit_init(&limit, junit->settings);
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (finding->rule != rule || (fresh && finding_is_known(finding)) ||
            !part_limit_admits(&limit, finding)) {
            continue;
        }
        struct out words;
        words_begin(&words);
        words_finding(&words, junit->settings, input, finding);
        element_words(junit, &words);
        out_char(junit->out, '\n');
    }
    if (part_limit_omitted(&limit) != 0) {
        out_printf(junit->out, "%" PRIu64 " more are not shown; --max-findings 0 shows all\n",
                   part_limit_omitted(&limit));
    }
}

/* The worst finding of the rule that gates: findings are sorted. */
static const struct finding *worst_of_rule(const struct report_input *input,
                                           const struct rule *rule)
{
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (finding->rule == rule && finding->gates) {
            return finding;
        }
    }
    return NULL;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* False without memory. */
static bool gather_names(struct junit *junit, const struct report *report)
{
    junit->names = calloc(report->input_count + 1, sizeof *junit->names);
    if (junit->names == NULL) {
        return false;
    }
    for (; junit->name_count < report->input_count; junit->name_count++) {
        junit->names[junit->name_count] = part_base_name(report->inputs[junit->name_count].path);
    }
    qsort(junit->names, junit->name_count, sizeof *junit->names, by_text);
    return true;
}

/* The base name, or the path where another input has the same base name: consumers take cases of
 * one class and name for one. */
static const char *class_name(const struct junit *junit, const struct report_input *input)
{
    const char *base = part_base_name(input->path);
    const char **found =
        bsearch(&base, junit->names, junit->name_count, sizeof *junit->names, by_text);
    if (found == NULL) {
        return input->path;
    }
    bool first = found == junit->names || strcmp(found[-1], base) != 0;
    bool last = found + 1 == junit->names + junit->name_count || strcmp(found[1], base) != 0;
    return first && last ? base : input->path;
}

static void begin_case(const struct junit *junit, const struct report_input *input,
                       const char *name)
{
    out_str(junit->out, "    <testcase");
    attribute(junit->out, "name", name);
    escaped_attribute(junit, "classname", class_name(junit, input));
    out_str(junit->out, " time=\"0\"");
}

static void failure_case(const struct junit *junit, const struct report_input *input,
                         const struct rule *rule)
{
    const struct finding *worst = worst_of_rule(input, rule);
    struct out words;
    words_begin(&words);
    words_headline(&words, worst);
    out_str(&words, ": ");
    words_sentence(&words, input, worst);
    char *sentence = words_take(&words, junit->out);
    out_str(junit->out, ">\n      <failure");
    attribute(junit->out, "message", sentence != NULL ? sentence : "");
    attribute(junit->out, "type", rule_level_name(worst->level));
    out_char(junit->out, '>');
    rule_texts(junit, input, rule, true);
    out_str(junit->out, "</failure>\n    </testcase>\n");
    free(sentence);
}

static void rule_case(const struct junit *junit, const struct report_input *input, size_t index)
{
    bool gates = false;
    const struct rule *rule = rules_table[index];
    uint64_t count = findings_of_rule(input, rule, &gates);
    begin_case(junit, input, rule->name);
    if (gates) {
        failure_case(junit, input, rule);
    } else if (count != 0) {
        out_str(junit->out, ">\n      <system-out>");
        rule_texts(junit, input, rule, false);
        out_str(junit->out, "</system-out>\n    </testcase>\n");
    } else if (!input->opened) {
        out_str(junit->out, ">\n      <skipped message=\"the trace could not be read\"/>\n"
                            "    </testcase>\n");
    } else if (!junit->settings->rule_enabled[index]) {
        out_str(junit->out, ">\n      <skipped message=\"the rule is switched off\"/>\n"
                            "    </testcase>\n");
    } else {
        out_str(junit->out, "/>\n");
    }
}

static void accepted_message(struct out *text, const struct report_input *input)
{
    const char *separator = "accepted by --allow-inconclusive: ";
    for (uint32_t left = input->accepted_causes; left != 0;) {
        enum cause cause = cause_take(&left);
        out_printf(text, "%s%s", separator, cause_name(cause));
        separator = ", ";
    }
}

static void trace_case(const struct junit *junit, const struct report_input *input)
{
    struct out words;
    begin_case(junit, input, TRACE_CASE);
    if (!trace_is_error(input) && input->accepted_causes == 0) {
        out_str(junit->out, "/>\n");
        return;
    }
    words_begin(&words);
    if (trace_is_error(input)) {
        words_trouble(&words, junit->settings, input);
    } else {
        accepted_message(&words, input);
    }
    char *message = words_take(&words, junit->out);
    out_str(junit->out, trace_is_error(input) ? ">\n      <error" : ">\n      <skipped");
    attribute(junit->out, "message", message != NULL ? message : "");
    if (trace_is_error(input)) {
        attribute(junit->out, "type", verdict_name(input->verdict));
        out_char(junit->out, '>');
        words_begin(&words);
        words_verdict(&words, junit->settings, input);
        element_words(junit, &words);
        out_str(junit->out, "</error>\n");
    } else {
        out_str(junit->out, "/>\n");
    }
    out_str(junit->out, "    </testcase>\n");
    free(message);
}

static void suite(const struct junit *junit, const struct report_input *input)
{
    struct tally tally = tally_input(junit, input);
    struct out words;
    out_str(junit->out, "  <testsuite");
    escaped_attribute(junit, "name", input->path);
    tally_attributes(junit->out, &tally, true);
    out_str(junit->out, ">\n    <properties>\n      <property name=\"verdict\"");
    attribute(junit->out, "value", verdict_name(input->verdict));
    out_str(junit->out, "/>\n    </properties>\n");
    for (size_t i = 0; i < RULE_COUNT; i++) {
        rule_case(junit, input, i);
    }
    trace_case(junit, input);
    out_str(junit->out, "    <system-out>");
    words_begin(&words);
    words_verdict(&words, junit->settings, input);
    words_health(&words, junit->settings, input);
    element_words(junit, &words);
    out_str(junit->out, "</system-out>\n  </testsuite>\n");
}

static void junit_finish(void *user, const struct report *report)
{
    struct junit *junit = user;
    struct tally all = {0};
    if (!gather_names(junit, report)) {
        out_fail(junit->out, OUT_NO_MEMORY, ENOMEM);
        return;
    }
    for (size_t i = 0; i < report->input_count; i++) {
        struct tally one = tally_input(junit, &report->inputs[i]);
        all.tests += one.tests;
        all.failures += one.failures;
        all.errors += one.errors;
    }
    out_str(junit->out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"bufcheck\"");
    tally_attributes(junit->out, &all, false);
    out_str(junit->out, ">\n");
    for (size_t i = 0; i < report->input_count; i++) {
        suite(junit, &report->inputs[i]);
    }
    out_str(junit->out, "</testsuites>\n");
}

static void junit_destroy(void *user)
{
    struct junit *junit = user;
    if (junit != NULL) {
        free(junit->names);
    }
    free(junit);
}

const struct report_format report_junit = {
    .name = "junit",
    .help = "for Jenkins and GitLab: a test case for each rule",
    .create = junit_create,
    .finish = junit_finish,
    .destroy = junit_destroy,
};
