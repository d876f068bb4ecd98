#include "tests/support/model_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *model_allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

void *model_grow(void *old, size_t count, size_t size)
{
    void *memory = realloc(old, count * size);
    if (!memory)
        abort();
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

/* "posted and not yet ended" */
bool model_run_in_flight(const struct model_run *run, size_t operation)
{
    return run->result->operations[operation].end == MODEL_PENDING;
}

static void end_operation(struct model_run *run, size_t operation, enum model_end how, size_t event)
{
    struct model_operation *ended = &run->result->operations[operation];
    ended->end = how;
    ended->end_event = event;
    run->ended_at[operation] = run->step;
}

typedef bool concerns_fn(const struct model_run *run, size_t operation,
                         const struct model_event *event);

/* Ends every operation in flight that the event concerns. */
static void end_all(struct model_run *run, enum model_end how, concerns_fn *concerns)
{
    size_t index = run->result->order[run->step];
    for (size_t i = 0; i < run->result->operation_count; i++)
        if (model_run_in_flight(run, i) && concerns(run, i, model_run_event(run, index)))
            end_operation(run, i, how, index);
}

/* "modern Enter (any id that has EnterExit, without 0x20) | first of all, modern fast-path
 * operations of the same thread and process end `returned`" */
static bool returns_from(const struct model_run *run, size_t operation,
                         const struct model_event *event)
{
    const struct model_operation *in_flight = &run->result->operations[operation];
    const struct model_event *post = model_run_post(run, operation);
    return in_flight->modern && in_flight->fast_path && post->tid == event->tid &&
           post->process == event->process;
}

/* "modern post with a request's ActivityId (as in matching 1) that is in flight on that endpoint |
 * the older one ends `superseded`" */
static bool has_same_request(const struct model_run *run, size_t operation,
                             const struct model_event *event)
{
    const struct model_event *post = model_run_post(run, operation);
    return run->result->operations[operation].modern && model_event_names_request(event) &&
           model_event_names_request(post) && post->endpoint == event->endpoint &&
           memcmp(post->activity, event->activity, sizeof post->activity) == 0;
}

/* "modern post of a kernel address that is in flight | the conflict is recorded, then the older one
 * ends `superseded`" */
static bool has_same_kernel_address(const struct model_run *run, size_t operation,
                                    const struct model_event *event)
{
    const struct model_operation *in_flight = &run->result->operations[operation];
    const struct model_event *post = model_run_post(run, operation);
    return in_flight->modern && post != event && in_flight->space == MODEL_SPACE_KERNEL &&
           post->buffer == event->buffer;
}

/* "close, cleanup [...] all of that endpoint (and AcceptEx operations whose AcceptEndpoint it is)
 * end `closed`" */
static bool is_closed_by(const struct model_run *run, size_t operation,
                         const struct model_event *event)
{
    const struct model_event *post = model_run_post(run, operation);
    return post->endpoint == event->endpoint ||
           (post->id == 1027 && post->accept_endpoint != 0 && /* 0: there is none yet */
            post->accept_endpoint == event->endpoint);
}

/* "1, or 1000 with EnterExit 0, of an endpoint address in use | all of that endpoint end
 * `closed`" */
static bool is_of_endpoint(const struct model_run *run, size_t operation,
                           const struct model_event *event)
{
    return model_run_post(run, operation)->endpoint == event->endpoint;
}

static bool is_of_process(const struct model_run *run, size_t operation,
                          const struct model_event *event)
{
    return model_run_post(run, operation)->process == event->process;
}

/* "(0 and 4 don't count, on either side)" */
static bool pid_counts(uint64_t pid)
{
    return pid != 0 && pid != 4;
}

bool model_run_create_pid(const struct model_run *run, uint64_t process, uint64_t *pid)
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

/* "a process end [...] with that process address, or where it has none with the last process id
 * that 1 or 1000 gave for it | the same" */
static bool process_ends_by(const struct model_run *run, uint64_t process,
                            const struct model_event *event)
{
    uint64_t pid;
    if (event->process_key != 0)
        return process == event->process_key;
    return model_run_create_pid(run, process, &pid) && pid == event->ended_pid;
}

static bool is_of_ended_process(const struct model_run *run, size_t operation,
                                const struct model_event *event)
{
    return process_ends_by(run, model_run_post(run, operation)->process, event);
}

/* Folding goes by the process, "an identity while it lives". */
static void give_up_process(struct model_run *run, uint64_t process)
{
    if (run->given_up_count == run->given_up_capacity) {
        run->given_up_capacity = run->given_up_capacity * 2 + 8;
        run->given_up = model_grow(run->given_up, run->given_up_capacity, sizeof *run->given_up);
    }
    run->given_up[run->given_up_count++] = process;
}

static unsigned life_of(const struct model_run *run, uint64_t process)
{
    unsigned life = 0;
    for (size_t i = 0; i < run->given_up_count; i++)
        life += run->given_up[i] == process;
    return life;
}

/* Whether the event at `step` is the first that shows its process. */
static bool shows_process_first(const struct model_run *run, size_t step)
{
    const struct model_event *event = model_run_event(run, run->result->order[step]);
    if (!model_event_counts(event))
        return false;
    for (size_t i = 0; i < step; i++) {
        const struct model_event *earlier = model_run_event(run, run->result->order[i]);
        if (model_event_counts(earlier) && earlier->process == event->process)
            return false;
    }
    return true;
}

static void end_process(struct model_run *run, const struct model_event *end)
{
    end_all(run, MODEL_CLOSED, is_of_ended_process);
    for (size_t i = 0; i < run->step; i++) {
        uint64_t process = model_run_event(run, run->result->order[i])->process;
        if (shows_process_first(run, i) && process_ends_by(run, process, end))
            give_up_process(run, process);
    }
}

/* "1, or 1000 with EnterExit 0, whose process id differs from the last one that these events gave
 * for that process address [...] | all operations of that process end `closed`" */
static void create_socket(struct model_run *run, const struct model_event *event)
{
    uint64_t last;
    end_all(run, MODEL_CLOSED, is_of_endpoint);
    if (pid_counts(event->create_pid) && model_run_create_pid(run, event->process, &last) &&
        last != event->create_pid) {
        end_all(run, MODEL_CLOSED, is_of_process);
        give_up_process(run, event->process);
    }
}

/* "every operation of that endpoint and direction gets the reason `end-ambiguous`" */
static void blur_ends(struct model_run *run, const struct model_event *event)
{
    enum model_direction direction = event->id <= 10 ? MODEL_SEND : MODEL_RECV;
    for (size_t i = 0; i < run->result->operation_count; i++)
        if (model_run_in_flight(run, i) && is_of_endpoint(run, i, event) &&
            run->result->operations[i].direction == direction) {
            run->result->operations[i].end_ambiguous = true;
            run->result->operations[i].end_ambiguous_by = event->id;
        }
}

/* "all of that endpoint get the reason `aborted`: they may end without a trace" */
static void abort_endpoint(struct model_run *run, const struct model_event *event)
{
    for (size_t i = 0; i < run->result->operation_count; i++)
        if (model_run_in_flight(run, i) && is_of_endpoint(run, i, event)) {
            run->result->operations[i].aborted = true;
            run->result->operations[i].aborted_by = event->id;
        }
}

/* "with an error status it ends `failed`, with any other `completed`" */
static void complete(struct model_run *run, size_t operation, size_t completion)
{
    const struct model_event *end = model_run_event(run, completion);
    run->result->coverage.matched++;
    if (run->result->operations[operation].matched_by == 2)
        run->attempt_ended[completion] = operation;
    end_operation(run, operation, model_event_has_error(end) ? MODEL_FAILED : MODEL_COMPLETED,
                  completion);
}

static void take_completion(struct model_run *run, size_t completion)
{
    bool ambiguous;
    run->result->coverage.completions++;
    size_t operation = model_match(run, completion, MODEL_NONE, &ambiguous);
    if (operation != MODEL_NONE)
        complete(run, operation, completion);
    else if (!ambiguous)
        run->kept[run->kept_count++] = completion;
}

/* "A completion that matches nothing is kept until the time changes: a post of the same timestamp
 * on another processor that it would match, were that post alone in flight, is ended by it at once
 * (by the first kept one that fits)." */
static void offer_kept(struct model_run *run, size_t operation)
{
    const struct model_event *post = model_run_post(run, operation);
    for (size_t i = 0; i < run->kept_count; i++) {
        bool ambiguous;
        size_t completion = run->kept[i];
        if (model_run_event(run, completion)->cpu == post->cpu ||
            model_match(run, completion, operation, &ambiguous) == MODEL_NONE)
            continue;
        run->kept_count--;
        memmove(&run->kept[i], &run->kept[i + 1], (run->kept_count - i) * sizeof *run->kept);
        run->result->operations[operation].matched_kept = true;
        complete(run, operation, completion);
        return;
    }
}

/* "Only then is it an orphan." */
static void give_up_kept(struct model_run *run)
{
    run->result->coverage.orphan_completions += run->kept_count;
    run->kept_count = 0;
}

static void count_in_flight(struct model_run *run)
{
    uint64_t count = 0;
    for (size_t i = 0; i < run->result->operation_count; i++)
        count += model_run_in_flight(run, i);
    if (count > run->result->coverage.max_in_flight)
        run->result->coverage.max_in_flight = count;
}

static size_t add_operation(struct model_run *run, size_t event_index)
{
    const struct model_event *event = model_run_event(run, event_index);
    size_t index = run->result->operation_count;
    struct model_operation *operation = &run->result->operations[index];
    *operation = (struct model_operation){
        .post = event_index,
        .modern = model_event_is_modern(event),
        .direction = model_event_direction(event),
        .fast_path = model_event_on_fast_path(event),
        .space = model_memory_space(run, event),
        .invalid_address = model_memory_is_invalid(run, event),
        .continues = MODEL_NONE,
        .end = MODEL_PENDING,
        .end_event = MODEL_NONE,
        .process_life = life_of(run, event->process),
    };
    if (operation->space == MODEL_SPACE_USER) {
        operation->user = model_memory_of(run, event->buffer, event->buffer_length,
                                          event->buffer_count > 1, MODEL_SPACE_USER);
        operation->user.from_id = event->id;
    }
    model_memory_infer(run, operation);
    return index;
}

/* "Effects of a modern post come in this order: `returned`, `superseded` by ActivityId, comparison
 * (section 5), `superseded` by kernel address." The first has taken place when this is called. */
static void take_post(struct model_run *run, size_t event_index)
{
    if (model_event_is_modern(model_run_event(run, event_index)))
        end_all(run, MODEL_SUPERSEDED, has_same_request);
    size_t operation = add_operation(run, event_index);
    model_conflict_compare(run, operation);
    run->result->operation_count++; /* "B is in flight from then on, next to A" */
    if (run->result->operations[operation].modern &&
        run->result->operations[operation].space == MODEL_SPACE_KERNEL)
        end_all(run, MODEL_SUPERSEDED, has_same_kernel_address);
    count_in_flight(run); /* "one request owns one kernel address" */
    offer_kept(run, operation);
}

/* The table of section 3, column `event`. */
static void take_other(struct model_run *run, const struct model_event *event)
{
    switch (event->id) {
    case 9:
    case 10:
    case 11:
    case 12:
        blur_ends(run, event);
        break;
    case 13:
    case 14:
    case 1001:
    case 1002:
        end_all(run, MODEL_CLOSED, is_closed_by);
        break;
    case 7:
    case 8:
    case 1032:
    case 41:
    case 3006:
        abort_endpoint(run, event);
        break;
    default:
        if (model_event_is_create(event))
            create_socket(run, event);
        break;
    }
}

static void count_event(struct model_run *run, const struct model_event *event)
{
    struct model_coverage *coverage = &run->result->coverage;
    if (!model_event_is_winsock(event))
        return;
    if (event->undecodable)
        coverage->undecodable++;
    else if (event->keyword & MODEL_KEYWORD_BUFFERED)
        coverage->buffered_ignored++;
    else if (model_event_is_rejected(event))
        coverage->rejected_posts++;
    /* Which family a trace has: of all decodable events, AFD's own copies too. */
    if (!event->undecodable && event->id < 1000)
        coverage->legacy = true;
    if (!event->undecodable && event->id >= 1000 && event->id < 4000)
        coverage->modern = true;
}

static void take_event(struct model_run *run, size_t index)
{
    const struct model_event *event = model_run_event(run, index);
    count_event(run, event);
    if (event->kind == MODEL_PROCESS_END)
        end_process(run, event);
    if (!model_event_counts(event))
        return;
    if (model_event_is_enter(event))
        end_all(run, MODEL_RETURNED, returns_from);
    if (model_event_is_post(event)) {
        if (!model_event_is_rejected(event))
            take_post(run, index);
    } else if (model_event_is_completion(event)) {
        take_completion(run, index);
    } else {
        take_other(run, event);
    }
}

/* "In the order in which operations end, those that one event ends by post; what is left pending
 * comes last, by post." */
static void list_ends(struct model_run *run)
{
    struct model_result *result = run->result;
    for (size_t step = 0; step <= result->order_count; step++)
        for (size_t i = 0; i < result->operation_count; i++)
            if (run->ended_at[i] == step)
                result->ended[result->ended_count++] = i;
}

static void take_all(struct model_run *run)
{
    struct model_result *result = run->result;
    for (run->step = 0; run->step < result->order_count; run->step++) {
        size_t index = result->order[run->step];
        if (run->step > 0 && model_run_event(run, index)->time !=
                                 model_run_event(run, result->order[run->step - 1])->time)
            give_up_kept(run);
        take_event(run, index);
    }
    give_up_kept(run);
    /* "end of trace | what is left is `pending`" */
    for (size_t i = 0; i < result->operation_count; i++)
        if (model_run_in_flight(run, i))
            run->ended_at[i] = run->step;
}

void model_run(const struct model_input *input, struct model_result *result)
{
    struct model_run run = {.input = input, .result = result};
    size_t count = input->event_count + 1;
    memset(result, 0, sizeof *result);
    result->order = model_allocate(count, sizeof *result->order);
    result->operations = model_allocate(count, sizeof *result->operations);
    result->ended = model_allocate(count, sizeof *result->ended);
    run.kept = model_allocate(count, sizeof *run.kept);
    run.ended_at = model_allocate(count, sizeof *run.ended_at);
    run.attempt_ended = model_allocate(count, sizeof *run.attempt_ended);
    for (size_t i = 0; i < count; i++)
        run.attempt_ended[i] = MODEL_NONE;

    model_order(&run);
    model_loss_find(&run);
    take_all(&run);
    list_ends(&run);
    model_verdict_cover(&run);
    model_conflict_settle(&run);
    model_verdict_fold(&run);
    model_verdict_decide(&run);

    free(run.spans);
    free(run.kept);
    free(run.ended_at);
    free(run.attempt_ended);
    free(run.given_up);
}

void model_result_finish(struct model_result *result)
{
    for (size_t i = 0; i < result->finding_count; i++)
        free(result->findings[i].conflicts);
    free(result->findings);
    free(result->order);
    free(result->operations);
    free(result->ended);
    free(result->conflicts);
    memset(result, 0, sizeof *result);
}
