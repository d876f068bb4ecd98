/* What a post conflicts with: operations in flight whose memory it shares. */

#include <assert.h>

#include "base/bits.h"
#include "analyzer/tracker/pair.h"
#include "base/prefetch.h"
#include "analyzer/tracker/tracker_internal.h"

#define PID_IDLE 0
#define PID_SYSTEM 4

_Static_assert(CONFLICTS_FOUND_MAX <= 32, "a bit for each");

/* The post that is compared with what is in flight. */
struct newcomer {
    struct operation *op;
    uint64_t continues; /* number, or 0 */
    bool may_go_on;     /* an attempt that a post may continue: all it has is kept */
    uint32_t conflicts; /* so far */
    uint32_t held;      /* of them, those that keep it */
    struct operation *found[CONFLICTS_FOUND_MAX]; /* not yet added: first operations */
    size_t found_count;
    uint32_t full; /* a bit for each of them that has reached a cap by it */
};

uint32_t tracker_space_pid(const struct operation *op)
{
    uint32_t pid = op->posted.pid;

    if (!op->fast_path && !op->has_inferred)
        return SPACE_ANY_PID;
    return pid == PID_IDLE || pid == PID_SYSTEM || pid == ETL_ID_UNKNOWN ? SPACE_ANY_PID : pid;
}

/* ---- one conflict ---- */

static bool conflicted_with(const struct tracker *tracker, const struct operation *first,
                            uint64_t second_number)
{
    for (unsigned i = 0; i < first->conflict_entries; i++)
        if (op_store_at(&tracker->ops, first->conflicts[i].second)->number == second_number)
            return true;
    return false;
}

static void close_to(struct tracker *tracker, struct operation *first, enum op_direction later)
{
    tracker->coverage.capped_operations += !first->capped;
    first->capped = true;
    if (first->has_memory)
        interval_close(&first->memory, later);
    match_table_close_kernel(first, later);
}

static uint32_t order_delta(const struct operation *first, const struct operation *second)
{
    uint64_t delta = (uint64_t)second->posted.order - (uint64_t)first->posted.order;

    return delta < UINT32_MAX ? (uint32_t)delta : UINT32_MAX;
}

/* Room for one more. NULL: no memory. */
static struct conflict_entry *add_entry(struct tracker *tracker, struct operation *first)
{
    if (!first->conflicts) {
        first->conflicts = pool_take(&tracker->conflict_blocks);
        prefetch_item(tracker->conflict_blocks.free_items, 1); /* the next one */
    }
    if (first->conflicts)
        return &first->conflicts[first->conflict_entries++]; /* the caps leave room in the block */
    tracker->no_memory = true;
    return NULL;
}

/* `wanted`: NULL if the hooks do not want it. */
static void keep(struct tracker *tracker, struct newcomer *newcomer, struct operation *first,
                 bool kernel, const struct conflict_wanted *wanted)
{
    const struct operation *second = newcomer->op;
    struct judgement judgement = tracker->judgements.of[pair_bits(first, second, kernel)];
    struct conflict_entry *entry = add_entry(tracker, first);
    uint8_t memory = kernel ? 0 : first->memory_flags | second->memory_flags;
    uint64_t start, a_last, b_last;

    if (!entry)
        return;
    newcomer->held++;
    entry->tag = wanted ? wanted->tag : 0;
    entry->order_delta = order_delta(first, second);
    entry->second = second->id;
    entry->rule = judgement.rule;
    entry->severity = judgement.severity;
    entry->flags = (uint8_t)(memory | (wanted ? 0 : ENTRY_SILENT));
    if (kernel) {
        entry->extent = EXTENT_START_ONLY;
        entry->overlap_from = 0;
        entry->overlap_len = 1;
        return;
    }
    start = pair_overlap_start(first, second);
    a_last = interval_last(&first->memory);
    b_last = interval_last(&second->memory);
    entry->extent = memory & MEMORY_CHAINED ? EXTENT_FIRST_BUFFER_ONLY : EXTENT_EXACT;
    entry->overlap_from = (uint32_t)(start - first->memory.start);
    entry->overlap_len = (uint32_t)((a_last < b_last ? a_last : b_last) - start + 1);
}

/* How many of those that have been found the hooks want. */
static size_t ask(const struct tracker_hooks *hooks, const struct newcomer *newcomer, bool kernel,
                  struct conflict_wanted wanted[CONFLICTS_FOUND_MAX])
{
    size_t count = newcomer->found_count;

    if (!hooks->conflict_settled)
        return 0;
    if (hooks->conflicts_found)
        return hooks->conflicts_found(hooks->user, newcomer->op, newcomer->found, count, kernel,
                                      wanted);
    for (size_t i = 0; i < count; i++)
        wanted[i] = (struct conflict_wanted){newcomer->found[i], 0};
    return count;
}

/* Asks about those that have been found, and adds them. */
static void add_found(struct tracker *tracker, struct newcomer *newcomer, bool kernel)
{
    struct conflict_wanted wanted[CONFLICTS_FOUND_MAX], *next = wanted, *end;

    if (newcomer->found_count == 0)
        return;
    end = wanted + ask(&tracker->hooks, newcomer, kernel, wanted);
    for (size_t i = 0; i < newcomer->found_count && (next < end || newcomer->may_go_on); i++) {
        struct operation *first = newcomer->found[i];
        bool is_wanted = next < end && next->first == first;

        if (is_wanted || newcomer->may_go_on)
            keep(tracker, newcomer, first, kernel, is_wanted ? next : NULL);
        next += is_wanted;
    }
    assert(next == end); /* they are some of what was found, in its order */
    for (uint32_t full = newcomer->full; full; full &= full - 1)
        close_to(tracker, newcomer->found[lowest_bit(full)],
                 (enum op_direction)newcomer->op->direction);
    newcomer->conflicts += (uint32_t)newcomer->found_count;
    newcomer->found_count = newcomer->full = 0;
}

/* There is room for it. */
static inline void take(struct newcomer *newcomer, struct operation *first)
{
    uint8_t *conflicts = &first->conflicts_with[newcomer->op->direction];
    size_t at = newcomer->found_count++;

    newcomer->found[at] = first;
    newcomer->full |= (uint32_t)(++*conflicts == CONFLICTS_MAX) << at;
}

/* ---- all of a post's ---- */

/* With `first` and those that follow it at the same kernel address. */
static void compare_kernel(struct tracker *tracker, struct newcomer *newcomer,
                           struct operation *first)
{
    while (first) {
        struct operation *next =
            first->kernel_next[newcomer->op->direction]; /* adding may close `first` */

        take(newcomer, first);
        if (newcomer->found_count == CONFLICTS_FOUND_MAX)
            add_found(tracker, newcomer, true);
        first = next;
    }
    add_found(tracker, newcomer, true);
}

/* Whether they make a conflict already: at their kernel address, or the attempt that the post
 * continues made it. */
static bool is_known(const struct tracker *tracker, const struct newcomer *newcomer,
                     const struct operation *first)
{
    const struct operation *op = newcomer->op;

    return (op->space == OP_SPACE_KERNEL && first->space == OP_SPACE_KERNEL &&
            first->buffer == op->buffer) ||
           (newcomer->continues && conflicted_with(tracker, first, newcomer->continues));
}

/* As take(), for each of them: there is room. What the loop counts is in no memory that writing to
 * an operation might change. */
static void take_all(struct newcomer *newcomer, struct interval *const *items, size_t count)
{
    const unsigned direction = newcomer->op->direction;
    uint32_t full = 0;

    for (size_t i = 0; i < count; i++) {
        struct operation *first = op_of_memory(items[i]);
        uint8_t conflicts = (uint8_t)(first->conflicts_with[direction] + 1);

        first->conflicts_with[direction] = conflicts;
        newcomer->found[i] = first;
        full |= (uint32_t)(conflicts == CONFLICTS_MAX) << i;
    }
    newcomer->found_count = count;
    newcomer->full = full;
}

static void take_unknown(const struct tracker *tracker, struct newcomer *newcomer,
                         struct interval *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct operation *first = op_of_memory(items[i]);

        if (!is_known(tracker, newcomer, first))
            take(newcomer, first);
    }
}

/* User memory, recorded or inferred. */
static void compare_user(struct tracker *tracker, struct newcomer *newcomer)
{
    const struct interval_hits *overlapped = &tracker->overlapped;
    bool may_be_known = newcomer->op->space == OP_SPACE_KERNEL || newcomer->continues;

    for (size_t at = 0; at < overlapped->count; at += CONFLICTS_FOUND_MAX) {
        size_t rest = overlapped->count - at;
        size_t count = rest < CONFLICTS_FOUND_MAX ? rest : CONFLICTS_FOUND_MAX;

        if (may_be_known)
            take_unknown(tracker, newcomer, overlapped->items + at, count);
        else
            take_all(newcomer, overlapped->items + at, count);
        add_found(tracker, newcomer, false);
    }
}

/* Operations whose user memory `op` shares. */
static void find_user(struct tracker *tracker, const struct operation *op)
{
    struct address_space *space = op->owner->spaces;
    uint32_t pid = tracker_space_pid(op);

    tracker->overlapped.count = 0;
    if (!op->has_memory)
        return;
    for (; space; space = space->next)
        if (space->family == op->family &&
            (pid == SPACE_ANY_PID || space->pid == SPACE_ANY_PID || space->pid == pid) &&
            !interval_find(&space->index, op->direction, op->memory.start,
                           interval_last(&op->memory), &tracker->overlapped))
            tracker->no_memory = true;
}

static uint8_t memory_flags(const struct operation *op)
{
    unsigned flags = op->chained ? MEMORY_CHAINED : 0;

    if (op->space == OP_SPACE_USER) {
        /* Which address those two bear is not verified. */
        flags |= op->ex ? MEMORY_UNVERIFIED : 0;
    } else if (op->has_inferred) {
        flags |= MEMORY_INFERRED;
        flags |= op->inferred_chained ? MEMORY_CHAINED : 0;
        flags |= op->inferred_ex ? MEMORY_UNVERIFIED : 0;
    }
    return (uint8_t)flags;
}

static void begin(struct newcomer *newcomer, struct operation *op)
{
    newcomer->op = op;
    newcomer->continues = op->has_inferred ? op->continues : 0;
    newcomer->may_go_on = op->family == AFD_FAMILY_MODERN && op->fast_path;
    newcomer->conflicts = newcomer->held = 0;
    newcomer->found_count = newcomer->full = 0;
}

static void finish(struct tracker *tracker, const struct newcomer *newcomer)
{
    tracker->coverage.conflicts += newcomer->conflicts;
    if (newcomer->held == 0)
        return;
    operation_retain(newcomer->op); /* once for all of them */
    held_table_retain(&tracker->held, newcomer->op->id, newcomer->held);
}

void tracker_compare(struct tracker *tracker, struct operation *op)
{
    struct operation *kernel = NULL;
    struct newcomer newcomer;

    op->memory_flags = memory_flags(op);
    find_user(tracker, op);
    if (op->space == OP_SPACE_KERNEL)
        kernel = match_table_kernel(&tracker->matches, op->buffer, op->family, op->direction);
    if (!kernel && tracker->overlapped.count == 0)
        return;
    if (!held_table_reserve(&tracker->held, op->id)) {
        tracker->no_memory = true;
        return;
    }
    begin(&newcomer, op);
    compare_kernel(tracker, &newcomer, kernel);
    compare_user(tracker, &newcomer);
    finish(tracker, &newcomer);
}
