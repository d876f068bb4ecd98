/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/html_parts.h"
#include "analyzer/reports/html_text.h"
#include "analyzer/reports/parts.h"

static uint64_t input_lost_events(const struct report_input *input)
{
    uint64_t lost = 0;
    for (size_t i = 0; i < input->trace_count; i++) {
        lost += input->traces[i].events_lost;
    }
    return lost;
}

/* A number that is known of an input that was opened. */
static void count_cell(struct out *out, const struct report_input *input, uint64_t count)
{
    out_str(out, "<td class=\"num\">");
    if (input->opened) {
        html_count(out, count);
    } else {
        out_char(out, '-');
    }
    out_str(out, "</td>");
}

static void input_row(struct out *out, const struct report_input *input)
{
    struct part_counts counts;
    char text[PART_COUNTS_LEN], causes[PART_CAUSES_SHORT_LEN];
    part_count(input, &counts);
    part_counts_text(&counts, text);
    out_str(out, "<tr><td>");
    html_text(out, input->path);
    part_causes_short(input, causes);
    out_printf(out, "</td><td class=\"is-%s\"><b class=\"verdict-name\">%s</b>%s%s</td><td>%s</td>",
               verdict_name(input->verdict), verdict_name(input->verdict),
               causes[0] != '\0' ? ": " : "", causes, input->opened ? text : "not opened");
    count_cell(out, input, input->coverage.posts);
    count_cell(out, input, input_lost_events(input));
    out_str(out, "</tr>\n");
}

#define INPUT_ROWS_SHOWN 12 /* others are folded, so that the findings come into view */

static void table_begin(struct out *out)
{
    out_str(out, "<div class=\"inputs scroll\" tabindex=\"0\" role=\"group\" "
                 "aria-label=\"Traces\"><table><thead><tr>"
                 "<th scope=\"col\">Trace</th>"
                 "<th scope=\"col\">Verdict</th><th scope=\"col\">Findings</th>"
                 "<th scope=\"col\" class=\"num\">Operations</th>"
                 "<th scope=\"col\" class=\"num\">Lost events</th></tr></thead><tbody>\n");
}

static void table_end(struct out *out)
{
    out_str(out, "</tbody></table></div>\n");
}

/* Rows of the table, in this order. What failed is never folded: nothing else is to be believed
 * before. What is clean needs nobody's attention. */
enum input_group { INPUT_FAILED, INPUT_OTHER, INPUT_CLEAN, INPUT_GROUP_COUNT };

/* A trace whose findings are kept from counting is not shown as clean; one with notes is. */
static enum input_group input_group(const struct report_input *input)
{
    if (input->verdict == VERDICT_ERROR) {
        return INPUT_FAILED;
    }
    struct part_counts counts;
    part_count(input, &counts);
    bool is_clean = input->verdict == VERDICT_CLEAN &&
                    counts.by_level[RULE_ERROR] + counts.by_level[RULE_WARNING] == 0;
    return is_clean ? INPUT_CLEAN : INPUT_OTHER;
}

/* Rows of a group's inputs in their order by rank, from the `from`th to before the `to`th. */
static void input_rows(struct out *out, const struct report *report, enum input_group group,
                       size_t from, size_t to)
{
    struct part_order order = {0};
    const struct report_input *input;
    for (size_t at = 0; at < to && (input = part_next_input(report, &order)) != NULL;) {
        if (input_group(input) != group) {
            continue;
        }
        if (at >= from) {
            input_row(out, input);
        }
        at++;
    }
}

static void folded_rows(struct out *out, const struct report *report, enum input_group group,
                        const char *what, size_t from, size_t to)
{
    if (to <= from) {
        return;
    }
    out_str(out, "<details class=\"more-inputs\"><summary>");
    html_plural(out, to - from, what);
    out_str(out, "</summary>\n");
    table_begin(out);
    input_rows(out, report, group, from, to);
    table_end(out);
    out_str(out, "</details>\n");
}

void html_inputs(struct out *out, const struct report *report)
{
    size_t counts[INPUT_GROUP_COUNT] = {0};
    for (size_t i = 0; i < report->input_count; i++) {
        counts[input_group(&report->inputs[i])]++;
    }
    size_t others = counts[INPUT_OTHER];
    size_t shown = others < INPUT_ROWS_SHOWN ? others : INPUT_ROWS_SHOWN;
    if (counts[INPUT_FAILED] + shown != 0) {
        table_begin(out);
        input_rows(out, report, INPUT_FAILED, 0, counts[INPUT_FAILED]);
        input_rows(out, report, INPUT_OTHER, 0, shown);
        table_end(out);
    }
    folded_rows(out, report, INPUT_OTHER, "more trace", shown, others);
    folded_rows(out, report, INPUT_CLEAN, "clean trace", 0, counts[INPUT_CLEAN]);
}
