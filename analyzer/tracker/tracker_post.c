/* A post: the operation, its memory, and what it supersedes. */

#include "base/hash.h"
#include "analyzer/tracker/tracker_internal.h"
#include "parsers/afd/afd_memory.h"

static void take_over_address(const struct tracker_event *at, struct operation *op)
{
    const struct thread_attempt *attempt = at->attempt;

    if (!at->modern || op->space != OP_SPACE_KERNEL || attempt->process != op->process ||
        attempt->endpoint != op->endpoint_address || attempt->direction != op->direction ||
        attempt->length != op->length)
        return;
    op->has_rare = true;
    op->has_inferred = true;
    op->inferred_buffer = attempt->buffer;
    op->inferred_chained = attempt->chained;
    op->inferred_ex = attempt->ex;
    op->continues = attempt->op;
}

static void fill_rare(const struct afd_event *afd, struct operation *op)
{
    op->has_rare = true;
    op->accept_endpoint = afd->accept_endpoint;
    op->peer = afd->address;
    if (afd->has & AFD_HAS(AFD_ROLE_BUFFER_COUNT))
        op->more_buffers = afd->buffer_count - 1;
    op->chained = op->more_buffers > 0;
}

/* Whether the event says what few operations have. */
static bool says_rare(const struct afd_event *afd)
{
    return afd->has & (AFD_HAS(AFD_ROLE_ACCEPT_ENDPOINT) | AFD_HAS(AFD_ROLE_ADDRESS)) ||
           (afd->has & AFD_HAS(AFD_ROLE_BUFFER_COUNT) && afd->buffer_count != 1);
}

/* All but what op_store_take() has set, what bind_op() and set_memory() set, and the end. */
static void fill(struct tracker *tracker, const struct tracker_event *at, struct operation *op)
{
    const struct afd_event *afd = at->afd;

    op->number = ++tracker->last_number;
    op->process = afd->process;
    op->endpoint_address = afd->endpoint;
    op->buffer = afd->buffer;
    op->activity = at->event->activity;
    op->length = afd->buffer_length;
    op->post_id = at->behavior->id;
    op->family = afd->layout->family;
    op->direction = at->behavior->direction;
    op->space = at->keys->action.space;
    op->end = OP_IN_FLIGHT;
    op->pointer_size = afd->pointer_size;
    op->has_request = at->keys->action.names_request;
    op->fast_path = at->keys->action.fast_path;
    op->ex = at->behavior->ex;
    op->has_inferred = op->ambiguous_pairing = op->capped = op->chained = false;
    op->inferred_chained = op->inferred_ex = op->has_twin = false;
    op->conflicts_with[OP_SEND] = op->conflicts_with[OP_RECV] = op->conflict_entries = 0;
    op->references = 1;
    op->match_hash = at->keys->match_hash;
    op->request_hash = at->keys->request_hash;
    op->reasons = op->kind = 0;
    op->api = at->behavior->api;
    op->conflicts = NULL;
    op->memory.leaf = NULL;
    if (says_rare(afd))
        fill_rare(afd, op);
    tracker_point(tracker, at->event, &op->posted);
    if (at->attempt)
        take_over_address(at, op);
    tracker->coverage.stacks += op->posted.stack != NULL;
    tracker->coverage.zero_length_posts += op->length == 0;
    tracker->coverage.invalid_addresses += at->keys->action.invalid_address;
}

static void count_post(struct tracker *tracker, const struct operation *op)
{
    tracker->posts[op->direction][op->space]++;
    tracker->coverage.inferred_address_operations += op->has_inferred;
    tracker->coverage.chained_operations += op->chained;
}

static void push(struct operation **first, struct operation *op, size_t prev_at, size_t next_at)
{
    struct operation **op_next = (struct operation **)(void *)((char *)op + next_at);

    *op_next = *first;
    if (*first)
        *(struct operation **)(void *)((char *)*first + prev_at) = op;
    *first = op;
}

#define PUSH(first, op, prev, next)                                                                \
    push(first, op, offsetof(struct operation, prev), offsetof(struct operation, next))

static void link_op(struct tracker *tracker, struct operation *op)
{
    struct op_place *place = op_store_place(&tracker->ops, op->id);

    place->in_endpoint = op_set_add(&op->endpoint->ops, op->id);
    place->in_process = op_set_add(&op->owner->ops, op->id);
    if (op->ex) {
        op->has_rare = true;
        PUSH(&op->endpoint->ex[op->direction], op, ex_prev, ex_next);
        if (op->accept_slot)
            PUSH(&op->accept_slot->accepts, op, accept_prev, accept_next);
    }
    tracker->in_flight++;
    if (tracker->in_flight > tracker->coverage.max_in_flight)
        tracker->coverage.max_in_flight = tracker->in_flight;
}

static bool link_thread(struct tracker *tracker, struct operation *op)
{
    struct thread *thread;

    if (op->family != AFD_FAMILY_MODERN || !op->fast_path)
        return true;
    thread = thread_table_get(&tracker->threads, op->posted.tid);
    if (!thread)
        return false;
    op->has_rare = true;
    op->thread_next = thread->fast_ops;
    thread->fast_ops = op;
    return true;
}

static void supersede_request(struct tracker *tracker, const struct operation *op,
                              const struct etl_event *event)
{
    struct operation *older;

    if (!op->has_request)
        return;
    older = match_table_request(&tracker->matches, op->endpoint_address, &op->activity,
                                op->request_hash);
    if (older)
        tracker_end(tracker, older, OP_SUPERSEDED, event);
}

static void supersede_kernel(struct tracker *tracker, const struct operation *op,
                             const struct etl_event *event)
{
    struct operation *older;

    if (op->family != AFD_FAMILY_MODERN || op->space != OP_SPACE_KERNEL)
        return;
    older = match_table_kernel_newest(&tracker->matches, op->buffer, op->family);
    if (older)
        tracker_end(tracker, older, OP_SUPERSEDED, event);
}

static void set_memory(struct operation *op)
{
    struct interval *memory = &op->memory;

    op->has_memory = op_has_user_memory(op);
    if (!op->has_memory)
        return;
    memory->start = op->space == OP_SPACE_USER ? op->buffer : op->inferred_buffer;
    memory->reach =
        (uint32_t)(afd_memory_last(memory->start, op->length, op->pointer_size, op_is_chained(op)) -
                   memory->start);
}

static bool insert(struct tracker *tracker, struct operation *op)
{
    struct address_space *space = NULL;

    if (!op_set_reserve(&op->endpoint->ops) || !op_set_reserve(&op->owner->ops))
        return false;
    if (op->has_memory) {
        space = process_space(&tracker->processes, op->owner, op->family, tracker_space_pid(op));
        if (!space)
            return false;
    }
    if (space && !interval_insert(&space->index, &op->memory))
        return false;
    if (match_table_add(&tracker->matches, op)) {
        if (link_thread(tracker, op)) {
            link_op(tracker, op);
            return true;
        }
        match_table_remove(&tracker->matches, op);
    }
    if (space)
        interval_remove(&op->memory);
    return false;
}

static void reject(struct tracker *tracker, const struct tracker_event *at)
{
    const struct afd_event *afd = at->afd;
    struct thread *thread;

    tracker->coverage.rejected_posts++;
    if (!at->keys->action.fast_path || at->keys->action.space != OP_SPACE_USER)
        return;
    thread = thread_table_get(&tracker->threads, at->event->tid);
    if (!thread) {
        tracker->no_memory = true;
        return;
    }
    thread->attempt = (struct thread_attempt){.valid = true,
                                              .chained = afd->buffer_count > 1,
                                              .ex = at->behavior->ex,
                                              .direction = at->behavior->direction,
                                              .length = afd->buffer_length,
                                              .process = afd->process,
                                              .endpoint = afd->endpoint,
                                              .buffer = afd->buffer};
}

static bool bind_op(struct tracker *tracker, const struct tracker_event *at, struct operation *op)
{
    struct endpoint *endpoint = at->endpoint;
    struct process *process = at->process;

    op->socket = NULL;
    op->process_info = NULL;
    if (at->behavior->ex && op->accept_endpoint) {
        op->accept_slot = endpoint_table_get(&tracker->endpoints, op->accept_endpoint);
        if (!op->accept_slot)
            return false;
    }
    op->endpoint = endpoint;
    op->owner = process;
    op->socket = socket_retain(endpoint->socket);
    op->process_info = process_info_retain(process->info);
    op->datagram = at->keys->action.datagram || endpoint->datagram;
    op->aborted_at_post = endpoint->aborted;
    op->ambiguous_at_post = endpoint->ambiguous[op->direction];
    op->endpoint_number = endpoint->number;
    if (at->behavior->ex) {
        op->has_rare = true;
        op->ex_ambiguous_at_post = endpoint->ex_ambiguous[op->direction];
    }
    return true;
}

bool tracker_post(struct tracker *tracker, const struct tracker_event *at)
{
    struct operation *op;
    struct completion completion;

    if (at->keys->action.act == AFD_ACT_REJECTED) {
        reject(tracker, at);
        return !tracker->no_memory;
    }
    op = op_store_take(&tracker->ops);
    if (!op)
        return false;
    fill(tracker, at, op);
    set_memory(op);
    if (!bind_op(tracker, at, op) ||
        !op_list_reserve(&tracker->ended, (size_t)tracker->in_flight + tracker->ended.count + 2)) {
        operation_release(tracker, op);
        return false;
    }
    count_post(tracker, op);
    supersede_request(tracker, op, at->event);
    tracker_compare(tracker, op);
    supersede_kernel(tracker, op, at->event);
    if (!insert(tracker, op)) {
        operation_release(tracker, op);
        return false;
    }
    if (kept_take(&tracker->kept, op, &completion))
        tracker_end_by(tracker, op, &completion);
    return true;
}
