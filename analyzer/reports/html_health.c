/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>

#include "base/format_text.h"
#include "analyzer/reports/html_parts.h"
#include "analyzer/reports/html_text.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/words.h"

static void row_begin(struct out *out, const char *label, bool bad)
{
    out_printf(out, "<div><dt>%s</dt><dd%s>", label, bad ? " class=\"bad\"" : "");
}

static void row_end(struct out *out)
{
    out_str(out, "</dd></div>\n");
}

static void row_text(struct out *out, const char *label, const char *text)
{
    row_begin(out, label, false);
    html_text(out, text);
    row_end(out);
}

static void row_count(struct out *out, const char *label, uint64_t value)
{
    row_begin(out, label, false);
    html_count(out, value);
    row_end(out);
}

/* A number that should be 0. */
static void row_trouble(struct out *out, const char *label, uint64_t value)
{
    row_begin(out, label, value != 0);
    html_count(out, value);
    row_end(out);
}

static void row_of(struct out *out, const char *label, uint64_t part, uint64_t whole)
{
    row_begin(out, label, false);
    html_count(out, part);
    out_str(out, " of ");
    html_count(out, whole);
    row_end(out);
}

/* `level`: of its heading, one deeper than the one above it. */
static void group(struct out *out, const char *title, int level)
{
    out_printf(out, "<div><h%d>%s</h%d><dl>\n", level, title, level);
}

static void group_end(struct out *out)
{
    out_str(out, "</dl></div>\n");
}

static void row_time(struct out *out, const char *label, const struct etl_trace_info *info,
                     int64_t ticks)
{
    char text[ETL_TIME_TEXT_LEN];
    etl_time_format(etl_clock_filetime(&info->clock, ticks), text);
    row_text(out, label, text);
}

static void file_group(struct out *out, const struct etl_trace_info *info,
                       const struct etl_record_counts *counts, int level)
{
    group(out, "File", level);
    row_begin(out, "Size", false);
    html_plural(out, info->size, "byte");
    row_end(out);
    row_begin(out, "Windows", false);
    out_printf(out, "%" PRIu32 ".%" PRIu32 " build %" PRIu32 "%s%s", info->os_major, info->os_minor,
               info->os_build, part_windows_is_64_bit(counts) ? ", 64-bit" : "",
               info->pointer_size == 4 ? "; written by a 32-bit program" : "");
    row_end(out);
    row_of(out, "Processors seen", info->processors_seen, info->processors);
    if (info->session_name[0] != '\0') {
        row_text(out, "Session", info->session_name);
    }
    if (counts->any_time) {
        row_time(out, "First event", info, counts->first_ticks);
        row_time(out, "Last event", info, counts->last_ticks);
    }
    row_count(out, "Records", counts->total);
    group_end(out);
}

static void loss_group(struct out *out, const struct etl_trace_info *info, int level)
{
    group(out, "Completeness", level);
    row_trouble(out, "Events lost", info->events_lost);
    row_trouble(out, "Trace buffers lost", info->buffers_lost);
    row_count(out, "Trace buffers", info->buffers);
    row_trouble(out, "Damaged trace buffers", info->damaged_buffers);
    row_trouble(out, "Skipped bytes", info->skipped_bytes);
    row_begin(out, "Closed properly", info->end_missing);
    if (info->end_missing_why[0] != '\0') {
        html_text(out, info->end_missing_why);
    } else {
        out_str(out, info->end_missing ? "no" : "yes");
    }
    row_end(out);
    group_end(out);
}

static const char *family(const struct coverage *coverage)
{
    if (coverage->legacy_seen && coverage->modern_seen) {
        return "both";
    }
    if (coverage->legacy_seen) {
        return "legacy (Windows Vista)";
    }
    return coverage->modern_seen ? "modern (Windows 7 and later)" : "none";
}

static void operations_group(struct out *out, const struct coverage *coverage, int level)
{
    group(out, "Operations", level);
    row_text(out, "Event family", family(coverage));
    row_count(out, "Calls", coverage->posts);
    row_of(out, "Continued after a failed attempt", coverage->continued, coverage->attempts);
    row_of(out, "Completions that ended a post", coverage->matched, coverage->completions);
    row_count(out, "Still pending at the end", coverage->pending);
    row_of(out, "Receives with a visible address", coverage->recvs_user_address, coverage->recvs);
    row_of(out, "Sends with a visible address", coverage->sends_user_address, coverage->sends);
    row_count(out, "Kernel addresses", coverage->kernel_address_operations);
    row_count(out, "Addresses from an attempt", coverage->inferred_address_operations);
    group_end(out);
}

static void details_group(struct out *out, const struct coverage *coverage, int level)
{
    group(out, "In detail", level);
    row_count(out, "Winsock events", coverage->events);
    row_count(out, "Several user buffers in one", coverage->chained_operations);
    row_count(out, "Of length 0", coverage->zero_length_posts);
    row_count(out, "Rejected when posted", coverage->rejected_posts);
    row_trouble(out, "Invalid addresses", coverage->invalid_addresses);
    row_trouble(out, "Undecodable events", coverage->undecodable);
    row_count(out, "Most in flight at one time", coverage->max_in_flight);
    row_of(out, "Calls with a stack", coverage->stacks, coverage->posts);
    group_end(out);
}

static void list(struct out *out, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out_str(out, "<li>");
        html_text(out, texts[i]);
        out_str(out, "</li>\n");
    }
}

static void remarks(struct out *out, const struct report_input *input)
{
    if (input->caveat_count + input->note_count == 0) {
        return;
    }
    out_str(out, "<ul class=\"remarks\">\n");
    list(out, input->caveats, input->caveat_count);
    list(out, input->notes, input->note_count);
    out_str(out, "</ul>\n");
}

#define INPUTS_OPEN 3   /* inputs whose health stays unfolded */
#define PLAIN_SHOWN 100 /* clean traces whose health is told */

static void title(struct out *out, const struct report_input *input, bool folded)
{
    out_str(out, folded ? "<details><summary>" : "<h3>");
    html_text(out, input->path);
    out_printf(out, " <span class=\"muted\">%s</span>%s\n", verdict_name(input->verdict),
               folded ? "</summary>" : "</h3>");
}

static void error_line(struct out *out, const struct report_input *input)
{
    char error[PART_ERROR_LEN];
    part_errors(input, error);
    if (error[0] != '\0') {
        out_str(out, "<p class=\"health-error\">");
        html_text(out, error);
        out_str(out, "</p>\n");
    }
}

static void one_input(struct out *out, const struct report_settings *settings,
                      const struct report_input *input, int level)
{
    if (!input->opened || input->trace_count == 0) {
        out_str(out, "<p class=\"muted\">Nothing could be read from this file.</p>\n");
        return;
    }
    for (size_t i = 0; i < input->trace_count; i++) {
        out_str(out, "<div class=\"health-grid\">\n");
        file_group(out, &input->traces[i], &input->counts[i], level);
        loss_group(out, &input->traces[i], level);
        if (i == 0) {
            operations_group(out, &input->coverage, level);
            details_group(out, &input->coverage, level);
        }
        out_str(out, "</div>\n");
    }
    html_pdbs(out, settings, input);
    remarks(out, input);
}

/* Limits the clean traces that are shown: thousands keep a browser busy, and nobody reads them. */
static bool is_left_out(const struct report_input *input, size_t *plain)
{
    bool is_plain = input->verdict == VERDICT_CLEAN && part_finding_count(input) == 0 &&
                    input->caveat_count == 0 && input->note_count == 0;
    return is_plain && ++*plain > PLAIN_SHOWN;
}

static void left_out_note(struct out *out, size_t plain)
{
    if (plain > PLAIN_SHOWN) {
        out_str(out, "<p class=\"muted\">The health of ");
        html_plural(out, plain - PLAIN_SHOWN, "more clean trace");
        out_str(out, " is not in this file; the table of traces has them all.</p>\n");
    }
}

void html_health(struct out *out, const struct report *report)
{
    bool folded = report->input_count > INPUTS_OPEN;
    size_t plain = 0;
    for (size_t i = 0; i < report->input_count; i++) {
        const struct report_input *input = &report->inputs[i];
        if (is_left_out(input, &plain)) {
            continue;
        }
        if (report->input_count > 1) {
            title(out, input, folded);
            error_line(out, input);
        }
        one_input(out, report->settings, input, report->input_count > 1 && !folded ? 4 : 3);
        if (folded) {
            out_str(out, "</details>\n");
        }
    }
    left_out_note(out, plain);
}

void html_rules(struct out *out, const struct report *report)
{
    out_str(out, "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Rule</th>"
                 "<th scope=\"col\">Severity</th><th scope=\"col\">What it says</th></tr></thead>"
                 "<tbody>\n");
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = rules_table[i];
        bool enabled = report->settings->rule_enabled[i];
        out_printf(out, "<tr%s><td class=\"mono\">%s</td><td>%s%s</td><td>",
                   enabled ? "" : " class=\"off\"", rule->name,
                   rule_level_name(part_rule_severity(report->settings, i)),
                   enabled ? "" : ", switched off");
        html_text(out, rule->summary);
        out_str(out, "</td></tr>\n");
    }
    out_str(out, "</tbody></table></div>\n");
}
