/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/html_parts.h"
#include "analyzer/reports/html_text.h"
#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/words.h"

static void sum_counts(const struct report *report, struct part_counts *sum)
{
    *sum = (struct part_counts){0};
    for (size_t i = 0; i < report->input_count; i++) {
        struct part_counts counts;
        part_count(&report->inputs[i], &counts);
        for (unsigned level = RULE_NOTE; level <= RULE_ERROR; level++) {
            sum->by_level[level] += counts.by_level[level];
        }
        sum->gating += counts.gating;
        sum->conflicts += counts.conflicts;
        sum->posts += counts.posts;
        sum->posts_overlap |= counts.posts_overlap;
        sum->harmful += counts.harmful;
        sum->harmful_sure += counts.harmful_sure;
        sum->harmless += counts.harmless;
        sum->unknown += counts.unknown;
        sum->at_least |= counts.at_least;
    }
}

static uint64_t finding_sum(const struct part_counts *counts)
{
    uint64_t sum = 0;
    for (unsigned level = RULE_NOTE; level <= RULE_ERROR; level++) {
        sum += counts->by_level[level];
    }
    return sum;
}

/* Counts of findings, "2 errors, 1 note". `unbroken`: as markup that parts no number from its noun
 * at the end of a line. */
static void put_counts(struct out *out, const char *text, bool unbroken)
{
    while (unbroken && *text != '\0') {
        size_t len = strcspn(text, ",");
        out_printf(out, "<span class=\"unbroken\">%.*s</span>", (int)len, text);
        text += len;
        size_t separator = strspn(text, ", ");
        out_printf(out, "%.*s", (int)separator, text);
        text += separator;
    }
    out_str(out, text);
}

/* The line that a person reads first; `unbroken` is for put_counts(). */
static void headline(struct out *out, const struct report *report, const struct part_counts *counts,
                     bool unbroken)
{
    char text[PART_COUNTS_LEN];
    switch (report->verdict) {
    case VERDICT_CLEAN:
        part_counts_text(counts, text);
        if (finding_sum(counts) == counts->by_level[RULE_NOTE]) {
            out_str(out, "Clean");
        } else {
            out_printf(out, "%s, not counted", text); /* a clean trace looks different */
        }
        break;
    case VERDICT_FINDINGS:
        part_counts_text(counts, text);
        put_counts(out, text, unbroken);
        break;
    case VERDICT_INCONCLUSIVE:
        out_str(out, "Inconclusive");
        break;
    case VERDICT_ERROR:
        out_str(out, report->input_count == 1 && !report->inputs[0].opened ? "Could not be read"
                                                                           : "Not fully analysed");
        break;
    }
}

void html_title(struct out *out, const struct report *report)
{
    struct part_counts counts;
    sum_counts(report, &counts);
    headline(out, report, &counts, false);
    out_str(out, " - bufcheck - ");
    html_text(out, part_base_name(report->inputs[0].path));
    if (report->input_count > 1) {
        out_str(out, " and ");
        html_count(out, report->input_count - 1);
        out_str(out, " more");
    }
}

static void sentence_begin(struct out *out, const char *extra)
{
    out_printf(out, "<p class=\"verdict-sentence%s\">", extra);
}

static void found_words(struct out *out, const struct report *report,
                        const struct part_counts *counts)
{
    char text[PART_COUNTS_LEN], damage[PART_DAMAGE_LEN];
    if (report->verdict != VERDICT_FINDINGS) {
        part_counts_text(counts, text);
        out_printf(out, "%s: ", text);
    }
    if (counts->at_least) {
        out_str(out, "at least ");
    }
    html_plural(out, counts->conflicts, "conflict");
    if (!counts->posts_overlap) {
        out_str(out, " by ");
        html_plural(out, counts->posts, "post");
    }
    out_str(out, ", in which memory was posted again while an earlier operation still owned it. ");
    part_damage_text(counts, damage);
    html_text(out, damage);
}

static bool any_visible(const struct report *report)
{
    for (size_t i = 0; i < report->input_count; i++) {
        const struct coverage *coverage = &report->inputs[i].coverage;
        if (coverage->recvs_user_address != 0 || coverage->sends_user_address != 0) {
            return true;
        }
    }
    return false;
}

/* A clean verdict speaks of operations whose address was visible, as far as the rules and filters
 * let it see them. Any other verdict does not say that there is nothing. */
static void nothing_words(struct out *out, const struct report *report)
{
    bool one = report->input_count == 1;
    switch (report->verdict) {
    case VERDICT_FINDINGS:
    case VERDICT_ERROR:
        out_printf(out, "Nothing was found in what could be analysed of the %s.",
                   one ? "trace" : "traces");
        return;
    case VERDICT_INCONCLUSIVE:
        out_printf(out, "Nothing was found, but %s can't show that there is nothing.",
                   one ? "this trace" : "some of these traces");
        return;
    case VERDICT_CLEAN:
        break;
    }
    if (one && report->inputs[0].none_selected) {
        out_str(out, "The filters admit no send or receive of this trace, so this says nothing "
                     "about any.");
        return;
    }
    if (!any_visible(report)) {
        out_str(out, "No operation shows the program's memory, so nothing is known about it.");
        return;
    }
    out_printf(out,
               "No memory was posted again while an earlier operation still owned it, %sin the "
               "operations whose address was visible.",
               part_narrowed(report->settings) ? "as far as rules and filters below admit, " : "");
}

static void known_sentence(struct out *out, const struct report_settings *settings,
                           const struct report_input *input)
{
    struct out words;
    words_begin(&words);
    known_words_input(&words, settings, input);
    char *text = words_take(&words, out);
    if (text != NULL && text[0] != '\0') {
        out_char(out, ' ');
        html_text(out, text);
    }
    free(text);
}

/* The counts above are of all findings; the page has those that --max-findings admits. */
static void omitted_words(struct out *out, const struct report *report)
{
    struct part_cursor cursor;
    part_cursor_init(&cursor, report);
    while (part_next(&cursor) != NULL) {
    }
    if (cursor.omitted != 0) {
        out_str(out, " The list below leaves out ");
        html_count(out, cursor.omitted);
        out_str(out, " of the findings: --max-findings 0 shows all.");
    }
}

static void found_sentence(struct out *out, const struct report *report,
                           const struct part_counts *counts)
{
    char off[PART_OFF_LEN];
    sentence_begin(out, "");
    if (finding_sum(counts) == 0) {
        nothing_words(out, report);
    } else {
        found_words(out, report, counts);
        if (report->verdict == VERDICT_INCONCLUSIVE) {
            out_printf(out, " But the %s can't show that there is no more.",
                       report->input_count == 1 ? "trace" : "traces");
        }
    }
    if (!report->settings->fail_never && counts->gating != finding_sum(counts)) {
        out_char(out, ' ');
        html_count(out, counts->gating);
        out_printf(out,
                   " of the findings count for the exit status "
                   "(<span class=\"unbroken\">--fail-on %s</span>).",
                   rule_level_name(report->settings->fail_on));
    }
    omitted_words(out, report);
    for (size_t i = 0; i < report->input_count; i++) {
        known_sentence(out, report->settings, &report->inputs[i]);
    }
    part_off_text(report->settings, off);
    if (off[0] != '\0') {
        out_str(out, " <b>");
        html_text(out, off);
        out_str(out, "</b>");
    }
    out_str(out, "</p>\n");
}

static void causes_list(struct out *out, const struct report_settings *settings,
                        const struct report_input *input)
{
    if (input->causes == 0) {
        return;
    }
    out_str(out, "<ul class=\"verdict-causes\">");
    for (uint32_t left = input->causes; left != 0;) {
        enum cause cause = cause_take(&left);
        char text[PART_CAUSE_LEN];
        part_cause_text(settings, input, cause, text);
        out_printf(out, "<li><b>%s</b>: ", cause_name(cause));
        html_text(out, text);
        out_str(out, "</li>");
    }
    out_str(out, "</ul>\n");
}

static void error_sentence(struct out *out, const struct report_input *input)
{
    char text[PART_ERROR_LEN];
    part_errors(input, text);
    if (text[0] == '\0') {
        return;
    }
    sentence_begin(out, " trouble");
    html_text(out, text);
    out_str(out, "</p>\n");
}

static void visibility_sentence(struct out *out, const struct coverage *coverage)
{
    char text[PART_VISIBLE_LEN];
    part_visible_text(coverage, text);
    sentence_begin(out, " muted");
    html_text(out, text);
    out_str(out, "</p>\n");
}

static void limits_sentence(struct out *out)
{
    sentence_begin(out, " muted");
    html_text(out, part_limits_text);
    out_str(out, "</p>\n");
}

/* How many traces, and how each kind of them came out, as the text report counts them. */
static void traces_words(struct out *out, const struct report *report)
{
    struct out words;
    words_begin(&words);
    words_traces(&words, report);
    char *text = words_take(&words, out);
    if (text != NULL) {
        html_text(out, text);
    }
    free(text);
}

/* Why, of one input; with several the table and the trace health say it. */
static void explain(struct out *out, const struct report_settings *settings,
                    const struct report_input *input)
{
    error_sentence(out, input);
    causes_list(out, settings, input);
    if (!input->opened) {
        return;
    }
    if (input->coverage.posts != 0) {
        visibility_sentence(out, &input->coverage);
    }
    if (input->verdict == VERDICT_CLEAN) {
        limits_sentence(out);
    }
}

void html_verdict(struct out *out, const struct report *report)
{
    struct part_counts counts;
    sum_counts(report, &counts);
    out_printf(out,
               "<section class=\"verdict is-%s\" aria-label=\"Verdict\">\n<div>"
               "<p class=\"verdict-kicker\">Verdict: <b>%s</b> &middot; exit status %d &middot; ",
               verdict_name(report->verdict), verdict_name(report->verdict), report->exit_status);
    if (report->input_count == 1) {
        html_text(out, report->inputs[0].path);
    } else {
        traces_words(out, report);
    }
    out_str(out, "</p>\n<h1>");
    headline(out, report, &counts, true);
    out_str(out, "</h1>\n");
    if (report->input_count > 1 || report->inputs[0].opened) {
        found_sentence(out, report, &counts);
    }
    if (report->input_count == 1) {
        explain(out, report->settings, &report->inputs[0]);
    }
    out_str(out, "</div>\n");
    if (report->input_count == 1 && report->inputs[0].opened) {
        html_stats(out, &report->inputs[0]);
    }
    if (report->input_count > 1) {
        html_inputs(out, report);
    }
    out_str(out, "</section>\n");
}
