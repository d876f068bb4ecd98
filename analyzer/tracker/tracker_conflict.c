/* What a post conflicts with: operations in flight whose memory it shares. */

#include "analyzer/tracker/tracker_internal.h"

#define PID_IDLE 0
#define PID_SYSTEM 4

uint32_t tracker_space_pid(const struct operation *op)
{
    uint32_t pid = op->posted.pid;

    if (!op->fast_path && !op->has_inferred)
        return SPACE_ANY_PID;
    return pid == PID_IDLE || pid == PID_SYSTEM || pid == ETL_ID_UNKNOWN ? SPACE_ANY_PID : pid;
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

    if (!op_list_add(&tracker->candidates, op_of_memory(interval)))
        tracker->no_memory = true;
    return !tracker->no_memory;
}

/* Operations whose user memory `op` shares, in order of their posts. */
static void find_user(struct tracker *tracker, const struct operation *op,
                      const struct interval_place *place)
{
    struct address_space *space = op->owner->spaces;
    uint32_t pid = tracker_space_pid(op);

    tracker->candidates.count = 0;
    if (!op->has_memory)
        return;
    for (; space; space = space->next)
        if (space->family == op->family &&
            (pid == SPACE_ANY_PID || space->pid == SPACE_ANY_PID || space->pid == pid))
            interval_find(&space->index, op->direction, op->memory.start, op->memory.last, place,
                          collect, tracker);
    if (tracker->candidates.count > 1)
        op_list_sort(&tracker->candidates, 0);
}

void tracker_compare(struct tracker *tracker, struct operation *op,
                     const struct interval_place *place)
{
    struct op_list *users = &tracker->candidates;
    struct operation *kernel = NULL;
    size_t i = 0;

    find_user(tracker, op, place);
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
