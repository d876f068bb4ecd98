/* SPDX-License-Identifier: Apache-2.0 */

/* The beginning of a text report over several inputs. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_parts.h"
#include "analyzer/reports/trace_kinds.h"
#include "analyzer/reports/words.h"
#include "base/format_text.h"

/* Green only where no input has anything to read. */
static enum text_color overall_color(const struct report *report)
{
    for (size_t i = 0; report->verdict == VERDICT_CLEAN && i < report->input_count; i++) {
        if (text_verdict_color(&report->inputs[i]) != TEXT_GREEN) {
            return text_verdict_color(&report->inputs[i]);
        }
    }
    return text_verdict_color_of(report->verdict);
}

static void overall(const struct text_style *style, const struct report_settings *settings,
                    const struct report *report)
{
    const char *word = text_verdict_word(report->verdict);
    struct text_flow flow;
    text_colored(style, overall_color(report), word);
    text_flow_begin(&flow, style->out, strlen(word), 2);
    text_flow_solid(&flow, "  ");
    struct out words;
    words_begin(&words);
    words_traces(&words, report);
    char *traces = words_take(&words, style->out);
    text_flow_words(&flow, traces != NULL ? traces : "");
    free(traces);
    text_verdict_status(&flow, settings, report->exit_status);
}

/* Findings of an input by level, those that are known apart. */
struct trace_counts {
    uint64_t by_level[RULE_ERROR + 1];
    uint64_t known;
};

static struct trace_counts count_findings(const struct report_input *input)
{
    struct trace_counts counts = {0};
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (finding_is_known(finding)) {
            counts.known++;
        } else {
            counts.by_level[finding->level]++;
        }
    }
    return counts;
}

/* A clean trace whose findings are all known needs no attention. */
static bool has_row(const struct report_input *input)
{
    struct trace_counts counts = count_findings(input);
    return part_rank(input) != PART_RANK_CLEAN &&
           (input->verdict != VERDICT_CLEAN || counts.known != part_finding_count(input));
}

/* A table of one row would say what its section says. */
static bool has_table(const struct report *report)
{
    size_t count = 0;
    for (size_t i = 0; i < report->input_count; i++) {
        count += has_row(&report->inputs[i]);
    }
    return count > 1;
}

#define VERDICT_WIDTH ((int)sizeof "INCONCLUSIVE" - 1)

/* A number on the right of its column; a hyphen where it is not known. */
static void put_count(const struct text_style *style, bool known, uint64_t count, size_t width)
{
    char text[TEXT_NUMBER_LEN] = "-";
    if (known) {
        text_format_grouped(count, text);
    }
    out_printf(style->out, "  %*s", (int)width, text);
}

static void put_counts(const struct text_style *style, const struct report_settings *settings,
                       const struct report_input *input)
{
    struct trace_counts counts = count_findings(input);
    put_count(style, input->opened, counts.by_level[RULE_ERROR], sizeof "errors" - 1);
    put_count(style, input->opened, counts.by_level[RULE_WARNING], sizeof "warnings" - 1);
    put_count(style, input->opened, counts.by_level[RULE_NOTE], sizeof "notes" - 1);
    if (settings->known != NULL) {
        put_count(style, input->opened, counts.known, sizeof "known" - 1);
    }
}

/* `more`: inputs of the same kind, which have no row of their own. */
static void put_row(const struct text_style *style, const struct report_settings *settings,
                    const struct report_input *input, size_t more)
{
    const char *word = text_verdict_word(input->verdict);
    char causes[PART_CAUSES_SHORT_LEN];
    out_str(style->out, "  ");
    text_colored(style, text_verdict_color(input), word);
    out_repeat(style->out, ' ', (size_t)VERDICT_WIDTH - strlen(word));
    put_counts(style, settings, input);
    out_str(style->out, "  ");
    text_escape(style->out, input->path);
    if (more != 0) {
        out_str(style->out, " and ");
        text_grouped(style->out, more);
        out_str(style->out, " more");
    }
    part_causes_short(input, causes);
    if (causes[0] != '\0') {
        out_printf(style->out, ": %s", causes);
    }
    out_char(style->out, '\n');
}

/* Inputs of one kind share a row, but each has its own with -v. */
static void put_rows(const struct text_style *style, const struct report_settings *settings,
                     const struct report *report, const struct trace_kinds *kinds)
{
    struct part_order order = {0};
    const struct report_input *input;
    while ((input = part_next_input(report, &order)) != NULL) {
        size_t index = (size_t)(input - report->inputs);
        if (!has_row(input) || (kinds->is_later[index] && !settings->verbose)) {
            continue;
        }
        put_row(style, settings, input, settings->verbose ? 0 : trace_kinds_after(kinds, index));
    }
}

void text_traces(const struct text_style *style, const struct report_settings *settings,
                 const struct report *report)
{
    struct trace_kinds kinds;
    overall(style, settings, report);
    if (!has_table(report)) {
        return;
    }
    text_color(style, TEXT_DIM);
    out_printf(style->out, "\n  %-*s  errors  warnings  notes%s  trace", VERDICT_WIDTH, "verdict",
               settings->known != NULL ? "  known" : "");
    text_color(style, TEXT_PLAIN);
    out_char(style->out, '\n');
    if (trace_kinds_find(&kinds, report, true)) {
        put_rows(style, settings, report, &kinds);
    } else {
        out_fail(style->out, OUT_NO_MEMORY, ENOMEM);
    }
    trace_kinds_finish(&kinds);
}
