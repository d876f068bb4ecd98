#include "tests/support/model_internal.h"

#include <stdlib.h>

/* The event before each one on its processor. */
static size_t previous_of(const struct model_input *input, size_t event)
{
    for (size_t i = event; i > 0; i--)
        if (input->events[i - 1].cpu == input->events[event].cpu)
            return i - 1;
    return MODEL_NONE;
}

/*
 * "Events are taken in time order over all processors." "Between processors the heads of the
 * streams compare: posts (rejected ones and those without memory included) after everything else
 * (AFD's own copies and undecodable events too), then the lower processor".
 */
static bool comes_before(const struct model_event *a, const struct model_event *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    bool a_posts = model_event_is_post(a), b_posts = model_event_is_post(b);
    if (a_posts != b_posts)
        return b_posts;
    return a->cpu < b->cpu;
}

/* "Equal times: events of one processor keep their recorded order, always." */
void model_order(struct model_run *run)
{
    const struct model_input *input = run->input;
    bool *taken = model_allocate(input->event_count + 1, sizeof *taken);
    size_t *previous = model_allocate(input->event_count + 1, sizeof *previous);
    for (size_t i = 0; i < input->event_count; i++)
        previous[i] = previous_of(input, i);
    for (size_t n = 0; n < input->event_count; n++) {
        size_t best = MODEL_NONE;
        for (size_t i = 0; i < input->event_count; i++) {
            bool is_head = !taken[i] && (previous[i] == MODEL_NONE || taken[previous[i]]);
            if (is_head &&
                (best == MODEL_NONE || comes_before(&input->events[i], &input->events[best])))
                best = i;
        }
        taken[best] = true;
        run->result->order[run->result->order_count++] = best;
    }
    free(previous);
    free(taken);
}
