/* SPDX-License-Identifier: Apache-2.0 */

/* An event's way through the tracker, and the order of its effects (docs/semantics.md, 3). */

#include "analyzer/tracker/tracker.h"

#include <stdlib.h>

#include "analyzer/tracker/calls.h"
#include "analyzer/tracker/closing.h"
#include "analyzer/tracker/completion.h"
#include "analyzer/tracker/context.h"
#include "analyzer/tracker/ending.h"
#include "analyzer/tracker/posts.h"
#include "analyzer/tracker/settle.h"
#include "analyzer/tracker/suspension.h"
#include "analyzer/tracker/tracker_state.h"

/* ---- a tracker's life ---- */

static void init_parts(struct tracker *tracker)
{
    op_store_init(&tracker->ops);
    endpoint_table_init(&tracker->endpoints);
    process_table_init(&tracker->processes);
    thread_table_init(&tracker->threads);
    matching_init(&tracker->matching, &tracker->ops);
    early_ends_init(&tracker->early);
    user_memory_init(&tracker->memory, &tracker->ops);
    interval_index_init(&tracker->kernel_memory, &tracker->memory.nodes);
}

/* Chooses the beliefs in force, and what follows from them for many events. */
static void init_beliefs(struct tracker *tracker, const struct afd_beliefs *beliefs)
{
    if (beliefs != NULL) {
        tracker->facts.beliefs = *beliefs;
    } else {
        afd_beliefs_of(0, &tracker->facts.beliefs);
    }
    tracker->facts.second_len = tracker->options.second;
    tracker->facts.ends_are_logged = tracker_believes(tracker, AFD_BELIEF_CANCELLED_LEAVES_END) &&
                                     tracker_believes(tracker, AFD_BELIEF_RESET_LEAVES_END) &&
                                     tracker_believes(tracker, AFD_BELIEF_TIMED_OUT_LEAVES_END) &&
                                     tracker_believes(tracker, AFD_BELIEF_REFUSED_LEAVES_NOTHING);
    bool by_request = tracker_believes(tracker, AFD_BELIEF_ACTIVITY_IS_REQUEST);
    tracker->names_request[AFD_RECV] = by_request;
    tracker->names_request[AFD_SEND] =
        by_request && tracker_believes(tracker, AFD_BELIEF_COPIES_ARE_MARKED);
    tracker->early.thread_wants_address =
        !tracker_believes(tracker, AFD_BELIEF_FAST_PATH_NEVER_PENDS);
    tracker->memory.any_pid = !tracker_believes(tracker, AFD_BELIEF_ENTER_NAMES_CALLER);
    tracker->coverage.registered_io_shown =
        !tracker_believes(tracker, AFD_BELIEF_REGISTERED_IO_IS_SILENT);
}

/* A second of at least one tick, a minute of which fits into an int64_t. */
static int64_t sane_second(int64_t ticks)
{
    const int64_t most = INT64_MAX / CLOSING_SECONDS;

    return ticks < 1 ? 1 : ticks > most ? most : ticks;
}

struct tracker *tracker_create(const struct tracker_hooks *hooks,
                               const struct tracker_options *options)
{
    struct tracker *tracker = calloc(1, sizeof *tracker);

    if (tracker == NULL) {
        return NULL;
    }
    tracker->stacks = call_stacks_create(sane_second(options->second), &tracker->coverage.stacks);
    if (tracker->stacks == NULL) {
        free(tracker);
        return NULL;
    }
    tracker->hooks = *hooks;
    tracker->options = *options;
    tracker->options.second = sane_second(options->second);
    if (tracker->options.closing_max == 0) {
        tracker->options.closing_max = CLOSING_MAX;
    }
    judgements_init(&tracker->judgements, options->severity);
    init_parts(tracker);
    init_beliefs(tracker, options->beliefs);
    tracker->options.beliefs = NULL;
    return tracker;
}

/* Frees the parts that only operations in flight need. */
static void finish_working_parts(struct tracker *tracker)
{
    matching_finish(&tracker->matching);
    early_ends_finish(&tracker->early);
    user_memory_finish(&tracker->memory);
    op_list_finish(&tracker->ended);
    op_list_finish(&tracker->picked);
    late_list_finish(&tracker->late);
    interval_hits_finish(&tracker->overlapped);
}

void tracker_destroy(struct tracker *tracker)
{
    if (tracker == NULL) {
        return;
    }
    finish_working_parts(tracker);
    thread_table_finish(&tracker->threads);
    process_table_finish(&tracker->processes);
    endpoint_table_finish(&tracker->endpoints);
    op_store_finish(&tracker->ops);
    call_stacks_destroy(tracker->stacks);
    free(tracker);
}

struct operation *operation_retain(struct operation *op)
{
    tracked(op)->references++;
    return op;
}

struct call_stacks *tracker_stacks(struct tracker *tracker)
{
    return tracker->stacks;
}

const struct coverage *tracker_coverage(const struct tracker *tracker)
{
    return &tracker->coverage;
}

/* ---- time ---- */

/* Every operation that an orphan might have ended is in doubt from now on. */
static void note_orphan(void *user, const struct early_end *end)
{
    struct tracker *tracker = user;

    tracker->coverage.orphan_completions++;
    end->endpoint->ambiguous[end->family][end->direction]++;
}

/* Settling waits until the time changes, because a loss that begins at the time of an operation's
 * end is known only then; but not for more operations than that. */
#define UNSETTLED_MAX 65536

/* Begins an event. What its time brings about counts as its own effect. */
static void advance(struct tracker *tracker, int64_t order)
{
    bool later = order != tracker->now;

    if (tracker->ended.count > 0 && (later || tracker->ended.count >= UNSETTLED_MAX)) {
        tracker_settle(tracker);
    }
    tracker->event++;
    tracker->now = order;
    if (!later) {
        return;
    }
    if (tracker->early.first != NULL) {
        early_ends_clear(&tracker->early, note_orphan, tracker);
    }
    if (tracker->suspended.count + tracker->closing.count > 0) {
        calls_expire(tracker);
        closing_expire(tracker);
    }
}

/* ---- one event ---- */

/* Most sockets are used by one process. */
static struct process *process_of(struct tracker *tracker, struct endpoint *endpoint,
                                  uint64_t address)
{
    struct process *process;

    if (endpoint->user != NULL && endpoint->user->address == address) {
        return endpoint->user;
    }
    process = process_table_get(&tracker->processes, address);
    if (process != NULL) {
        endpoint->user = process;
    }
    return process;
}

/* Finds the entries of the event's endpoint and process, as far as it names them. False: no memory.
 */
static bool find_places(struct tracker *tracker, struct tracker_event *at)
{
    const struct afd_event *afd = at->afd;

    if (!(afd->has & AFD_HAS(AFD_ROLE_PROCESS))) {
        return true;
    }
    if (!(afd->has & AFD_HAS(AFD_ROLE_ENDPOINT))) {
        at->process = process_table_get(&tracker->processes, afd->process);
    } else {
        at->endpoint =
            endpoint_table_get_hashed(&tracker->endpoints, afd->endpoint, at->hashes->endpoint);
        at->process = at->endpoint != NULL ? process_of(tracker, at->endpoint, afd->process) : NULL;
    }
    tracker->no_memory |= at->process == NULL;
    return at->process != NULL;
}

/* A failure may be of any operation of the endpoint and direction, of either family. */
static void note_failure(const struct tracker_event *at)
{
    at->endpoint->ambiguous[AFD_FAMILY_LEGACY][at->action->direction]++;
    at->endpoint->ambiguous[AFD_FAMILY_MODERN][at->action->direction]++;
}

/* True if the event may say something of its socket or process: most events don't. */
static bool may_tell(const struct tracker_event *at)
{
    return at->action->behavior->fact != AFD_FACT_NONE || at->process->info->pid == ETL_ID_UNKNOWN;
}

/* Learns what the event says. True if it is a creation, which has no other effect. */
static bool learn(struct tracker *tracker, struct tracker_event *at)
{
    bool creates = at->action->behavior->fact == AFD_FACT_CREATION;

    tracker->no_memory |=
        creates ? !tracker_create_socket(tracker, at) : !tracker_learn(tracker, at);
    return creates;
}

/* Lets an event have its effect. The layouts of all ids whose rows name one have an endpoint. */
static void act(struct tracker *tracker, struct tracker_event *at,
                const struct continued_call *call)
{
    if (at->endpoint == NULL || (may_tell(at) && learn(tracker, at)) || tracker->no_memory) {
        return;
    }
    switch ((enum afd_act)at->action->act) {
    case AFD_ACT_POST:
        tracker->no_memory |= !tracker_post(tracker, at, call);
        break;
    case AFD_ACT_REJECTED:
        tracker_reject(tracker, at);
        break;
    case AFD_ACT_END:
    case AFD_ACT_PENDING:
        tracker_complete(tracker, at);
        break;
    case AFD_ACT_FAIL:
        note_failure(at);
        break;
    case AFD_ACT_CLOSE:
        tracker_close_endpoint(tracker, at->endpoint, at->event);
        break;
    case AFD_ACT_ABORT:
        at->endpoint->aborted++;
        break;
    case AFD_ACT_NONE:
    case AFD_ACT_CREATE:
        break;
    }
}

/* Begins an event of its thread's own. What the thread's last own event left is looked at and
 * forgotten; the event itself may leave something for the next one. Returns the rejected attempt
 * that `call` may refer to, to be released after the event, or NULL. */
static inline struct rejected_attempt *
begin_in_thread(struct tracker *tracker, struct tracker_event *at, struct continued_call *call)
{
    struct thread *thread = thread_table_get(&tracker->threads, at->event->tid);
    struct rejected_attempt *rejected;

    if (thread == NULL) {
        tracker->no_memory = true;
        return NULL;
    }
    at->thread = thread;
    if (at->action->act == AFD_ACT_POST || at->action->act == AFD_ACT_REJECTED) {
        at->space = (uint8_t)afd_space_of(at->afd, &at->invalid_address);
    }
    calls_begin_event(tracker, at, call);
    rejected = thread->rejected;
    thread->rejected = NULL;
    thread->last = LAST_OTHER;
    return rejected;
}

static void drop_rejected(struct tracker *tracker, struct rejected_attempt *rejected)
{
    if (rejected != NULL) {
        thread_release_rejected(&tracker->threads, rejected);
    }
}

/* Takes an event to its thread, endpoint and process. */
static void take_event(struct tracker *tracker, struct tracker_event *at)
{
    struct continued_call call = {NULL, NULL};
    struct rejected_attempt *rejected = NULL;

    if (at->action->is_own) {
        rejected = begin_in_thread(tracker, at, &call);
    }
    if (at->process != NULL && !tracker->no_memory) {
        act(tracker, at, &call);
    }
    drop_rejected(tracker, rejected);
}

static void count_event(struct tracker *tracker, const struct tracker_event *at)
{
    struct id_count *count = &tracker->id_counts[at->afd->layout->row];

    count->events++;
    if (at->event->level > count->level_max) {
        count->level_max = at->event->level;
    }
    tracker->coverage.keywords |= at->event->keyword;
}

bool tracker_afd(struct tracker *tracker, const struct etl_event *event,
                 const struct afd_event *afd, const struct afd_action *action,
                 const struct match_hashes *hashes)
{
    struct tracker_event at = {.event = event, .afd = afd, .action = action, .hashes = hashes};
    struct match_hashes own;

    if (hashes == NULL) {
        own = matching_hashes(event, afd, action);
        at.hashes = &own;
    }

    at.names_request = action->names_request & tracker->names_request[action->direction];
    advance(tracker, event->order);
    count_event(tracker, &at);
    if (action->is_copy) {
        tracker->coverage.buffered_ignored++;
    } else if (find_places(tracker, &at)) {
        take_event(tracker, &at);
    }
    tracker_close_event(tracker);
    return !tracker->no_memory;
}

/* An event that can't be decoded is its thread's own all the same. */
bool tracker_afd_undecoded(struct tracker *tracker, const struct etl_event *event)
{
    static const struct afd_behavior no_behavior;
    static const struct afd_action no_action = {.behavior = &no_behavior};
    static const struct afd_event no_fields;
    struct tracker_event at = {.event = event, .afd = &no_fields, .action = &no_action};
    struct continued_call none;

    advance(tracker, event->order);
    tracker->coverage.undecodable++;
    if (event->level > tracker->coverage.level_max) {
        tracker->coverage.level_max = event->level;
    }
    if (afd_undecoded_is_own(event)) {
        drop_rejected(tracker, begin_in_thread(tracker, &at, &none));
    }
    tracker_close_event(tracker);
    return !tracker->no_memory;
}

static void end_process(struct tracker *tracker, struct process *process,
                        const struct etl_event *event)
{
    tracker_end_process(tracker, process, event);
    tracker->no_memory |= !process_renew(&tracker->processes, process);
    process_table_retire(&tracker->processes, process);
}

bool tracker_process_end(struct tracker *tracker, const struct etl_event *event,
                         uint64_t process_key, uint32_t pid)
{
    struct process *process;

    advance(tracker, event->order);
    if (process_key != 0) {
        process = process_table_find(&tracker->processes, process_key);
        if (process != NULL) {
            end_process(tracker, process, event);
        }
    } else if (pid != 0) {
        while ((process = process_table_by_pid(&tracker->processes, pid)) != NULL) {
            end_process(tracker, process, event);
        }
    }
    tracker_close_event(tracker);
    return !tracker->no_memory;
}

/* ---- the end of the trace ---- */

/* Suspended operations did not go on, closing ones were not completed. */
static void end_waiting(struct tracker *tracker)
{
    tracker->event++;
    while (tracker->suspended.count > 0) {
        calls_fail_suspended(tracker, op_store_at(&tracker->ops, tracker->suspended.first));
    }
    while (tracker->closing.count > 0) {
        closing_give_up(tracker, op_store_at(&tracker->ops, tracker->closing.first));
    }
    tracker_close_event(tracker);
}

static void end_pending(void *user, struct process *process)
{
    struct tracker *tracker = user;

    while (process->flying.count > 0) {
        tracker_finish_op(
            tracker, op_store_at(&tracker->ops, process->flying.ids[process->flying.count - 1]),
            OP_PENDING);
    }
}

/* No other end will look for an operation: what finds them gives its memory to the list of what has
 * ended. */
static void drop_matching(struct tracker *tracker)
{
    matching_finish(&tracker->matching);
    matching_init(&tracker->matching, &tracker->ops);
}

/* No operation is in flight any more; what findings show stays until the tracker goes. */
static void shrink(struct tracker *tracker)
{
    finish_working_parts(tracker);
    early_ends_init(&tracker->early);
    user_memory_init(&tracker->memory, &tracker->ops);
    thread_table_finish(&tracker->threads);
    process_table_shrink(&tracker->processes);
    endpoint_table_shrink(&tracker->endpoints);
    op_store_close(&tracker->ops);
}

static uint32_t higher_of(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Adds to the coverage what was counted of the events with one id. */
static void add_id_count(struct coverage *coverage, const struct afd_layout *layout,
                         const struct id_count *count)
{
    uint32_t *family_level = &coverage->family_level_max[layout->family];

    coverage->events += count->events;
    coverage->legacy_seen |= count->events > 0 && layout->family == AFD_FAMILY_LEGACY;
    coverage->modern_seen |= count->events > 0 && layout->family == AFD_FAMILY_MODERN;
    coverage->level_max = higher_of(coverage->level_max, count->level_max);
    *family_level = higher_of(*family_level, count->level_max);
    if (afd_behavior_of(layout)->registered_io) {
        coverage->registered_io_events += count->events;
    }
}

static void add_id_counts(struct tracker *tracker)
{
    tracker->coverage.events = tracker->coverage.undecodable;
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);

        add_id_count(&tracker->coverage, layout, &tracker->id_counts[layout->row]);
    }
}

static void add_post_counts(struct tracker *tracker)
{
    struct coverage *coverage = &tracker->coverage;
    const uint64_t *none = tracker->post_counts[AFD_SPACE_NONE];
    const uint64_t *user = tracker->post_counts[AFD_SPACE_USER];
    const uint64_t *kernel = tracker->post_counts[AFD_SPACE_KERNEL];

    coverage->recvs = user[AFD_RECV] + kernel[AFD_RECV];
    coverage->recvs_user_address = user[AFD_RECV];
    coverage->sends = user[AFD_SEND] + kernel[AFD_SEND];
    coverage->sends_user_address = user[AFD_SEND];
    coverage->user_address_operations = user[AFD_RECV] + user[AFD_SEND];
    coverage->kernel_address_operations = kernel[AFD_RECV] + kernel[AFD_SEND];
    coverage->posts = coverage->recvs + coverage->sends + none[AFD_RECV] + none[AFD_SEND];
}

bool tracker_finish(struct tracker *tracker)
{
    add_id_counts(tracker);
    add_post_counts(tracker);
    tracker_settle(tracker);
    early_ends_clear(&tracker->early, note_orphan, tracker);
    end_waiting(tracker);
    drop_matching(tracker);
    process_table_visit(&tracker->processes, end_pending, tracker);
    tracker_close_event(tracker);
    tracker_settle(tracker);
    shrink(tracker);
    return !tracker->no_memory;
}
