#include "tests/support/model_internal.h"

#define USER_END_64 UINT64_C(0x0000800000000000)
#define KERNEL_BEGIN_64 UINT64_C(0xFFFF800000000000)
#define USER_END_32 UINT64_C(0x80000000)
#define TOP_32 UINT64_C(0xFFFFFFFF)

/*
 * "64-bit: below 0x0000800000000000 user, from 0xFFFF800000000000 up kernel, between them invalid.
 * 32-bit: below 0x80000000 user, otherwise kernel unless the legacy FastPath flag says user."
 */
static enum model_space space_by_value(const struct model_run *run, const struct model_event *event)
{
    if (run->input->pointer_size == 8) {
        if (event->buffer < USER_END_64)
            return MODEL_SPACE_USER;
        return event->buffer >= KERNEL_BEGIN_64 ? MODEL_SPACE_KERNEL : MODEL_SPACE_NONE;
    }
    if (event->buffer < USER_END_32)
        return MODEL_SPACE_USER;
    if (!model_event_is_modern(event) && event->fast_path)
        return MODEL_SPACE_USER;
    return MODEL_SPACE_KERNEL;
}

bool model_memory_is_invalid(const struct model_run *run, const struct model_event *event)
{
    return space_by_value(run, event) == MODEL_SPACE_NONE;
}

/* "`BufferLength` 0, `Buffer` 0 or an invalid address: an operation without memory [...] it only
 * never conflicts and is in no address space" */
enum model_space model_memory_space(const struct model_run *run, const struct model_event *event)
{
    if (event->buffer_length == 0 || event->buffer == 0)
        return MODEL_SPACE_NONE;
    return space_by_value(run, event);
}

/*
 * "cut at the top of its address space (32-bit user memory that begins below 0x80000000 ends
 * there, other 32-bit memory at 2^32)". "What is certain is the one byte at `Buffer`".
 */
struct model_memory model_memory_of(const struct model_run *run, uint64_t address, uint32_t length,
                                    bool chained, enum model_space space)
{
    struct model_memory memory = {.known = true, .first = address, .first_byte_only = chained};
    uint64_t top = UINT64_MAX;
    if (run->input->pointer_size == 8 && space == MODEL_SPACE_USER)
        top = USER_END_64 - 1;
    if (run->input->pointer_size == 4)
        top = address < USER_END_32 ? USER_END_32 - 1 : TOP_32;
    uint64_t more = chained ? 0 : length - 1;
    memory.last = more > top - address ? top : address + more;
    return memory;
}

/* "a thread's last Winsock event (any id, undecodable ones included, without 0x20)" */
static size_t last_event_of_thread(const struct model_run *run, uint32_t tid)
{
    for (size_t i = run->step; i > 0; i--) {
        size_t index = run->result->order[i - 1];
        const struct model_event *event = model_run_event(run, index);
        if (model_event_is_winsock(event) && event->tid == tid &&
            !(event->keyword & MODEL_KEYWORD_BUFFERED))
            return index;
    }
    return MODEL_NONE;
}

/*
 * The Enter of the attempt that `last` ends: "an Exit (matched by 2) or a rejected Enter with
 * keyword 0x10 and an error status". An Exit must bear an error status, too: only a failed attempt
 * is one that Windows falls back from.
 */
static const struct model_event *attempt_enter(const struct model_run *run, size_t last,
                                               size_t *operation)
{
    const struct model_event *event = model_run_event(run, last);
    *operation = run->attempt_ended[last];
    if (*operation != MODEL_NONE && model_event_has_error(event))
        return model_run_post(run, *operation);
    *operation = MODEL_NONE;
    if (model_event_is_rejected(event) && model_event_on_fast_path(event))
        return event;
    return NULL;
}

/*
 * "with the same process, endpoint and direction, whose Enter had a user address and the same
 * BufferLength, the post takes that address as its second one (`inferred_buffer`) and `continues`
 * the attempt"
 */
void model_memory_infer(const struct model_run *run, struct model_operation *operation)
{
    const struct model_event *post = model_run_event(run, operation->post);
    if (!operation->modern || operation->space != MODEL_SPACE_KERNEL)
        return;
    size_t last = last_event_of_thread(run, post->tid);
    if (last == MODEL_NONE)
        return;
    size_t attempt;
    const struct model_event *enter = attempt_enter(run, last, &attempt);
    if (!enter || enter->process != post->process || enter->endpoint != post->endpoint ||
        model_event_direction(enter) != operation->direction ||
        model_memory_space(run, enter) != MODEL_SPACE_USER ||
        enter->buffer_length != post->buffer_length)
        return;
    bool chained = enter->buffer_count > 1 || post->buffer_count > 1;
    operation->inferred =
        model_memory_of(run, enter->buffer, post->buffer_length, chained, MODEL_SPACE_USER);
    operation->inferred.from_id = enter->id;
    operation->inferred_buffer = enter->buffer;
    operation->has_inferred = true;
    operation->continues = attempt;
}

static bool is_known_pid(uint32_t pid)
{
    return pid != 0 && pid != 4 && pid != MODEL_PID_UNKNOWN;
}

/*
 * "Two posts, each on the fast path or with an inferred address, whose header process ids differ
 * (both known: not 0, 4 or 0xFFFFFFFF) lie in different address spaces even under one owner"
 */
static bool in_different_spaces(const struct model_run *run, const struct model_operation *a,
                                const struct model_operation *b)
{
    const struct model_event *a_post = model_run_event(run, a->post);
    const struct model_event *b_post = model_run_event(run, b->post);
    if (!(a->fast_path || a->has_inferred) || !(b->fast_path || b->has_inferred))
        return false;
    return is_known_pid(a_post->pid) && is_known_pid(b_post->pid) && a_post->pid != b_post->pid;
}

/* "on that address it makes no new conflict with an operation that the attempt, when it was
 * posted, conflicted with" */
static bool attempt_conflicted(const struct model_run *run, size_t attempt, size_t with)
{
    if (attempt == MODEL_NONE)
        return false;
    for (size_t i = 0; i < run->result->conflict_count; i++)
        if (run->result->conflicts[i].first == with && run->result->conflicts[i].second == attempt)
            return true;
    return false;
}

static bool is_unverified_id(uint16_t id)
{
    return id == 1021 || id == 1027;
}

static struct model_overlap intersect(const struct model_memory *a, const struct model_memory *b)
{
    struct model_overlap overlap = {.extent = MODEL_EXACT};
    uint64_t first = a->first > b->first ? a->first : b->first;
    uint64_t last = a->last < b->last ? a->last : b->last;
    if (!a->known || !b->known || first > last)
        return overlap;
    overlap.shares = true;
    overlap.start = first;
    overlap.length = last - first + 1;
    if (a->first_byte_only || b->first_byte_only)
        overlap.extent = MODEL_FIRST_BUFFER_ONLY;
    overlap.unverified = is_unverified_id(a->from_id) || is_unverified_id(b->from_id);
    return overlap;
}

/* "A pair makes one conflict: kernel address first, then user, then inferred." */
struct model_overlap model_memory_overlap(const struct model_run *run,
                                          const struct model_operation *a,
                                          const struct model_operation *b)
{
    const struct model_event *a_post = model_run_event(run, a->post);
    const struct model_event *b_post = model_run_event(run, b->post);
    struct model_overlap overlap = {.extent = MODEL_START_ONLY};

    /* "Kernel memory conflicts on an equal start address only: overlap length 1" */
    if (a->space == MODEL_SPACE_KERNEL && b->space == MODEL_SPACE_KERNEL &&
        a_post->buffer == b_post->buffer) {
        overlap = (struct model_overlap){.shares = true,
                                         .kernel = true,
                                         .start = a_post->buffer,
                                         .length = 1,
                                         .extent = MODEL_START_ONLY};
        return overlap;
    }

    /* "User memory conflicts only within one process." */
    if (a_post->process != b_post->process || in_different_spaces(run, a, b))
        return overlap;
    overlap = intersect(&a->user, &b->user);
    if (overlap.shares)
        return overlap;

    bool silent = b->has_inferred &&
                  attempt_conflicted(run, b->continues, (size_t)(a - run->result->operations));
    if (silent || (!a->has_inferred && !b->has_inferred))
        return overlap;
    overlap = intersect(a->has_inferred ? &a->inferred : &a->user,
                        b->has_inferred ? &b->inferred : &b->user);
    overlap.on_inferred = overlap.shares;
    return overlap;
}
