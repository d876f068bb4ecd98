/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_parts.h"
#include "analyzer/reports/words.h"

enum text_color text_verdict_color_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_CLEAN:
        return TEXT_GREEN;
    case VERDICT_FINDINGS:
    case VERDICT_ERROR:
        return TEXT_RED;
    case VERDICT_INCONCLUSIVE:
        return TEXT_YELLOW;
    }
    return TEXT_PLAIN;
}

/* Green only where there is nothing to read: findings that are kept from counting stay in sight. */
enum text_color text_verdict_color(const struct report_input *input)
{
    struct part_counts counts;
    part_count(input, &counts);
    bool hidden = counts.by_level[RULE_ERROR] + counts.by_level[RULE_WARNING] != 0;
    return input->verdict == VERDICT_CLEAN && hidden ? TEXT_YELLOW
                                                     : text_verdict_color_of(input->verdict);
}

const char *text_verdict_word(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_CLEAN:
        return "CLEAN";
    case VERDICT_FINDINGS:
        return "FINDINGS";
    case VERDICT_ERROR:
        return "FAILED";
    case VERDICT_INCONCLUSIVE:
        return "INCONCLUSIVE";
    }
    return "";
}

static void paragraph(struct text_flow *flow, const struct text_style *style)
{
    out_str(style->out, "  ");
    text_flow_begin(flow, style->out, 2, 2);
}

/* A line about visible addresses; none without operations. */
static void visibility(struct text_flow *flow, const struct coverage *coverage)
{
    char text[PART_VISIBLE_LEN];
    part_visible_text(coverage, text);
    if (text[0] != '\0') {
        text_flow_newline(flow);
        text_flow_words(flow, text);
    }
}

/* A line about what a team knows of the findings. */
static void known(struct text_flow *flow, const struct report_settings *settings,
                  const struct report_input *input)
{
    struct out words;
    words_begin(&words);
    known_words_input(&words, settings, input);
    char *text = words_take(&words, flow->out);
    if (text != NULL && text[0] != '\0') {
        text_flow_newline(flow);
        text_flow_words(flow, text);
    }
    free(text);
}

/* A line about rules and counting that are switched off. */
static void switched_off(struct text_flow *flow, const struct report_settings *settings)
{
    char text[PART_OFF_LEN];
    part_off_text(settings, text);
    if (text[0] != '\0') {
        text_flow_newline(flow);
        text_flow_words(flow, text);
    }
}

static void counts_words(struct text_flow *flow, const struct part_counts *counts)
{
    text_flow_words(flow, counts->at_least ? ": at least " : ": ");
    text_flow_plural(flow, counts->conflicts, "conflict");
    if (!counts->posts_overlap) {
        text_flow_words(flow, " by ");
        text_flow_plural(flow, counts->posts, "post");
    }
}

static void found_words(struct text_flow *flow, const struct report_settings *settings,
                        const struct report_input *input)
{
    struct part_counts counts;
    char text[PART_COUNTS_LEN], damage[PART_DAMAGE_LEN];
    part_count(input, &counts);
    part_counts_text(&counts, text);
    text_flow_words(flow, text);
    counts_words(flow, &counts);
    if (counts.gating != 0 && counts.gating != part_finding_count(input)) {
        text_flow_words(flow, "; ");
        text_flow_count(flow, counts.gating);
        text_flow_format(flow, " %sat or above --fail-on %s count%s for the exit status",
                         settings->known != NULL ? "not known and " : "",
                         rule_level_name(settings->fail_on), counts.gating == 1 ? "s" : "");
    }
    text_flow_words(flow, ". ");
    part_damage_text(&counts, damage);
    text_flow_words(flow, damage);
}

/* The sentence of a clean verdict speaks of operations whose address was visible, and no others,
 * and of what rules and filters let it see. */
static void seen_words(struct text_flow *flow, const struct report_settings *settings,
                       const struct report_input *input)
{
    const struct coverage *coverage = &input->coverage;
    uint64_t recvs = coverage->recvs_user_address, sends = coverage->sends_user_address;
    if (input->none_selected) {
        text_flow_words(flow, "The filters admit no send or receive of this trace, so this says "
                              "nothing about any.");
        return;
    }
    if (recvs + sends == 0) {
        text_flow_words(flow, "No operation shows the program's memory, so nothing is known about "
                              "it.");
        return;
    }
    text_flow_words(flow, "No user buffer was posted again while an earlier operation still owned "
                          "it, ");
    text_flow_words(flow, part_narrowed(settings)
                              ? "as far as rules and filters below admit, in the "
                              : "in the ");
    if (recvs != 0) {
        text_flow_plural(flow, recvs, "receive");
    }
    if (recvs != 0 && sends != 0) {
        text_flow_words(flow, " and ");
    }
    if (sends != 0) {
        text_flow_plural(flow, sends, "send");
    }
    text_flow_words(flow,
                    recvs + sends == 1 ? " that shows its address." : " that show their address.");
}

static void clean_text(const struct text_style *style, const struct report_settings *settings,
                       const struct report_input *input)
{
    struct text_flow flow;
    paragraph(&flow, style);
    if (part_finding_count(input) != 0) {
        text_flow_words(&flow, "Nothing that counts for the exit status: ");
        found_words(&flow, settings, input);
    } else {
        seen_words(&flow, settings, input);
    }
    visibility(&flow, &input->coverage);
    known(&flow, settings, input);
    switched_off(&flow, settings);
    text_flow_newline(&flow);
    text_flow_words(&flow, part_limits_text);
    text_flow_end(&flow);
}

static void findings_text(const struct text_style *style, const struct report_settings *settings,
                          const struct report_input *input)
{
    struct text_flow flow;
    paragraph(&flow, style);
    found_words(&flow, settings, input);
    visibility(&flow, &input->coverage);
    known(&flow, settings, input);
    switched_off(&flow, settings);
    text_flow_end(&flow);
}

static void causes_text(struct text_flow *flow, const struct report_settings *settings,
                        const struct report_input *input)
{
    for (uint32_t left = input->causes; left != 0;) {
        enum cause cause = cause_take(&left);
        char text[PART_CAUSE_LEN];
        part_cause_text(settings, input, cause, text);
        text_flow_item(flow);
        text_flow_format(flow, "%s: ", cause_name(cause));
        text_flow_words(flow, text);
        text_flow_words(flow, ".");
    }
}

/* The words of a command line that accept such a trace. */
static void acceptance(struct text_flow *flow, uint32_t causes)
{
    const char *separator = "--allow-inconclusive=";
    text_flow_newline(flow);
    text_flow_words(flow, "Where a better trace can't be had, ");
    for (uint32_t left = causes; left != 0;) {
        enum cause cause = cause_take(&left);
        text_flow_solid(flow, separator);
        text_flow_solid(flow, cause_name(cause));
        separator = ",";
    }
    text_flow_words(flow, " makes this exit status 0.");
}

static void inconclusive_text(const struct text_style *style,
                              const struct report_settings *settings,
                              const struct report_input *input)
{
    struct text_flow flow;
    paragraph(&flow, style);
    if (part_finding_count(input) != 0) {
        text_flow_words(&flow, "Nothing that counts for the exit status: ");
        found_words(&flow, settings, input);
        text_flow_newline(&flow);
        text_flow_words(&flow, "But the trace can't show that there is no more:");
    } else {
        text_flow_words(&flow, "Nothing was found, but this trace can't show that there is "
                               "nothing:");
    }
    causes_text(&flow, settings, input);
    visibility(&flow, &input->coverage);
    known(&flow, settings, input);
    switched_off(&flow, settings);
    if (!(input->causes & CAUSE_BIT(CAUSE_NO_POSTS))) {
        acceptance(&flow, input->causes);
    }
    text_flow_end(&flow);
}

static void error_text(const struct text_style *style, const struct report_settings *settings,
                       const struct report_input *input)
{
    struct text_flow flow;
    paragraph(&flow, style);
    text_flow_words(&flow, input->opened ? "Only a part of the trace could be analysed; what was "
                                           "found in it is reported."
                                         : "The file could not be analysed.");
    if (settings->errors_told) {
        text_flow_words(&flow, " Standard error says why.");
    } else {
        char error[PART_ERROR_LEN];
        part_errors(input, error);
        text_flow_newline(&flow);
        text_flow_sentence(&flow, error);
    }
    if (part_finding_count(input) != 0) {
        text_flow_newline(&flow);
        found_words(&flow, settings, input);
    }
    if (input->opened) {
        visibility(&flow, &input->coverage);
    }
    text_flow_end(&flow);
}

void text_verdict_status(struct text_flow *flow, const struct report_settings *settings,
                         int exit_status)
{
    char status[32], off[PART_OFF_SHORT_LEN];
    part_off_short(settings, off);
    snprintf(status, sizeof status, "(exit status %d", exit_status);
    text_flow_words(flow, " ");
    text_flow_solid(flow, status);
    text_flow_words(flow, off);
    text_flow_words(flow, ")");
    text_flow_end(flow);
}

void text_verdict(const struct text_style *style, const struct report_settings *settings,
                  const struct report_input *input)
{
    struct text_flow flow;
    const char *word = text_verdict_word(input->verdict);
    text_colored(style, text_verdict_color(input), word);
    text_flow_begin(&flow, style->out, strlen(word), 2);
    text_flow_solid(&flow, "  ");
    text_flow_escaped(&flow, input->path);
    text_verdict_status(&flow, settings, verdict_exit(input->verdict));
    switch (input->verdict) {
    case VERDICT_CLEAN:
        clean_text(style, settings, input);
        break;
    case VERDICT_FINDINGS:
        findings_text(style, settings, input);
        break;
    case VERDICT_INCONCLUSIVE:
        inconclusive_text(style, settings, input);
        break;
    case VERDICT_ERROR:
        error_text(style, settings, input);
        break;
    }
}

void text_clean_line(const struct text_style *style, const struct report_input *input)
{
    struct text_flow flow;
    const struct coverage *coverage = &input->coverage;
    const char *word = text_verdict_word(VERDICT_CLEAN);
    text_colored(style, TEXT_GREEN, word);
    text_flow_begin(&flow, style->out, strlen(word), 2);
    text_flow_solid(&flow, "  ");
    text_flow_escaped(&flow, input->path);
    text_flow_words(&flow, ": ");
    text_flow_count(&flow, coverage->recvs_user_address);
    text_flow_solid(&flow, " of ");
    text_flow_count(&flow, coverage->recvs);
    text_flow_words(&flow, " receives and ");
    text_flow_count(&flow, coverage->sends_user_address);
    text_flow_solid(&flow, " of ");
    text_flow_count(&flow, coverage->sends);
    text_flow_words(&flow, " sends visible");
    if (input->accepted_causes != 0) {
        text_flow_words(&flow, "; accepted:");
        for (uint32_t left = input->accepted_causes; left != 0;) {
            enum cause cause = cause_take(&left);
            text_flow_format(&flow, " %s", cause_name(cause));
        }
    }
    text_flow_end(&flow);
}
