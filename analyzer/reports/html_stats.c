/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>

#include "base/format_text.h"
#include "analyzer/reports/html_parts.h"
#include "analyzer/reports/html_text.h"

static void stat_begin(struct out *out, const char *label)
{
    out_printf(out, "<div><dt>%s</dt><dd>", label);
}

static void stat_share(struct out *out, const char *label, uint64_t part, uint64_t whole)
{
    stat_begin(out, label);
    if (whole == 0) {
        out_str(out, "\xe2\x80\x93<span>no operation</span></dd></div>\n");
    } else {
        out_printf(out, "%" PRIu64 "\xe2\x80\xaf%%<span>", part * 100 / whole);
        html_count(out, part);
        out_str(out, " of ");
        html_count(out, whole);
        out_str(out, "</span></dd></div>\n");
    }
}

static uint64_t lost_events(const struct report_input *input)
{
    uint64_t lost = 0;
    for (size_t i = 0; i < input->trace_count; i++) {
        lost += input->traces[i].events_lost;
    }
    return lost;
}

static uint64_t lost_buffers(const struct report_input *input)
{
    uint64_t lost = 0;
    for (size_t i = 0; i < input->trace_count; i++) {
        lost += input->traces[i].buffers_lost;
    }
    return lost;
}

static void stat_span(struct out *out, const struct report_input *input)
{
    const struct etl_record_counts *counts = &input->counts[0];
    char text[TEXT_NUMBER_LEN];
    stat_begin(out, "Recorded");
    if (input->trace_count == 0 || !counts->any_time) {
        out_str(out, "\xe2\x80\x93<span>no event</span></dd></div>\n");
        return;
    }
    text_format_duration(
        etl_clock_duration_ns(input->clock, counts->first_ticks, counts->last_ticks), text);
    out_printf(out, "%s<span>", text);
    html_plural(out, input->coverage.events, "Winsock event");
    out_str(out, "</span></dd></div>\n");
}

void html_stats(struct out *out, const struct report_input *input)
{
    const struct coverage *coverage = &input->coverage;
    out_str(out, "<dl class=\"stats\">\n");
    stat_begin(out, "Operations");
    html_count(out, coverage->posts);
    out_str(out, "<span>");
    html_plural(out, coverage->recvs, "receive");
    out_str(out, ", ");
    html_plural(out, coverage->sends, "send");
    out_str(out, "</span></dd></div>\n");
    stat_share(out, "Addresses visible",
               coverage->recvs_user_address + coverage->sends_user_address,
               coverage->recvs + coverage->sends);
    stat_share(out, "End recorded", coverage->matched, coverage->posts);
    stat_begin(out, "Most in flight");
    html_count(out, coverage->max_in_flight);
    out_str(out, "<span>at one time</span></dd></div>\n");
    stat_begin(out, "Lost events");
    html_count(out, lost_events(input));
    out_str(out, "<span>and ");
    html_plural(out, lost_buffers(input), "trace buffer");
    out_str(out, "</span></dd></div>\n");
    stat_span(out, input);
    out_str(out, "</dl>\n");
}
