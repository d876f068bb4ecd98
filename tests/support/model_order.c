/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

#include <stdlib.h>

/* The event before `event` on its processor, or MODEL_NONE. */
static size_t previous_on_processor(const struct model_input *input, size_t event)
{
    for (size_t i = event; i > 0; i--) {
        if (input->events[i - 1].cpu == input->events[event].cpu) {
            return i - 1;
        }
    }
    return MODEL_NONE;
}

/* Section 2: the earlier event comes first. At equal times of different processors a post comes
 * after everything else, rejected posts and posts without memory included; then the lower processor
 * comes first. */
static bool event_comes_before(const struct model_run *run, size_t a, size_t b)
{
    const struct model_event *a_event = &run->input->events[a];
    const struct model_event *b_event = &run->input->events[b];
    if (run->order_time[a] != run->order_time[b]) {
        return run->order_time[a] < run->order_time[b];
    }
    bool a_posts = model_event_is_post(a_event);
    bool b_posts = model_event_is_post(b_event);
    if (a_posts != b_posts) {
        return b_posts;
    }
    return a_event->cpu < b_event->cpu;
}

/* Section 2: events of one processor keep their recorded order, even where their times go back. No
 * event counts as earlier than its predecessor. */
static void set_order_times(struct model_run *run, const size_t *previous)
{
    for (size_t i = 0; i < run->input->event_count; i++) {
        run->order_time[i] = run->input->events[i].time;
        if (previous[i] != MODEL_NONE && run->order_time[previous[i]] > run->order_time[i]) {
            run->order_time[i] = run->order_time[previous[i]];
        }
    }
}

void model_order(struct model_run *run)
{
    const struct model_input *input = run->input;
    bool *taken = model_allocate(input->event_count + 1, sizeof *taken);
    size_t *previous = model_allocate(input->event_count + 1, sizeof *previous);
    for (size_t i = 0; i < input->event_count; i++) {
        previous[i] = previous_on_processor(input, i);
    }
    set_order_times(run, previous);
    for (size_t n = 0; n < input->event_count; n++) {
        size_t best = MODEL_NONE;
        for (size_t i = 0; i < input->event_count; i++) {
            bool is_head = !taken[i] && (previous[i] == MODEL_NONE || taken[previous[i]]);
            if (is_head && (best == MODEL_NONE || event_comes_before(run, i, best))) {
                best = i;
            }
        }
        taken[best] = true;
        run->result->order[run->result->order_count++] = best;
    }
    free(previous);
    free(taken);
}
