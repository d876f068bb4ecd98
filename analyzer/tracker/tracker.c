#include "analyzer/tracker/tracker.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "analyzer/tracker/tracker_internal.h"

struct tracker *tracker_create(const struct tracker_hooks *hooks, const enum rule_level *severity)
{
    struct tracker *tracker = calloc(1, sizeof(*tracker));

    if (!tracker)
        return NULL;
    tracker->stacks = stack_store_create();
    if (!tracker->stacks) {
        free(tracker);
        return NULL;
    }
    tracker->hooks = *hooks;
    judgements_init(&tracker->judgements, severity);
    endpoint_table_init(&tracker->endpoints);
    process_table_init(&tracker->processes);
    thread_table_init(&tracker->threads);
    match_table_init(&tracker->matches, &tracker->ops);
    kept_init(&tracker->kept);
    op_store_init(&tracker->ops);
    pool_init(&tracker->conflict_blocks, sizeof(struct conflict_block));
    held_table_init(&tracker->held);
    return tracker;
}

void tracker_destroy(struct tracker *tracker)
{
    if (!tracker)
        return;
    kept_finish(&tracker->kept);
    match_table_finish(&tracker->matches);
    thread_table_finish(&tracker->threads);
    process_table_finish(&tracker->processes);
    endpoint_table_finish(&tracker->endpoints);
    stack_store_destroy(tracker->stacks);
    op_store_finish(&tracker->ops);
    pool_finish(&tracker->conflict_blocks);
    held_table_finish(&tracker->held);
    op_list_finish(&tracker->ended);
    interval_hits_finish(&tracker->overlapped);
    free(tracker);
}

struct operation *operation_retain(struct operation *op)
{
    op->references++;
    return op;
}

void operation_release(struct tracker *tracker, struct operation *op)
{
    if (!op || --op->references > 0)
        return;
    stack_release(op->posted.stack);
    if (op->end != OP_IN_FLIGHT && op->end != OP_PENDING)
        stack_release(op->ended.stack);
    socket_release(&tracker->endpoints, op->socket);
    process_info_release(&tracker->processes, op->process_info);
    op_store_put(&tracker->ops, op);
}

const struct judgements *tracker_judgements(const struct tracker *tracker)
{
    return &tracker->judgements;
}

const struct coverage *tracker_coverage(const struct tracker *tracker)
{
    return &tracker->coverage;
}

/* A loss that begins at the time of an operation's end is known only when time has gone on, so
 * settling waits for that; but never for more operations than UNSETTLED_MAX. Nor does it begin
 * before there are some: in a row they cost less than one by one. */
#define UNSETTLED_MIN 32
#define UNSETTLED_MAX 65536

static void advance(struct tracker *tracker, int64_t order)
{
    if (tracker->ended.count >= UNSETTLED_MIN &&
        (order != tracker->now || tracker->ended.count >= UNSETTLED_MAX))
        tracker_settle(tracker);
    if (tracker->kept.first && order != tracker->now)
        tracker->coverage.orphan_completions += kept_clear(&tracker->kept);
    tracker->now = order;
}

/* Every Winsock event but AFD's own copies is the thread's last one from now on. *attempt is set if
 * there was one. */
static void take_attempt(struct tracker *tracker, const struct etl_event *event,
                         struct thread_attempt *attempt)
{
    struct thread *thread = thread_table_find(&tracker->threads, event->tid);

    if (!thread || !thread->attempt.valid)
        return;
    *attempt = thread->attempt;
    thread->attempt.valid = false;
    thread_table_settle(&tracker->threads, thread);
}

/* A thread is in one call at a time: what it was in before has returned. */
static void return_calls(struct tracker *tracker, const struct tracker_event *at)
{
    struct thread *thread = thread_table_find(&tracker->threads, at->event->tid);
    struct operation *op = thread ? thread->fast_ops : NULL;

    while (op) {
        struct operation *next = op->thread_next;

        if (op->process == at->afd->process)
            tracker_end(tracker, op, OP_RETURNED, at->event);
        op = next;
    }
}

/* Most sockets are used by one process. */
static struct process *process_of(struct tracker *tracker, struct endpoint *endpoint,
                                  uint64_t address)
{
    struct process *process;

    if (endpoint->user && endpoint->user->address == address)
        return endpoint->user;
    process = process_table_get(&tracker->processes, address);
    if (process)
        endpoint->user = process;
    return process;
}

static bool find_places(struct tracker *tracker, struct tracker_event *at)
{
    const struct afd_event *afd = at->afd;
    struct endpoint *endpoint = at->keys->endpoint;

    if (!(afd->has & AFD_HAS(AFD_ROLE_ENDPOINT))) {
        at->process = process_table_get(&tracker->processes, afd->process);
        return at->process;
    }
    if (!endpoint || endpoint->address != afd->endpoint)
        endpoint =
            endpoint_table_get_hashed(&tracker->endpoints, afd->endpoint, at->keys->endpoint_hash);
    at->endpoint = endpoint;
    at->process = endpoint ? process_of(tracker, endpoint, afd->process) : NULL;
    return at->process;
}

static bool act(struct tracker *tracker, const struct tracker_event *at)
{
    struct endpoint *endpoint = at->endpoint;
    enum afd_act effect = (enum afd_act)at->keys->action.act;

    assert(endpoint || effect == AFD_ACT_NONE); /* their layouts have one */
    if (at->behavior->fact == AFD_FACT_CREATION)
        return tracker_create_socket(tracker, at);
    tracker_learn(tracker, at);
    switch (effect) {
    case AFD_ACT_POST:
    case AFD_ACT_REJECTED:
        return tracker_post(tracker, at);
    case AFD_ACT_END:
        tracker_complete(tracker, at);
        break;
    case AFD_ACT_FAIL:
        endpoint->ambiguous[at->behavior->direction]++;
        break;
    case AFD_ACT_CLOSE:
        tracker_close_endpoint(tracker, endpoint, true, at->event);
        break;
    case AFD_ACT_ABORT:
        endpoint->aborted++;
        break;
    case AFD_ACT_NONE:
    case AFD_ACT_PENDING:
    case AFD_ACT_CREATE:
        break;
    }
    return true;
}

static bool has_effect(struct tracker *tracker, const struct etl_event *event,
                       const struct afd_event *afd, enum afd_decode_status status)
{
    struct coverage *coverage = &tracker->coverage;
    bool buffered = event->keyword & AFD_KEYWORD_BUFFERED;
    struct thread_attempt attempt;

    coverage->events++;
    if (event->level > coverage->level_max)
        coverage->level_max = event->level;
    if (status != AFD_DECODE_OK) {
        coverage->undecodable++;
        if (!buffered && !thread_table_is_empty(&tracker->threads))
            take_attempt(tracker, event, &attempt);
        return false;
    }
    tracker->seen[afd->layout->family] = true;
    coverage->buffered_ignored += buffered;
    return !buffered;
}

/* What the event's thread was in the middle of. */
static void see_thread(struct tracker *tracker, struct tracker_event *at,
                       struct thread_attempt *attempt)
{
    attempt->valid = false;
    take_attempt(tracker, at->event, attempt);
    at->attempt = attempt->valid ? attempt : NULL;
    if (at->modern && at->afd->enter_exit == AFD_ENTER)
        return_calls(tracker, at);
}

bool tracker_afd(struct tracker *tracker, const struct etl_event *event,
                 const struct afd_event *afd, enum afd_decode_status status,
                 const struct tracker_hint *hint)
{
    struct tracker_event at = {.event = event, .afd = afd, .keys = hint};
    struct thread_attempt attempt;
    struct tracker_hint keys;

    advance(tracker, event->order);
    if (!has_effect(tracker, event, afd, status))
        return true;
    if (!hint) {
        tracker_make_keys(event, afd, &keys);
        at.keys = &keys;
    }
    at.behavior = at.keys->action.behavior;
    at.modern = afd->has & AFD_HAS(AFD_ROLE_ENTER_EXIT);
    if (!thread_table_is_empty(&tracker->threads))
        see_thread(tracker, &at, &attempt);
    if ((afd->has & AFD_HAS(AFD_ROLE_PROCESS)) &&
        (!find_places(tracker, &at) || !act(tracker, &at)))
        tracker->no_memory = true;
    tracker_close_event(tracker);
    return !tracker->no_memory;
}

bool tracker_process_end(struct tracker *tracker, const struct etl_event *event,
                         uint64_t process_key, uint32_t pid)
{
    struct process *process;

    advance(tracker, event->order);
    if (process_key) {
        process = process_table_find(&tracker->processes, process_key);
        if (process) {
            tracker_close_process(tracker, process, event);
            tracker->no_memory |= !process_renew(&tracker->processes, process);
        }
    } else if (pid != 0) {
        process = process_table_by_pid(&tracker->processes, pid);
        for (; process; process = process->pid_next) {
            tracker_close_process(tracker, process, event);
            tracker->no_memory |= !process_renew(&tracker->processes, process);
        }
    }
    tracker_close_event(tracker);
    return !tracker->no_memory;
}

static void end_pending(void *user, struct process *process)
{
    struct tracker *tracker = user;

    while (process->ops.count > 0)
        tracker_end(tracker, tracker_any_of(tracker, &process->ops), OP_PENDING, NULL);
}

/* Nothing is in flight any more; what findings show stays until the tracker goes. */
static void shrink(struct tracker *tracker)
{
    match_table_finish(&tracker->matches);
    match_table_init(&tracker->matches, &tracker->ops);
    process_table_shrink(&tracker->processes);
    op_list_finish(&tracker->ended);
    interval_hits_finish(&tracker->overlapped);
    held_table_finish(&tracker->held);
    op_store_close(&tracker->ops);
    endpoint_table_shrink(&tracker->endpoints);
    pool_trim(&tracker->conflict_blocks);
}

/* What events and posts count by kind, which costs each of them less. */
static void conclude_coverage(const struct tracker *tracker, struct coverage *coverage)
{
    const uint64_t(*posts)[OP_SPACES] = tracker->posts;

    coverage->legacy_seen = tracker->seen[AFD_FAMILY_LEGACY];
    coverage->modern_seen = tracker->seen[AFD_FAMILY_MODERN];
    coverage->recvs_user_address = posts[OP_RECV][OP_SPACE_USER];
    coverage->sends_user_address = posts[OP_SEND][OP_SPACE_USER];
    coverage->recvs = coverage->sends = 0;
    for (int space = 0; space < OP_SPACES; space++) {
        coverage->recvs += posts[OP_RECV][space];
        coverage->sends += posts[OP_SEND][space];
    }
    coverage->posts = coverage->recvs + coverage->sends;
    coverage->user_address_operations = coverage->recvs_user_address + coverage->sends_user_address;
    coverage->kernel_address_operations =
        posts[OP_RECV][OP_SPACE_KERNEL] + posts[OP_SEND][OP_SPACE_KERNEL];
}

bool tracker_finish(struct tracker *tracker)
{
    tracker_settle(tracker);
    tracker->coverage.orphan_completions += kept_clear(&tracker->kept);
    process_table_visit(&tracker->processes, end_pending, tracker);
    tracker_close_event(tracker);
    tracker_settle(tracker);
    conclude_coverage(tracker, &tracker->coverage);
    shrink(tracker);
    return !tracker->no_memory;
}
