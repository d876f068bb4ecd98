/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

#include <stdlib.h>

/* Section 3, Attempt: a fast-path post (keyword 0x10) of a user address. Operations of 1021 and
 * 1027, and posts without memory, are no attempts. */
bool model_call_is_attempt(const struct model_run *run, const struct model_event *post)
{
    return model_event_is_post(post) && model_event_is_modern(post) &&
           model_event_on_fast_path(post) && !model_event_is_ex(post) &&
           model_memory_space(run, post) == MODEL_SPACE_USER;
}

/* Section 3, Continuation: only a modern post of a kernel address without keyword 0x10 can continue
 * an attempt. A rejected Enter posts nothing. */
static bool is_slow_kernel_post(const struct model_run *run, const struct model_event *event)
{
    return model_event_is_post(event) && model_event_is_modern(event) &&
           !model_event_is_rejected(event) && !model_event_on_fast_path(event) &&
           model_memory_space(run, event) == MODEL_SPACE_KERNEL;
}

size_t model_call_last_own_event(const struct model_run *run, uint32_t tid)
{
    for (size_t i = run->step; i > 0; i--) {
        size_t index = run->result->order[i - 1];
        const struct model_event *event = model_run_event(run, index);
        if (model_event_is_own(event) && event->tid == tid) {
            return index;
        }
    }
    return MODEL_NONE;
}

/* Section 3, Continuation, the second way, for receives only: the thread's last own event was the
 * attempt's Enter itself, and no Exit has come. */
static bool is_open_receive_attempt(const struct model_run *run, size_t operation, size_t last)
{
    const struct model_operation *attempt = &run->result->operations[operation];
    return attempt->post == last && attempt->is_attempt && !attempt->from_attempt &&
           model_run_in_flight(run, operation) && attempt->direction == MODEL_RECV;
}

/* Finds the attempt that the thread's last own event `last` belongs to: as the event by which the
 * attempt was over, or as the Enter of a receive without Exit. */
static bool attempt_behind(struct model_run *run, size_t last, size_t *operation, size_t *enter)
{
    const struct model_event *event = model_run_event(run, last);
    *operation = MODEL_NONE;
    *enter = last;
    for (size_t i = 0; i < run->result->operation_count; i++) {
        const struct model_operation *attempt = &run->result->operations[i];
        bool suspended = attempt->state == MODEL_SUSPENDED && attempt->over_event == last;
        bool open = is_open_receive_attempt(run, i, last);
        if (open && attempt->end_ambiguous) {
            run->result->seen.refused_by_blur++;
            return false;
        }
        if (suspended || open) {
            *operation = i;
            *enter = attempt->post;
            return true;
        }
    }
    /* an attempt whose Enter was rejected is over at once */
    return model_event_is_rejected(event) && model_call_is_attempt(run, event);
}

/* Section 3, Continuation: the user-mode frames agree, innermost first, as far as both stacks go.
 */
static bool stacks_agree(const struct model_run *run, const struct model_event *a,
                         const struct model_event *b)
{
    size_t i = 0;
    size_t j = 0;
    for (;;) {
        while (i < a->frame_count && !model_memory_is_user_frame(run, a->frames[i])) {
            i++;
        }
        while (j < b->frame_count && !model_memory_is_user_frame(run, b->frames[j])) {
            j++;
        }
        if (i == a->frame_count || j == b->frame_count) {
            return true;
        }
        if (a->frames[i++] != b->frames[j++]) {
            return false;
        }
    }
}

/* Section 3, Continuation: process, endpoint, direction and `BufferLength` are the attempt's, at
 * most one second has passed since the attempt was over (without an Exit: since its Enter), and
 * stacks that both events hold agree. */
static bool belongs_to_call(struct model_run *run, const struct model_event *enter,
                            int64_t over_time, size_t index)
{
    const struct model_event *event = model_run_event(run, index);
    struct model_seen *seen = &run->result->seen;
    if (enter->process != event->process || enter->endpoint != event->endpoint ||
        model_event_direction(enter) != model_event_direction(event)) {
        seen->refused_by_owner++;
        return false;
    }
    if (enter->buffer_length != event->buffer_length) {
        seen->refused_by_length++;
        return false;
    }
    if (model_run_is_longer(run, over_time, run->order_time[index], 1)) {
        seen->refused_by_time++;
        return false;
    }
    if (enter->has_stack && event->has_stack && !stacks_agree(run, enter, event)) {
        seen->refused_by_stack++;
        return false;
    }
    return true;
}

/* Whether an event that is not the thread's own lies between `last` and the present one. */
static bool foreign_event_between(const struct model_run *run, size_t last, uint32_t tid)
{
    for (size_t i = run->step; i > 0 && run->result->order[i - 1] != last; i--) {
        const struct model_event *event = model_run_event(run, run->result->order[i - 1]);
        if (model_event_is_winsock(event) && event->tid == tid) {
            return true;
        }
    }
    return false;
}

bool model_call_continues(struct model_run *run, size_t index, size_t *operation, size_t *enter)
{
    const struct model_event *event = model_run_event(run, index);
    *operation = MODEL_NONE;
    *enter = MODEL_NONE;
    if (!is_slow_kernel_post(run, event) || model_event_is_ex(event)) {
        return false;
    }
    size_t last = model_call_last_own_event(run, event->tid);
    if (last == MODEL_NONE || !attempt_behind(run, last, operation, enter) ||
        !belongs_to_call(run, model_run_event(run, *enter), run->order_time[last], index)) {
        *operation = MODEL_NONE;
        return false;
    }
    run->result->seen.passed_over_foreign_event += foreign_event_between(run, last, event->tid);
    return true;
}

/* Section 3, Suspension: from its Exit to the thread's next own event the operation is suspended.
 * `over` is the event by which the attempt was over: the Exit, or the Enter where the Exit was
 * kept. */
void model_call_suspend(struct model_run *run, size_t operation, size_t exit, size_t over)
{
    struct model_operation *attempt = &run->result->operations[operation];
    attempt->state = MODEL_SUSPENDED;
    attempt->exit_event = exit;
    attempt->exit_step = run->step;
    attempt->over_event = over;
}

/* Section 3, Suspension: an operation that does not go on ended `failed` at its Exit, and that is
 * known only now. */
void model_call_give_up(struct model_run *run, size_t operation, const char *why)
{
    struct model_operation *attempt = &run->result->operations[operation];
    attempt->left_by = why;
    model_run_end(run, operation, MODEL_FAILED, attempt->exit_event, attempt->exit_step);
}

static size_t step_of(const struct model_run *run, size_t event)
{
    size_t step = 0;
    while (run->result->order[step] != event) {
        step++;
    }
    return step;
}

/*
 * Section 3, The continued operation: post and memory are the attempt's, request and kernel address
 * the continuation's, the operation was in flight throughout, and it is no longer on the fast path.
 * Inferred address: from the moment at which the attempt was over, without an Exit from the Enter
 * on.
 */
void model_call_continue(struct model_run *run, size_t operation, size_t event)
{
    struct model_operation *attempt = &run->result->operations[operation];
    attempt->without_exit = attempt->state != MODEL_SUSPENDED;
    attempt->inferred_from =
        attempt->without_exit ? attempt->post_step : step_of(run, attempt->over_event);
    attempt->state = MODEL_IN_FLIGHT;
    attempt->from_attempt = true;
    attempt->continuation = event;
    attempt->continued_step = run->step;
    attempt->fast_path = false;
    attempt->has_kernel_address = true;
    attempt->kernel_address = model_run_event(run, event)->buffer;
    attempt->request_event = event;
    attempt->matched_by = 0;
    attempt->matched_kept = false;
}

/* Section 3, Returned: an Enter spares a send attempt without Exit whose Enter was the thread's
 * last own event if it posts a send (not 1021) of a kernel address without keyword 0x10, with the
 * same process, endpoint and `BufferLength`. Such an Enter may be AFD's inner copy. */
bool model_call_may_be_copy_of(const struct model_run *run, size_t operation,
                               const struct model_event *event)
{
    const struct model_operation *attempt = &run->result->operations[operation];
    const struct model_event *enter = model_run_post(run, operation);
    return attempt->is_attempt && model_run_in_flight(run, operation) &&
           attempt->direction == MODEL_SEND && attempt->fast_path &&
           attempt->post == model_call_last_own_event(run, event->tid) &&
           is_slow_kernel_post(run, event) && !model_event_is_ex(event) &&
           model_event_direction(event) == MODEL_SEND && enter->process == event->process &&
           enter->endpoint == event->endpoint && enter->buffer_length == event->buffer_length;
}
