/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

/* ---- ends that a socket, a process or time brings ---- */

/* Section 3, Closing: without a completion the operation ends `closed`, at the time of the close.
 */
void model_effect_leave_closing(struct model_run *run, size_t operation, const char *why)
{
    struct model_operation *closing = &run->result->operations[operation];
    closing->left_by = why;
    model_run_end(run, operation, MODEL_CLOSED, closing->close_event, closing->close_step);
}

/* Ends an operation whose socket or process is gone: one in flight ends `closed` now, a closing one
 * `closed` at its close, a suspended one `failed` at its Exit. */
static void end_with_owner(struct model_run *run, size_t operation, const char *why)
{
    switch (run->result->operations[operation].state) {
    case MODEL_IN_FLIGHT:
        model_run_end(run, operation, MODEL_CLOSED, model_run_now(run), run->step);
        break;
    case MODEL_SUSPENDED:
        model_call_give_up(run, operation, why);
        break;
    case MODEL_CLOSING:
        model_effect_leave_closing(run, operation, why);
        break;
    default:
        break;
    }
}

/* ---- close ---- */

/* Section 3, Close: all operations of the endpoint, and AcceptEx operations whose AcceptEndpoint it
 * is. An AcceptEndpoint of 0 names no socket. */
static bool is_closed_by(const struct model_run *run, size_t operation,
                         const struct model_event *event)
{
    const struct model_event *post = model_run_post(run, operation);
    return post->endpoint == event->endpoint || (post->id == 1027 && post->accept_endpoint != 0 &&
                                                 post->accept_endpoint == event->endpoint);
}

/* Section 3, Closing: at most 65,536 operations are closing at a time. The one closed first leaves
 * first; those that one event closed leave in the order of their posts. */
static void keep_closing_below_cap(struct model_run *run)
{
    size_t cap = run->input->closing_cap ? run->input->closing_cap : MODEL_CLOSING_CAP;
    for (;;) {
        size_t count = 0;
        size_t oldest = MODEL_NONE;
        for (size_t i = 0; i < run->result->operation_count; i++) {
            const struct model_operation *operation = &run->result->operations[i];
            if (operation->state != MODEL_CLOSING) {
                continue;
            }
            count++;
            if (oldest == MODEL_NONE ||
                operation->close_step < run->result->operations[oldest].close_step) {
                oldest = i;
            }
        }
        if (count <= cap) {
            return;
        }
        model_effect_leave_closing(run, oldest, "the cap");
    }
}

/* Section 3, Close: each of 13, 14, 1001 and 1002 counts, whatever EnterExit and status. An
 * operation that is closing already stays as it is. Suspension: a close ends it. */
void model_effect_close(struct model_run *run, const struct model_event *event)
{
    for (size_t i = 0; i < run->result->operation_count; i++) {
        struct model_operation *operation = &run->result->operations[i];
        if (!is_closed_by(run, i, event)) {
            continue;
        }
        if (operation->state == MODEL_SUSPENDED) {
            model_call_give_up(run, i, "a close");
        } else if (operation->state == MODEL_IN_FLIGHT) {
            operation->state = MODEL_CLOSING;
            operation->was_closing = true;
            operation->close_event = model_run_now(run);
            operation->close_step = run->step;
        }
    }
    keep_closing_below_cap(run);
}

/* ---- create, process ---- */

/* process ids 0 and 4 don't count, on either side */
static bool pid_counts(uint64_t pid)
{
    return pid != 0 && pid != 4;
}

/* The last process id that creates gave for that process address, before the present event. */
static bool last_created_pid(const struct model_run *run, uint64_t process, uint64_t *pid)
{
    for (size_t i = run->step; i > 0; i--) {
        const struct model_event *event = model_run_event(run, run->result->order[i - 1]);
        if (model_event_is_create(event) && event->process == process &&
            pid_counts(event->create_pid)) {
            *pid = event->create_pid;
            return true;
        }
    }
    return false;
}

/* Counts a life of the process address that is over. A process address is an identity while the
 * process lives, and a life ends where its operations end. */
static void give_up_process(struct model_run *run, uint64_t process)
{
    if (run->given_up_count == run->given_up_capacity) {
        run->given_up_capacity = run->given_up_capacity * 2 + 8;
        run->given_up = model_grow(run->given_up, run->given_up_capacity, sizeof *run->given_up);
    }
    run->given_up[run->given_up_count++] = process;
}

unsigned model_effect_life(const struct model_run *run, uint64_t process)
{
    unsigned life = 0;
    for (size_t i = 0; i < run->given_up_count; i++) {
        life += run->given_up[i] == process;
    }
    return life;
}

static void end_process(struct model_run *run, uint64_t process, const char *why)
{
    for (size_t i = 0; i < run->result->operation_count; i++) {
        if (model_run_post(run, i)->process == process) {
            end_with_owner(run, i, why);
        }
    }
    give_up_process(run, process);
}

/* Section 3, Create: the endpoint's operations end `closed`, because Windows has recycled the
 * address. Create with a new process id: all operations of that process end `closed`. */
void model_effect_create(struct model_run *run, const struct model_event *event)
{
    uint64_t last;
    for (size_t i = 0; i < run->result->operation_count; i++) {
        if (model_run_post(run, i)->endpoint == event->endpoint) {
            end_with_owner(run, i, "a create");
        }
    }
    if (pid_counts(event->create_pid) && last_created_pid(run, event->process, &last) &&
        last != event->create_pid) {
        end_process(run, event->process, "another process id");
    }
}

/* Section 3, Process end: the process address decides; where the record has none, the last process
 * id that creates gave for the process. */
static bool process_ends_by(const struct model_run *run, uint64_t process,
                            const struct model_event *event)
{
    uint64_t pid;
    if (event->process_key != 0) {
        return process == event->process_key;
    }
    return last_created_pid(run, process, &pid) && pid == event->ended_pid;
}

/* Whether the event at `step` is the first that shows its process. */
static bool shows_process_first(const struct model_run *run, size_t step)
{
    const struct model_event *event = model_run_event(run, run->result->order[step]);
    if (!model_event_counts(event)) {
        return false;
    }
    for (size_t i = 0; i < step; i++) {
        const struct model_event *earlier = model_run_event(run, run->result->order[i]);
        if (model_event_counts(earlier) && earlier->process == event->process) {
            return false;
        }
    }
    return true;
}

/* Section 3, Process end: all operations of that process end `closed`. */
void model_effect_process_end(struct model_run *run, const struct model_event *event)
{
    for (size_t i = 0; i < run->step; i++) {
        uint64_t process = model_run_event(run, run->result->order[i])->process;
        if (shows_process_first(run, i) && process_ends_by(run, process, event)) {
            end_process(run, process, "the process' end");
        }
    }
}

/* ---- doubt ---- */

/* Reasons reach operations in flight. Section 3, Suspension: reasons of suspended operations are
 * counted on. */
static bool takes_reasons(const struct model_run *run, size_t operation)
{
    enum model_state state = run->result->operations[operation].state;
    return state == MODEL_IN_FLIGHT || state == MODEL_SUSPENDED;
}

static void blur(struct model_run *run, size_t operation, uint16_t id)
{
    run->result->operations[operation].end_ambiguous = true;
    run->result->operations[operation].end_ambiguous_by = id;
}

/* Section 3, Abort and disconnect: all operations of the endpoint may end without a trace from now
 * on. */
void model_effect_abort(struct model_run *run, const struct model_event *event)
{
    for (size_t i = 0; i < run->result->operation_count; i++) {
        if (takes_reasons(run, i) && model_run_post(run, i)->endpoint == event->endpoint) {
            run->result->operations[i].aborted = true;
            run->result->operations[i].aborted_by = event->id;
        }
    }
}

/* Section 3, Failures: 9 and 10 concern sends, 11 and 12 receives; they end nothing and make the
 * operations of that endpoint and direction `end-ambiguous`. */
void model_effect_failure(struct model_run *run, const struct model_event *event)
{
    enum model_direction direction = event->id <= 10 ? MODEL_SEND : MODEL_RECV;
    for (size_t i = 0; i < run->result->operation_count; i++) {
        if (takes_reasons(run, i) && model_run_post(run, i)->endpoint == event->endpoint &&
            run->result->operations[i].direction == direction) {
            blur(run, i, event->id);
        }
    }
}

#define BLURRED_BY_ORPHAN 1 /* stands for an id in end_ambiguous_by */

/* Section 3, Orphans: every operation of the same family, endpoint and direction that is in flight
 * gets the reason `end-ambiguous`, because the orphan may have been its end. */
void model_effect_orphan(struct model_run *run, const struct model_event *completion)
{
    for (size_t i = 0; i < run->result->operation_count; i++) {
        const struct model_operation *operation = &run->result->operations[i];
        if (takes_reasons(run, i) && model_run_post(run, i)->endpoint == completion->endpoint &&
            operation->modern == model_event_is_modern(completion) &&
            operation->direction == model_event_direction(completion)) {
            blur(run, i, BLURRED_BY_ORPHAN);
        }
    }
}

/* Section 3, Matching, rule 4: several fit, so that all of them in flight get the reason
 * `end-ambiguous`. */
void model_effect_ambiguous_ex(struct model_run *run, const struct model_event *completion)
{
    for (size_t i = 0; i < run->result->operation_count; i++) {
        if (model_run_in_flight(run, i) &&
            model_match_fits_by_kind(model_run_post(run, i), completion)) {
            blur(run, i, completion->id);
        }
    }
}

/* ---- effects of a modern Enter or post ---- */

/* Section 3, Returned: a thread is in one call at a time, so that its Enter ends the modern
 * fast-path operations of the same thread and process. Spared are the one that the Enter continues,
 * and a send that the Enter may be AFD's inner copy of. */
void model_effect_return(struct model_run *run, const struct model_event *event, size_t continued)
{
    for (size_t i = 0; i < run->result->operation_count; i++) {
        const struct model_operation *operation = &run->result->operations[i];
        const struct model_event *post = model_run_post(run, i);
        if (!model_run_in_flight(run, i) || !operation->modern || !operation->fast_path ||
            post->tid != event->tid || post->process != event->process || i == continued) {
            continue;
        }
        if (model_call_may_be_copy_of(run, i, event)) {
            run->result->seen.refused_send_without_exit++;
            continue;
        }
        model_run_end(run, i, MODEL_RETURNED, model_run_now(run), run->step);
    }
}

/* Section 3, Implied: a modern post of a send or receive, but not of 1021 or 1027, ends the
 * AcceptEx operations that name its endpoint as their AcceptEndpoint. */
void model_effect_imply(struct model_run *run, const struct model_event *event)
{
    if (model_event_is_ex(event) || event->endpoint == 0) {
        return;
    }
    for (size_t i = 0; i < run->result->operation_count; i++) {
        const struct model_event *post = model_run_post(run, i);
        if (model_run_in_flight(run, i) && post->id == 1027 &&
            post->accept_endpoint == event->endpoint) {
            model_run_end(run, i, MODEL_IMPLIED, model_run_now(run), run->step);
        }
    }
}

/* Section 3, Superseded by request: a modern post ends the operation of the same endpoint,
 * direction and request; if only the direction differs, that one gets `end-ambiguous`. Closing: the
 * request of a closing operation is posted again, which ends the waiting. */
void model_effect_supersede_request(struct model_run *run, const struct model_event *event,
                                    size_t poster)
{
    for (size_t i = 0; i < run->result->operation_count; i++) {
        const struct model_operation *older = &run->result->operations[i];
        if (i == poster || !older->modern ||
            !model_event_same_request(model_run_event(run, older->request_event), event)) {
            continue;
        }
        bool same_direction = older->direction == model_event_direction(event);
        if (older->state == MODEL_IN_FLIGHT && same_direction) {
            model_run_end(run, i, MODEL_SUPERSEDED, model_run_now(run), run->step);
        } else if (older->state == MODEL_IN_FLIGHT) {
            blur(run, i, event->id);
        } else if (older->state == MODEL_CLOSING && same_direction) {
            model_effect_leave_closing(run, i, "its request");
        }
    }
}

/* Section 3, Superseded by kernel address: one request owns one kernel address, so that a post of a
 * kernel address in flight ends the older operation, after their conflict has been recorded. */
void model_effect_supersede_address(struct model_run *run, const struct model_event *event,
                                    size_t poster)
{
    if (model_memory_space(run, event) != MODEL_SPACE_KERNEL) {
        return;
    }
    for (size_t i = 0; i < run->result->operation_count; i++) {
        const struct model_operation *older = &run->result->operations[i];
        if (i == poster || !older->modern || !older->has_kernel_address ||
            older->kernel_address != event->buffer) {
            continue;
        }
        if (older->state == MODEL_IN_FLIGHT) {
            model_run_end(run, i, MODEL_SUPERSEDED, model_run_now(run), run->step);
        } else if (older->state == MODEL_CLOSING) {
            model_effect_leave_closing(run, i, "its kernel address");
        }
    }
}

/* ---- time ---- */

/* Section 3, Suspension and Closing: a suspension lasts a second at most, a closing sixty. Exactly
 * as long is not too long. */
void model_effect_pass_time(struct model_run *run)
{
    int64_t now = run->order_time[model_run_now(run)];
    for (size_t i = 0; i < run->result->operation_count; i++) {
        const struct model_operation *operation = &run->result->operations[i];
        if (operation->state == MODEL_SUSPENDED &&
            model_run_is_longer(run, run->order_time[operation->over_event], now, 1)) {
            model_call_give_up(run, i, "time");
        } else if (operation->state == MODEL_CLOSING &&
                   model_run_is_longer(run, run->order_time[operation->close_event], now,
                                       MODEL_CLOSING_SECONDS)) {
            model_effect_leave_closing(run, i, "time");
        }
    }
}
