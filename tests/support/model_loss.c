/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

#include <stdlib.h>

/* The time of the last event on that processor before the trace buffer `number`, else the trace's
 * start. */
static int64_t last_before(const struct model_input *input, uint32_t cpu, uint32_t number)
{
    int64_t time = INT64_MIN;
    for (size_t i = 0; i < input->event_count; i++) {
        if (input->events[i].cpu == cpu && input->events[i].trace_buffer < number) {
            time = input->events[i].time;
        }
    }
    return time;
}

/* The time of the first event on that processor after the trace buffer `number`, else the trace's
 * end. */
static int64_t first_after(const struct model_input *input, uint32_t cpu, uint32_t number)
{
    for (size_t i = 0; i < input->event_count; i++) {
        if (input->events[i].cpu == cpu && input->events[i].trace_buffer > number) {
            return input->events[i].time;
        }
    }
    return INT64_MAX;
}

/* Section 6, loss with a position: the span around a flagged trace buffer reaches from the last
 * event of the processor's previous trace buffer to the first event of its next one; a "last
 * dropped" time that isn't 0 is a moment. */
void model_loss_find(struct model_run *run)
{
    const struct model_input *input = run->input;
    run->spans =
        model_allocate(input->flagged_count + input->last_dropped_count + 1, sizeof *run->spans);
    for (size_t i = 0; i < input->flagged_count; i++) {
        const struct model_flagged_buffer *flagged = &input->flagged[i];
        struct model_span *span = &run->spans[run->span_count++];
        span->from = last_before(input, flagged->cpu, flagged->trace_buffer);
        span->to = first_after(input, flagged->cpu, flagged->trace_buffer);
    }
    for (size_t i = 0; i < input->last_dropped_count; i++) {
        if (input->last_dropped[i] == 0) {
            continue;
        }
        struct model_span *span = &run->spans[run->span_count++];
        span->from = input->last_dropped[i];
        span->to = input->last_dropped[i];
    }
}

/* Section 6, loss without a position concerns the whole trace: the header's EventsLost and
 * BuffersLost, and a missing end. */
bool model_loss_touches(const struct model_run *run, int64_t from, int64_t to)
{
    if (run->input->header_loss || run->input->end_missing) {
        return true;
    }
    for (size_t i = 0; i < run->span_count; i++) {
        if (run->spans[i].from <= to && run->spans[i].to >= from) {
            return true;
        }
    }
    return false;
}

/* Whether anything was lost. A missing end is a cause of its own and does not count here. */
bool model_loss_any(const struct model_run *run)
{
    return run->input->header_loss || run->span_count > 0;
}
