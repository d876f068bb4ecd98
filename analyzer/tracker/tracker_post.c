/* A post: the operation, its memory, what it conflicts with and what it supersedes. */

#include "analyzer/tracker/hash_table.h"
#include "analyzer/tracker/tracker_internal.h"
#include "analyzer/tracker/user_memory.h"
#include "parsers/ntstatus.h"

#define PID_IDLE 0
#define PID_SYSTEM 4

enum op_space tracker_address_space(const struct tracker_event *at, bool *invalid)
{
    const struct afd_event *afd = at->afd;

    return memory_space(afd->buffer, afd->buffer_length, at->event->pointer_size,
                        !at->modern && afd->fast_path, invalid);
}

static bool op_has_user_memory(const struct operation *op)
{
    return op->space == OP_SPACE_USER || op->has_inferred;
}

/* The address of its user memory is not recorded but inferred. */
static bool op_memory_is_inferred(const struct operation *op)
{
    return op->space != OP_SPACE_USER && op->has_inferred;
}

static bool op_is_chained(const struct operation *op)
{
    return op->buffer_count > 1 || (op_memory_is_inferred(op) && op->inferred_chained);
}

/* The process id that tells address spaces apart, or SPACE_ANY_PID where the header's may be
 * somebody else's. */
static uint32_t space_pid(const struct operation *op)
{
    uint32_t pid = op->posted.pid;

    if (!op->fast_path && !op->has_inferred)
        return SPACE_ANY_PID;
    return pid == PID_IDLE || pid == PID_SYSTEM || pid == ETL_ID_UNKNOWN ? SPACE_ANY_PID : pid;
}

static void take_over_address(const struct tracker_event *at, struct operation *op)
{
    const struct thread_attempt *attempt = &at->attempt;

    if (!at->modern || op->space != OP_SPACE_KERNEL || !attempt->valid ||
        attempt->process != op->process || attempt->endpoint != op->endpoint_address ||
        attempt->direction != op->direction || attempt->length != op->length)
        return;
    op->has_inferred = true;
    op->inferred_buffer = attempt->buffer;
    op->inferred_chained = attempt->chained;
    op->inferred_ex = attempt->ex;
    op->continues = attempt->op;
}

static void fill(struct tracker *tracker, const struct tracker_event *at, struct operation *op)
{
    const struct afd_event *afd = at->afd;
    bool invalid;

    op->references = 1;
    op->process = afd->process;
    op->endpoint_address = afd->endpoint;
    op->accept_endpoint = afd->accept_endpoint;
    op->buffer = afd->buffer;
    op->length = afd->buffer_length;
    op->buffer_count = afd->has & AFD_HAS(AFD_ROLE_BUFFER_COUNT) ? afd->buffer_count : 1;
    op->post_id = at->meaning->id;
    op->family = afd->layout->family;
    op->direction = at->meaning->direction;
    op->api = at->meaning->api;
    op->pointer_size = at->event->pointer_size;
    op->space = (uint8_t)tracker_address_space(at, &invalid);
    op->fast_path = at->modern ? at->event->keyword & AFD_KEYWORD_FASTPATH : afd->fast_path;
    op->has_request = at->modern && tracker_names_request(at->event, afd);
    op->activity = at->event->activity;
    op->peer = afd->address;
    tracker_point(tracker, at->event, &op->posted);
    take_over_address(at, op);
    tracker->coverage.stacks += op->posted.stack != NULL;
    tracker->coverage.zero_length_posts += op->length == 0;
    tracker->coverage.invalid_addresses += invalid;
}

static void count_post(struct coverage *coverage, const struct operation *op)
{
    bool user = op->space == OP_SPACE_USER;

    coverage->posts++;
    coverage->user_address_operations += user;
    coverage->kernel_address_operations += op->space == OP_SPACE_KERNEL;
    coverage->inferred_address_operations += op->has_inferred;
    coverage->chained_operations += op->buffer_count > 1;
    if (op->direction == OP_RECV) {
        coverage->recvs++;
        coverage->recvs_user_address += user;
    } else {
        coverage->sends++;
        coverage->sends_user_address += user;
    }
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
    PUSH(&op->endpoint->ops, op, endpoint_prev, endpoint_next);
    PUSH(&op->owner->ops, op, process_prev, process_next);
    if (op->post_id == ID_CONNECTEX || op->post_id == ID_ACCEPTEX)
        PUSH(&op->endpoint->ex[op->direction], op, ex_prev, ex_next);
    if (op->accept_slot)
        PUSH(&op->accept_slot->accepts, op, accept_prev, accept_next);
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
    op->thread_next = thread->fast_ops;
    thread->fast_ops = op;
    return true;
}

static bool conflicted_with(const struct operation *first, uint64_t second_number)
{
    for (const struct conflict *c = first->conflicts; c; c = c->next)
        if (c->second->number == second_number)
            return true;
    return false;
}

static void count_conflict(struct tracker *tracker, struct operation *first,
                           enum op_direction later)
{
    uint8_t *count = later == OP_RECV ? &first->conflicts_with_recv : &first->conflicts_with_send;

    tracker->coverage.conflicts++;
    if (++*count < CONFLICTS_MAX)
        return;
    if (!first->capped)
        tracker->coverage.capped_operations++;
    first->capped = true;
    if (first->has_memory)
        interval_close(&first->memory, later);
    match_table_close_kernel(first, later);
}

static void judge(struct tracker *tracker, struct conflict *conflict, bool kernel)
{
    const struct operation *a = conflict->first, *b = conflict->second;
    struct rule_pair pair = {.first_is_send = a->direction == OP_SEND,
                             .second_is_send = b->direction == OP_SEND,
                             .kernel_address = kernel,
                             .modern = b->family == AFD_FAMILY_MODERN,
                             .same_endpoint = a->endpoint_address == b->endpoint_address,
                             .second_is_datagram = b->datagram};
    enum rule_level severity;

    conflict->rule = rules_judge(&pair);
    severity = tracker->severity[rules_index(conflict->rule)];
    conflict->severity = severity ? severity : conflict->rule->severity(&pair);
}

static void measure(struct conflict *conflict, bool kernel)
{
    const struct operation *a = conflict->first, *b = conflict->second;
    uint64_t start, last;

    if (kernel) {
        conflict->extent = EXTENT_START_ONLY;
        conflict->overlap_start = b->buffer;
        conflict->overlap_len = 1;
        return;
    }
    start = a->memory.start > b->memory.start ? a->memory.start : b->memory.start;
    last = a->memory.last < b->memory.last ? a->memory.last : b->memory.last;
    conflict->extent =
        op_is_chained(a) || op_is_chained(b) ? EXTENT_FIRST_BUFFER_ONLY : EXTENT_EXACT;
    conflict->overlap_start = start;
    conflict->overlap_len = last - start + 1;
    conflict->inferred = op_memory_is_inferred(a) || op_memory_is_inferred(b);
}

/* Room for one more. */
static struct conflict *next_conflict(struct tracker *tracker, const struct operation *first)
{
    struct conflict_block *block;

    if (first->last_conflict)
        return first->last_conflict + 1; /* the caps leave room in the block */
    block = pool_take(&tracker->conflict_blocks);
    return block ? block->items : NULL;
}

static void add_conflict(struct tracker *tracker, struct operation *first, struct operation *second,
                         bool kernel)
{
    struct conflict *conflict;

    if (!kernel && second->continues && conflicted_with(first, second->continues))
        return;
    conflict = next_conflict(tracker, first);
    if (!conflict) {
        tracker->no_memory = true;
        return;
    }
    *conflict = (struct conflict){.first = first, .second = operation_retain(second)};
    measure(conflict, kernel);
    judge(tracker, conflict, kernel);
    if (first->last_conflict)
        first->last_conflict->next = conflict;
    else
        first->conflicts = conflict;
    first->last_conflict = conflict;
    count_conflict(tracker, first, second->direction);
}

static bool collect(void *user, struct interval *interval)
{
    struct tracker *tracker = user;

    if (!op_list_add(&tracker->candidates, interval->op))
        tracker->no_memory = true;
    return !tracker->no_memory;
}

/* Operations whose user memory `op` shares, in order of their posts. */
static void find_user(struct tracker *tracker, const struct operation *op)
{
    struct address_space *space = op->owner->spaces;
    uint32_t pid = space_pid(op);

    tracker->candidates.count = 0;
    if (!op->has_memory)
        return;
    for (; space; space = space->next)
        if (space->family == op->family &&
            (pid == SPACE_ANY_PID || space->pid == SPACE_ANY_PID || space->pid == pid))
            interval_find(&space->index, op->direction, op->memory.start, op->memory.last, collect,
                          tracker);
    if (tracker->candidates.count > 1)
        op_list_sort(&tracker->candidates, 0);
}

static void compare(struct tracker *tracker, struct operation *op)
{
    struct op_list *users = &tracker->candidates;
    struct operation *kernel = NULL;
    size_t i = 0;

    find_user(tracker, op);
    if (op->space == OP_SPACE_KERNEL)
        kernel = match_table_kernel(&tracker->matches, op->buffer, op->family, op->direction);
    while (kernel || i < users->count) {
        if (kernel && (i == users->count || kernel->number <= users->items[i]->number)) {
            struct operation *next = kernel->kernel_next[op->direction];

            if (i < users->count && users->items[i] == kernel)
                i++; /* a pair makes one conflict */
            add_conflict(tracker, kernel, op, true);
            kernel = next;
        } else {
            add_conflict(tracker, users->items[i++], op, false);
        }
    }
}

static void supersede_request(struct tracker *tracker, const struct operation *op,
                              const struct etl_event *event)
{
    struct operation *older;

    if (!op->has_request)
        return;
    older = match_table_request(&tracker->matches, op->endpoint_address, &op->activity);
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
    memory->op = op;
    memory->start = op->space == OP_SPACE_USER ? op->buffer : op->inferred_buffer;
    memory->last = memory_last(memory->start, op->length, op->pointer_size, op_is_chained(op));
}

static bool insert(struct tracker *tracker, struct operation *op)
{
    struct address_space *space = NULL;

    if (op->has_memory) {
        space = process_space(&tracker->processes, op->owner, op->family, space_pid(op));
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
    bool invalid;

    tracker->coverage.rejected_posts++;
    if (!(at->event->keyword & AFD_KEYWORD_FASTPATH) ||
        tracker_address_space(at, &invalid) != OP_SPACE_USER)
        return;
    thread = thread_table_get(&tracker->threads, at->event->tid);
    if (!thread) {
        tracker->no_memory = true;
        return;
    }
    thread->attempt = (struct thread_attempt){.valid = true,
                                              .chained = afd->buffer_count > 1,
                                              .ex = at->meaning->ex,
                                              .direction = at->meaning->direction,
                                              .length = afd->buffer_length,
                                              .process = afd->process,
                                              .endpoint = afd->endpoint,
                                              .buffer = afd->buffer};
}

static bool bind_op(struct tracker *tracker, const struct tracker_event *at, struct operation *op)
{
    struct endpoint *endpoint = at->endpoint;
    struct process *process = at->process;

    if (at->meaning->ex && op->accept_endpoint) {
        op->accept_slot = endpoint_table_get(&tracker->endpoints, op->accept_endpoint);
        if (!op->accept_slot)
            return false;
    }
    op->endpoint = endpoint;
    op->owner = process;
    op->socket = socket_retain(endpoint->socket);
    op->process_info = process_info_retain(process->info);
    op->datagram =
        at->meaning->datagram || endpoint->datagram || (at->event->keyword & AFD_KEYWORD_DATAGRAM);
    op->aborted_at_post = endpoint->aborted;
    op->ambiguous_at_post = endpoint->ambiguous[op->direction];
    op->ex_ambiguous_at_post = endpoint->ex_ambiguous[op->direction];
    return true;
}

bool tracker_post(struct tracker *tracker, const struct tracker_event *at)
{
    struct operation *op;
    struct completion completion;

    if (at->modern && at->afd->status >= NTSTATUS_ERROR_MIN) {
        reject(tracker, at);
        return !tracker->no_memory;
    }
    op = pool_get(&tracker->ops);
    if (!op)
        return false;
    op->number = ++tracker->last_number;
    fill(tracker, at, op);
    set_memory(op);
    if (!bind_op(tracker, at, op) ||
        !op_list_reserve(&tracker->ended, (size_t)tracker->in_flight + tracker->ended.count + 2)) {
        operation_release(tracker, op);
        return false;
    }
    count_post(&tracker->coverage, op);
    supersede_request(tracker, op, at->event);
    compare(tracker, op);
    supersede_kernel(tracker, op, at->event);
    if (!insert(tracker, op)) {
        operation_release(tracker, op);
        return false;
    }
    if (kept_take(&tracker->kept, op, &completion))
        tracker_end_by(tracker, op, &completion);
    return true;
}
