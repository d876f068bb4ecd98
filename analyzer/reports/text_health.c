/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>

#include "base/format_text.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_parts.h"

#define NOTES_SHOWN 5 /* notes of the reader, without -v */

struct health_text {
    const struct text_style *style;
    const struct report_settings *settings;
    const struct report_input *input;
    const struct coverage *coverage;
};

/* The header's pointer size is that of the program which wrote the file, not of Windows. */
static void windows_words(struct text_flow *flow, const struct etl_trace_info *info,
                          const struct etl_record_counts *counts)
{
    const char *kind = part_windows_is_64_bit(counts) ? "64-bit " : "";
    text_flow_format(flow, ", from %sWindows %" PRIu32 ".%" PRIu32 " build %" PRIu32, kind,
                     info->os_major, info->os_minor, info->os_build);
    if (info->pointer_size == 4) {
        text_flow_words(flow, ", written by a 32-bit program,");
    }
}

static void row_file(const struct health_text *text, const struct etl_trace_info *info,
                     const struct etl_record_counts *counts)
{
    struct text_flow flow;
    text_row(&flow, text->style, "file");
    text_flow_plural(&flow, info->size, "byte");
    text_flow_words(&flow, ", ");
    text_flow_plural(&flow, info->buffers, "trace buffer");
    if (info->compressed_buffers != 0) {
        text_flow_words(&flow, " (");
        text_flow_count(&flow, info->compressed_buffers);
        text_flow_words(&flow, " compressed)");
    }
    windows_words(&flow, info, counts);
    text_flow_words(&flow, " with ");
    text_flow_plural(&flow, info->processors, "processor");
    text_flow_end(&flow);
}

static void row_span(const struct health_text *text, const struct etl_trace_info *info,
                     const struct etl_record_counts *counts)
{
    struct text_flow flow;
    char from[ETL_TIME_TEXT_LEN], to[ETL_TIME_TEXT_LEN];
    text_row(&flow, text->style, "time");
    if (!counts->any_time) {
        text_flow_words(&flow, "no event with a time");
    } else {
        etl_time_format(etl_clock_filetime(&info->clock, counts->first_ticks), from);
        etl_time_format(etl_clock_filetime(&info->clock, counts->last_ticks), to);
        text_flow_format(&flow, "%s to %s, ", from, to);
        text_flow_duration(
            &flow, etl_clock_duration_ns(&info->clock, counts->first_ticks, counts->last_ticks));
        if (part_finding_count(text->input) != 0) {
            text_flow_words(&flow, "; seconds above count from the first event");
        }
    }
    text_flow_end(&flow);
}

static void row_events(const struct health_text *text)
{
    struct text_flow flow;
    const struct coverage *coverage = text->coverage;
    text_row(&flow, text->style, "events");
    text_flow_plural(&flow, coverage->events, "Winsock event");
    if (coverage->events != 0) {
        text_flow_format(&flow, " up to level of detail %" PRIu32, coverage->level_max);
        text_flow_words(&flow, " of 5");
    }
    if (coverage->modern_seen && coverage->legacy_seen) {
        text_flow_words(&flow, ", of both families: Windows Vista's and that of 7 and later");
    } else if (coverage->modern_seen) {
        text_flow_words(&flow, ", of the family of Windows 7 and later");
    } else if (coverage->legacy_seen) {
        text_flow_words(&flow, ", of the family of Windows Vista and Server 2008");
    }
    if (coverage->undecodable != 0) {
        text_flow_words(&flow, "; ");
        text_flow_count(&flow, coverage->undecodable);
        text_flow_words(&flow, " not understood (unexpected length)");
    }
    text_flow_end(&flow);
}

static void row_operations(const struct health_text *text)
{
    struct text_flow flow;
    const struct coverage *coverage = text->coverage;
    text_row(&flow, text->style, "operations");
    if (coverage->posts == 0 && coverage->completions == 0) {
        text_flow_words(&flow, "none");
        text_flow_end(&flow);
        return;
    }
    text_flow_count(&flow, coverage->posts);
    text_flow_words(&flow, coverage->posts == 1 ? " call, at most " : " calls, at most ");
    text_flow_count(&flow, coverage->max_in_flight);
    text_flow_words(&flow, " in flight at once, ");
    text_flow_count(&flow, coverage->pending);
    text_flow_words(&flow, " still at the end; ");
    text_flow_plural(&flow, coverage->matched, "completion");
    text_flow_words(&flow,
                    coverage->matched == 1 ? " matched to its post" : " matched to their posts");
    if (coverage->orphan_completions != 0) {
        text_flow_words(&flow, ", ");
        text_flow_count(&flow, coverage->orphan_completions);
        text_flow_words(&flow, " without a post in the trace");
    }
    text_flow_end(&flow);
}

static void limited_item(struct text_flow *flow, uint64_t count, const char *one, const char *many)
{
    if (count == 0) {
        return;
    }
    text_flow_item(flow);
    text_flow_count(flow, count);
    text_flow_words(flow, " ");
    text_flow_words(flow, count == 1 ? one : many);
}

/* Operations that were compared in part or not at all; no row if all were compared in full. */
static void row_limited(const struct health_text *text)
{
    struct text_flow flow;
    const struct coverage *coverage = text->coverage;
    if (coverage->kernel_address_operations + coverage->inferred_address_operations +
            coverage->chained_operations + coverage->zero_length_posts + coverage->rejected_posts +
            coverage->invalid_addresses + coverage->buffered_ignored +
            coverage->capped_operations ==
        0) {
        return;
    }
    text_row(&flow, text->style, "limited");
    limited_item(&flow, coverage->kernel_address_operations,
                 "operation with a kernel address, compared by its start only",
                 "operations with a kernel address, compared by their starts only");
    limited_item(&flow, coverage->inferred_address_operations,
                 "call whose address is that of its failed attempt on the fast path",
                 "calls whose address is that of their failed attempt on the fast path");
    limited_item(&flow, coverage->chained_operations,
                 "operation with several user buffers, compared by the first one's address",
                 "operations with several user buffers, compared by the first one's address");
    limited_item(&flow, coverage->zero_length_posts, "post of length 0: owns no memory",
                 "posts of length 0: own no memory");
    limited_item(&flow, coverage->rejected_posts, "post that was rejected at once",
                 "posts that were rejected at once");
    limited_item(&flow, coverage->invalid_addresses, "post with an impossible address",
                 "posts with an impossible address");
    limited_item(&flow, coverage->buffered_ignored,
                 "post of a copy that Windows made for itself: not the program's memory",
                 "posts of copies that Windows made for itself: not the program's memory");
    limited_item(&flow, coverage->capped_operations, "operation with more conflicts than are kept",
                 "operations with more conflicts than are kept");
    text_flow_end(&flow);
}

static void row_loss(const struct health_text *text, const struct etl_trace_info *info)
{
    struct text_flow flow;
    bool known =
        (text->input->causes | text->input->accepted_causes) & CAUSE_BIT(CAUSE_EVENTS_LOST);
    text_row(&flow, text->style, "loss");
    if (info->events_lost == 0 && info->buffers_lost == 0) {
        text_flow_words(&flow, known && info->damaged_buffers == 0
                                   ? "some, noted between the events; the header counts none"
                                   : "none recorded");
    } else {
        text_flow_plural(&flow, info->events_lost, "event");
        text_flow_words(&flow, " and ");
        text_flow_plural(&flow, info->buffers_lost, "trace buffer");
        text_flow_words(&flow, " lost while recording");
    }
    if (info->end_missing) {
        text_flow_words(&flow, "; the end is missing: ");
        text_flow_sentence(&flow, info->end_missing_why);
    }
    if (info->damaged_buffers != 0 || info->skipped_bytes != 0) {
        text_flow_words(&flow, "; ");
        text_flow_plural(&flow, info->damaged_buffers, "damaged trace buffer");
        text_flow_words(&flow, ", ");
        text_flow_plural(&flow, info->skipped_bytes, "byte");
        text_flow_words(&flow, " skipped");
    }
    text_flow_end(&flow);
}

static void row_stacks(const struct health_text *text)
{
    struct text_flow flow;
    const struct coverage *coverage = text->coverage;

    if (coverage->posts == 0) {
        return; /* no call whose stack could have been recorded */
    }
    text_row(&flow, text->style, "stacks");
    if (coverage->stacks == 0) {
        text_flow_words(&flow, "none: bufcheck capture-help tells how to record them");
    } else {
        text_flow_words(&flow, "of ");
        text_flow_count(&flow, coverage->stacks);
        text_flow_words(&flow, " of ");
        text_flow_plural(&flow, coverage->posts, "call");
    }
    text_flow_end(&flow);
}

static void row_sentences(const struct health_text *text, const char *label,
                          const char *const *sentences, size_t count, size_t limit)
{
    struct text_flow flow;
    if (count == 0) {
        return;
    }
    size_t shown = count < limit ? count : limit;
    text_row(&flow, text->style, label);
    for (size_t i = 0; i < shown; i++) {
        text_flow_item(&flow);
        text_flow_sentence(&flow, sentences[i]);
    }
    if (shown < count) {
        text_flow_newline(&flow);
        text_flow_format(&flow, "(%zu more; -v shows them)", count - shown);
    }
    text_flow_end(&flow);
}

static void row_causes(const struct health_text *text, const char *label, uint32_t causes)
{
    struct text_flow flow;
    if (causes == 0) {
        return;
    }
    text_row(&flow, text->style, label);
    for (uint32_t left = causes; left != 0;) {
        enum cause cause = cause_take(&left);
        char words[PART_CAUSE_LEN];
        part_cause_text(text->settings, text->input, cause, words);
        text_flow_item(&flow);
        text_flow_format(&flow, "%s: ", cause_name(cause));
        text_flow_words(&flow, words);
    }
    text_flow_end(&flow);
}

void text_health(const struct text_style *style, const struct report_settings *settings,
                 const struct report_input *input, bool name_file)
{
    const struct health_text text = {style, settings, input, &input->coverage};
    if (!input->opened) {
        return;
    }
    text_colored(style, TEXT_BOLD, "Trace health");
    out_str(style->out, ": what this trace let bufcheck see\n");
    if (name_file) {
        out_str(style->out, "  of             ");
        text_escape(style->out, input->path);
        out_char(style->out, '\n');
    }
    for (size_t i = 0; i < input->trace_count; i++) {
        row_file(&text, &input->traces[i], &input->counts[i]);
        row_span(&text, &input->traces[i], &input->counts[i]);
        row_loss(&text, &input->traces[i]);
    }
    row_events(&text);
    row_operations(&text);
    if (input->coverage.posts != 0) {
        row_limited(&text);
    }
    if (input->coverage.events != 0) {
        row_stacks(&text);
    }
    if (input->verdict != VERDICT_INCONCLUSIVE) { /* the verdict says them */
        row_causes(&text, "unproven", input->causes);
    }
    row_causes(&text, "accepted", input->accepted_causes);
    text_pdbs(text.style, text.settings, input);
    row_sentences(&text, "caveats", input->caveats, input->caveat_count, SIZE_MAX);
    row_sentences(&text, "notes", input->notes, input->note_count,
                  settings->verbose ? SIZE_MAX : NOTES_SHOWN);
}
