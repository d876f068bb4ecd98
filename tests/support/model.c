/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_TICKS_PER_SECOND 10000000

void *model_allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (memory == NULL) {
        abort();
    }
    return memory;
}

void *model_grow(void *old, size_t count, size_t size)
{
    void *memory = realloc(old, count * size);
    if (memory == NULL) {
        abort();
    }
    return memory;
}

const struct model_event *model_run_event(const struct model_run *run, size_t event)
{
    return &run->input->events[event];
}

const struct model_event *model_run_post(const struct model_run *run, size_t operation)
{
    return model_run_event(run, run->result->operations[operation].post);
}

size_t model_run_now(const struct model_run *run)
{
    return run->result->order[run->step];
}

int64_t model_run_seconds(const struct model_run *run, int64_t seconds)
{
    int64_t ticks = run->input->ticks_per_second;
    return seconds * (ticks ? ticks : DEFAULT_TICKS_PER_SECOND);
}

bool model_run_is_longer(const struct model_run *run, int64_t from, int64_t to, uint64_t seconds)
{
    uint64_t span = (uint64_t)to - (uint64_t)from; /* more than an int64_t may hold */

    return span > 0 && (span - 1) / seconds >= (uint64_t)model_run_seconds(run, 1);
}

/* Section 1: posted and not yet ended. A suspended or closing operation is neither in flight nor
 * ended. */
bool model_run_in_flight(const struct model_run *run, size_t operation)
{
    return run->result->operations[operation].state == MODEL_IN_FLIGHT;
}

bool model_end_is_traced(const struct model_operation *operation)
{
    return operation->end == MODEL_COMPLETED || operation->end == MODEL_FAILED;
}

/* Ends an operation at `step`, which may lie before the present one: the end is known now. */
void model_run_end(struct model_run *run, size_t operation, enum model_end how, size_t event,
                   size_t step)
{
    struct model_operation *ended = &run->result->operations[operation];
    ended->state = MODEL_ENDED;
    ended->end = how;
    ended->end_event = event;
    ended->end_step = step;
    ended->known_step = run->step;
}

/* Gives the completion to the operation that it matched. Section 3, Status: an error status ends
 * the operation as `failed`, any other as `completed`. An attempt in flight that an error Exit
 * matches by rule 2 is over instead, and suspended. */
static void complete(struct model_run *run, const struct model_hit *hit, size_t completion)
{
    struct model_operation *operation = &run->result->operations[hit->operation];
    const struct model_event *end = model_run_event(run, completion);
    if (hit->rule == 2 && operation->is_attempt && operation->state == MODEL_IN_FLIGHT &&
        model_event_has_error(end)) {
        model_call_suspend(run, hit->operation, completion, model_run_now(run));
        operation->matched_by = hit->rule;
        return;
    }
    operation->matched_by = hit->rule;
    operation->ambiguous_pairing = hit->pairing;
    operation->end_shows_user_address =
        operation->space == MODEL_SPACE_USER &&
        end->buffer == model_run_event(run, operation->memory_event)->buffer;
    model_run_end(run, hit->operation, model_event_has_error(end) ? MODEL_FAILED : MODEL_COMPLETED,
                  completion, run->step);
}

static void take_completion(struct model_run *run, size_t completion)
{
    struct model_hit hit = model_match(run, completion);
    if (hit.ambiguous) {
        run->ambiguous_completions++;
        model_effect_ambiguous_ex(run, model_run_event(run, completion));
    } else if (hit.operation != MODEL_NONE) {
        complete(run, &hit, completion);
    } else {
        run->kept[run->kept_count++] = completion;
    }
}

/* Section 3, Attempt: an attempt is over as well by an Exit with status 0x103 that rule 2 matches.
 */
static void take_pending_exit(struct model_run *run, size_t exit)
{
    size_t attempt = model_match_pending_exit(run, exit);
    if (attempt != MODEL_NONE) {
        run->result->seen.over_by_pending_exit++;
        run->result->operations[attempt].matched_by = 2;
        model_call_suspend(run, attempt, exit, exit);
    } else {
        run->result->seen.ignored_pending_exit++;
    }
}

/*
 * Section 2, Completions that come before their post: the first kept completion of another
 * processor that would match the present post, were that alone in flight, ends it at once. A
 * continuation counts as a post of the operation that it continues. A kept error Exit on the fast
 * path makes an attempt over by its own Enter.
 */
static void offer_kept(struct model_run *run, size_t operation)
{
    const struct model_event *post = model_run_event(run, model_run_now(run));
    for (size_t i = 0; i < run->kept_count; i++) {
        size_t completion = run->kept[i];
        struct model_hit hit = model_match_alone(run, completion, operation);
        if (model_run_event(run, completion)->cpu == post->cpu || hit.operation == MODEL_NONE) {
            continue;
        }
        run->kept_count--;
        memmove(&run->kept[i], &run->kept[i + 1], (run->kept_count - i) * sizeof *run->kept);
        run->result->operations[operation].matched_kept = true;
        complete(run, &hit, completion);
        run->result->seen.over_by_kept_exit +=
            run->result->operations[operation].state == MODEL_SUSPENDED;
        run->result->seen.continued_by_kept_end += run->result->operations[operation].from_attempt;
        return;
    }
}

/* Section 3, Orphans: the time has changed, or the trace has ended, and what is still kept is
 * orphaned. */
static void give_up_kept(struct model_run *run)
{
    for (size_t i = 0; i < run->kept_count; i++) {
        model_effect_orphan(run, model_run_event(run, run->kept[i]));
    }
    run->result->coverage.orphan_completions += run->kept_count;
    run->kept_count = 0;
}

/* The largest number of operations that were in flight or suspended after a post's effects. */
static void count_in_flight(struct model_run *run)
{
    uint64_t count = 0;
    for (size_t i = 0; i < run->result->operation_count; i++) {
        enum model_state state = run->result->operations[i].state;
        count += state == MODEL_IN_FLIGHT || state == MODEL_SUSPENDED;
    }
    if (count > run->result->coverage.max_in_flight) {
        run->result->coverage.max_in_flight = count;
    }
}

/* Adds the operation that the present event posts. `enter` is the rejected attempt's Enter where
 * the event continues one, else MODEL_NONE. */
static size_t add_operation(struct model_run *run, size_t enter)
{
    size_t now = model_run_now(run);
    const struct model_event *event = model_run_event(run, now);
    bool from_attempt = enter != MODEL_NONE;
    size_t memory_event = from_attempt ? enter : now;
    enum model_space own_space = model_memory_space(run, event);
    size_t index = run->result->operation_count;
    struct model_operation *operation = &run->result->operations[index];
    *operation = (struct model_operation){
        .post = now,
        .post_step = run->step,
        .memory_event = memory_event,
        .modern = model_event_is_modern(event),
        .direction = model_event_direction(event),
        .fast_path = model_event_on_fast_path(event),
        .datagram = model_conflict_is_datagram(run, event),
        .space = from_attempt ? MODEL_SPACE_USER : own_space,
        .invalid_address = model_memory_is_invalid(run, event),
        .process_life = model_effect_life(run, event->process),
        .is_attempt = model_call_is_attempt(run, event),
        .from_attempt = from_attempt,
        .continuation = MODEL_NONE,
        .continued_step = from_attempt ? run->step : MODEL_NONE,
        .inferred_from = from_attempt ? run->step : MODEL_NONE,
        .over_event = MODEL_NONE,
        .exit_event = MODEL_NONE,
        .has_kernel_address = own_space == MODEL_SPACE_KERNEL,
        .kernel_address = event->buffer,
        .request_event = now,
        .state = MODEL_IN_FLIGHT,
        .end = MODEL_PENDING,
        .end_event = MODEL_NONE,
    };
    if (operation->space == MODEL_SPACE_USER) {
        operation->user = model_memory_of(run, model_run_event(run, memory_event));
    }
    return index;
}

/* Whether an event before the present one posted on that thread; rejected posts count (section 5).
 */
static bool thread_has_posted(const struct model_run *run, uint32_t tid)
{
    for (size_t i = 0; i < run->step; i++) {
        const struct model_event *event = model_run_event(run, run->result->order[i]);
        if (model_event_is_post(event) && event->tid == tid) {
            return true;
        }
    }
    return false;
}

/* Section 5, `inference-unsure`: notes a modern receive, none of 1012, 1015, 1021 and 1027 and
 * without keyword 0x10, that has memory at a kernel address, continued nothing, and whose thread
 * had posted before. */
static void note_receive_without_attempt(struct model_run *run, const struct model_event *event)
{
    bool receive = event->id == 1004 || event->id == 1006 || event->id == 1009;
    if (!receive || model_event_on_fast_path(event) ||
        model_memory_space(run, event) != MODEL_SPACE_KERNEL ||
        !thread_has_posted(run, event->tid)) {
        return;
    }
    if (run->witness_count == run->witness_capacity) {
        run->witness_capacity = run->witness_capacity * 2 + 8;
        run->witnesses = model_grow(run->witnesses, run->witness_capacity, sizeof *run->witnesses);
    }
    run->witnesses[run->witness_count++] =
        (struct model_witness){.step = run->step,
                               .process = event->process,
                               .life = model_effect_life(run, event->process)};
}

/* Adds the operation of a post that continues none: the comparison of section 5 and whatever the
 * effects before and after it don't do. */
static size_t post_operation(struct model_run *run, size_t rejected_enter)
{
    size_t operation = add_operation(run, rejected_enter);
    if (rejected_enter == MODEL_NONE) {
        note_receive_without_attempt(run, model_run_event(run, model_run_now(run)));
    }
    model_conflict_compare(run, operation);
    run->result->operation_count++; /* the second is in flight from then on, next to the first */
    return operation;
}

/* Section 3, Effects of other events: a modern post has the effects `returned` and continuation,
 * `implied`, `superseded` by request, comparison, `superseded` by kernel address, in this order.
 * The first of them has taken place. `continued` is the operation that goes on, or MODEL_NONE. */
static void take_post(struct model_run *run, size_t continued, size_t rejected_enter)
{
    const struct model_event *event = model_run_event(run, model_run_now(run));
    bool modern = model_event_is_modern(event);
    size_t operation = continued;
    if (modern) {
        model_effect_imply(run, event);
        model_effect_supersede_request(run, event, continued);
    }
    if (continued == MODEL_NONE) {
        operation = post_operation(run, rejected_enter);
    }
    if (modern) {
        model_effect_supersede_address(run, event, operation);
    }
    count_in_flight(run);
    offer_kept(run, operation);
}

/* Section 3, Suspension: the present event is the next own event of its thread, which ends the
 * suspension. `continued` is the only operation that goes on with it. */
static void end_suspensions(struct model_run *run, const struct model_event *event,
                            size_t continued)
{
    for (size_t i = 0; i < run->result->operation_count; i++) {
        if (run->result->operations[i].state == MODEL_SUSPENDED && i != continued &&
            model_run_post(run, i)->tid == event->tid) {
            model_call_give_up(run, i, "an own event");
        }
    }
}

/* Section 3, Effects of other events: the rows of events that are neither post nor completion. */
static void take_other(struct model_run *run, const struct model_event *event)
{
    switch (event->id) {
    case 9:
    case 10:
    case 11:
    case 12:
        model_effect_failure(run, event);
        break;
    case 13:
    case 14:
    case 1001:
    case 1002:
        model_effect_close(run, event);
        break;
    case 7:
    case 8:
    case 1032:
    case 41:
    case 3006:
        model_effect_abort(run, event);
        break;
    default:
        if (model_event_is_create(event)) {
            model_effect_create(run, event);
        }
        break;
    }
}

static void count_event(struct model_run *run, const struct model_event *event)
{
    struct model_coverage *coverage = &run->result->coverage;
    if (!model_event_is_winsock(event)) {
        return;
    }
    if (event->undecodable) {
        coverage->undecodable++;
        return;
    }
    coverage->buffered_ignored += (event->keyword & MODEL_KEYWORD_BUFFERED) != 0;
    coverage->rejected_posts += model_event_is_rejected(event);
    coverage->attempts += model_call_is_attempt(run, event);
    /* AFD's own copies show the family, too. */
    coverage->legacy = coverage->legacy || event->id < 1000;
    coverage->modern = coverage->modern || (event->id >= 1000 && event->id < 4000);
}

static void take_event(struct model_run *run, size_t index)
{
    const struct model_event *event = model_run_event(run, index);
    size_t continued = MODEL_NONE;
    size_t enter = MODEL_NONE;
    count_event(run, event);
    if (event->kind == MODEL_PROCESS_END) {
        model_effect_process_end(run, event);
        return;
    }
    bool goes_on = model_call_continues(run, index, &continued, &enter);
    if (model_event_is_own(event)) {
        end_suspensions(run, event, continued);
    }
    if (model_event_is_enter(event)) {
        model_effect_return(run, event, goes_on ? continued : MODEL_NONE);
    }
    if (!model_event_counts(event)) {
        return;
    }
    if (goes_on && continued != MODEL_NONE) {
        model_call_continue(run, continued, index);
        take_post(run, continued, MODEL_NONE);
    } else if (model_event_is_rejected(event)) {
        return;
    } else if (model_event_is_post(event)) {
        take_post(run, MODEL_NONE, goes_on ? enter : MODEL_NONE);
    } else if (model_event_is_completion(event)) {
        take_completion(run, index);
    } else if (model_event_is_pending_exit(event)) {
        take_pending_exit(run, index);
    } else {
        take_other(run, event);
    }
}

/* Section 3: at the end of the trace closing operations end `closed`, suspended ones `failed` at
 * their Exit, and the others are `pending`. Pending ones, and their conflicts, come last. */
static void end_trace(struct model_run *run)
{
    give_up_kept(run);
    for (size_t i = 0; i < run->result->operation_count; i++) {
        struct model_operation *operation = &run->result->operations[i];
        if (operation->state == MODEL_SUSPENDED) {
            model_call_give_up(run, i, "the trace's end");
        } else if (operation->state == MODEL_CLOSING) {
            model_effect_leave_closing(run, i, "the trace's end");
        } else if (operation->state == MODEL_IN_FLIGHT) {
            operation->end_step = run->step;
            operation->known_step = run->step + 1; /* behind all that ended */
        }
    }
}

/* Takes the events in order. Records of no interest are no events of this page: time passes with
 * events of the provider and ends of processes. */
static void take_all(struct model_run *run)
{
    int64_t time = INT64_MIN;
    for (run->step = 0; run->step < run->result->order_count; run->step++) {
        size_t index = model_run_now(run);
        if (model_run_event(run, index)->kind == MODEL_OTHER) {
            continue;
        }
        if (run->order_time[index] != time) {
            give_up_kept(run);
            time = run->order_time[index];
        }
        model_effect_pass_time(run);
        take_event(run, index);
    }
    end_trace(run);
}

/* Lists operations in the order in which their ends became known, those of one event by post, and
 * pending ones last by post (docs of `bufcheck ops`). */
static void list_ends(struct model_run *run)
{
    struct model_result *result = run->result;
    for (size_t step = 0; step <= result->order_count + 1; step++) {
        for (size_t i = 0; i < result->operation_count; i++) {
            if (result->operations[i].known_step == step) {
                result->ended[result->ended_count++] = i;
            }
        }
    }
}

static void free_run(struct model_run *run)
{
    free(run->order_time);
    free(run->spans);
    free(run->kept);
    free(run->given_up);
    free(run->witnesses);
}

void model_run(const struct model_input *input, struct model_result *result)
{
    struct model_run run = {.input = input, .result = result};
    size_t count = input->event_count + 1;
    memset(result, 0, sizeof *result);
    result->order = model_allocate(count, sizeof *result->order);
    result->operations = model_allocate(count, sizeof *result->operations);
    result->ended = model_allocate(count, sizeof *result->ended);
    run.order_time = model_allocate(count, sizeof *run.order_time);
    run.kept = model_allocate(count, sizeof *run.kept);

    model_order(&run);
    model_loss_find(&run);
    take_all(&run);
    list_ends(&run);
    model_conflict_settle(&run);
    model_verdict_cover(&run);
    model_fold(&run);
    model_verdict_decide(&run);
    free_run(&run);
}

void model_result_finish(struct model_result *result)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        free(result->findings[i].conflicts);
    }
    free(result->findings);
    free(result->order);
    free(result->operations);
    free(result->ended);
    free(result->conflicts);
    memset(result, 0, sizeof *result);
}
