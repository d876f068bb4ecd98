/* What a post conflicts with: operations in flight whose memory it shares. */

#include "analyzer/tracker/slot_table.h"
#include "analyzer/tracker/tracker_internal.h"

#define PID_IDLE 0
#define PID_SYSTEM 4

/* Bits of a pair, as judgements[] goes by. */
#define PAIR_FIRST_SEND 1u
#define PAIR_SECOND_SEND 2u
#define PAIR_KERNEL 4u
#define PAIR_MODERN 8u
#define PAIR_SAME_ENDPOINT 16u
#define PAIR_SECOND_DATAGRAM 32u

#define FOUND_MAX 32 /* conflicts that the hooks hear of at once */

/* The post that is compared with what is in flight. */
struct newcomer {
    struct operation *op;
    uint64_t continues; /* number, or 0 */
    unsigned pair;      /* its bits */
    bool asked_again;   /* for what conflict_entry does not tell; then it is kept anyway */
    uint32_t conflicts; /* so far */
    uint32_t held;      /* of them, those that keep it */
    struct conflict_found found[FOUND_MAX];
    size_t found_count; /* not yet added */
};

uint32_t tracker_space_pid(const struct operation *op)
{
    uint32_t pid = op->posted.pid;

    if (!op->fast_path && !op->has_inferred)
        return SPACE_ANY_PID;
    return pid == PID_IDLE || pid == PID_SYSTEM || pid == ETL_ID_UNKNOWN ? SPACE_ANY_PID : pid;
}

/* ---- rules ---- */

void tracker_learn_rules(struct tracker *tracker, const enum rule_level *severity)
{
    for (unsigned bits = 0; bits < JUDGEMENTS; bits++) {
        const struct rule_pair pair = {.first_is_send = bits & PAIR_FIRST_SEND,
                                       .second_is_send = bits & PAIR_SECOND_SEND,
                                       .kernel_address = bits & PAIR_KERNEL,
                                       .modern = bits & PAIR_MODERN,
                                       .same_endpoint = bits & PAIR_SAME_ENDPOINT,
                                       .second_is_datagram = bits & PAIR_SECOND_DATAGRAM};
        const struct rule *rule = rules_judge(&pair);
        size_t index = rules_index(rule);
        enum rule_level level =
            severity && severity[index] ? severity[index] : rule->severity(&pair);

        tracker->judgements[bits] = (struct judgement){(uint8_t)index, (uint8_t)level};
    }
}

static inline const struct judgement *judge(const struct tracker *tracker,
                                            const struct operation *first,
                                            const struct newcomer *newcomer, bool kernel)
{
    unsigned pair = newcomer->pair;

    pair |= first->direction == OP_SEND ? PAIR_FIRST_SEND : 0;
    pair |= first->endpoint_address == newcomer->op->endpoint_address ? PAIR_SAME_ENDPOINT : 0;
    pair |= kernel ? PAIR_KERNEL : 0;
    return &tracker->judgements[pair];
}

/* ---- one conflict ---- */

/* The second operation of what is only counted is no attempt that a post continues. */
static bool conflicted_with(const struct tracker *tracker, const struct operation *first,
                            uint64_t second_number)
{
    for (unsigned i = 0; i < first->conflict_entries; i++) {
        const struct conflict_entry *entry = &first->conflicts[i];

        if (entry->flags & ENTRY_SHOWN &&
            op_store_at(&tracker->ops, entry->shown.second)->number == second_number)
            return true;
    }
    return false;
}

static void close_to(struct tracker *tracker, struct operation *first, enum op_direction later)
{
    if (!first->capped)
        tracker->coverage.capped_operations++;
    first->capped = true;
    if (first->has_memory)
        interval_close(&first->memory, later);
    match_table_close_kernel(first, later);
}

static void count_conflict(struct tracker *tracker, struct operation *first,
                           enum op_direction later)
{
    uint8_t *count = later == OP_RECV ? &first->conflicts_with_recv : &first->conflicts_with_send;

    if (++*count == CONFLICTS_MAX)
        close_to(tracker, first, later);
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
        slot_item_prefetch(tracker->conflict_blocks.free_items, 1); /* the next one */
    }
    if (first->conflicts)
        return &first->conflicts[first->conflict_entries++]; /* the caps leave room in the block */
    tracker->no_memory = true;
    return NULL;
}

/* One more of those that differ in nothing that counts. */
static inline void add_to_sum(struct tracker *tracker, const struct conflict_found *found,
                              uint8_t flags, uint32_t delta)
{
    struct operation *first = found->first;
    struct conflict_entry *entry = first->conflicts, *end = entry + first->conflict_entries;

    for (; entry < end; entry++) {
        if (entry->tag != found->tag || entry->flags != flags)
            continue;
        entry->sum.count++;
        if (delta < entry->order_delta)
            entry->order_delta = delta;
        if (delta > entry->sum.last_delta)
            entry->sum.last_delta = delta;
        return;
    }
    entry = add_entry(tracker, first);
    if (!entry)
        return;
    entry->tag = found->tag;
    entry->order_delta = delta;
    entry->rule = found->rule;
    entry->severity = found->severity;
    entry->flags = flags;
    entry->sum.count = 1;
    entry->sum.last_delta = delta;
}

static void add_shown(struct tracker *tracker, struct newcomer *newcomer,
                      const struct conflict_found *found, uint8_t flags, uint32_t delta)
{
    const struct operation *a = found->first, *b = newcomer->op;
    uint64_t start = found->overlap_start, last;
    struct conflict_entry *entry = add_entry(tracker, found->first);

    if (!entry)
        return;
    newcomer->held++;
    entry->tag = found->tag;
    entry->order_delta = delta;
    entry->rule = found->rule;
    entry->severity = found->severity;
    entry->flags = flags | ENTRY_SHOWN;
    entry->shown.second = b->id;
    if (flags & ENTRY_KERNEL) {
        entry->extent = EXTENT_START_ONLY;
        entry->shown.overlap_from = 0;
        entry->shown.overlap_len = 1;
        return;
    }
    last = a->memory.last < b->memory.last ? a->memory.last : b->memory.last;
    entry->extent = flags & MEMORY_CHAINED ? EXTENT_FIRST_BUFFER_ONLY : EXTENT_EXACT;
    entry->shown.overlap_from = (uint32_t)(start - a->memory.start);
    entry->shown.overlap_len = (uint32_t)(last - start + 1); /* a length has 32 bits */
}

static inline void add_conflict(struct tracker *tracker, struct newcomer *newcomer,
                                const struct conflict_found *found)
{
    struct operation *first = found->first;
    const struct operation *second = newcomer->op;
    uint32_t delta = order_delta(first, second);
    unsigned flags = found->kernel ? ENTRY_KERNEL : first->memory_flags | second->memory_flags;

    flags |= found->interest == CONFLICT_IGNORED ? ENTRY_SILENT : 0;
    if (found->interest == CONFLICT_SHOWN || newcomer->asked_again || delta == UINT32_MAX)
        add_shown(tracker, newcomer, found, (uint8_t)flags, delta);
    else if (found->interest == CONFLICT_COUNTED)
        add_to_sum(tracker, found, (uint8_t)flags, delta);
    count_conflict(tracker, first, (enum op_direction)second->direction);
}

/* Asks about those that have been found, and adds them. */
static void add_found(struct tracker *tracker, struct newcomer *newcomer)
{
    const struct tracker_hooks *hooks = &tracker->hooks;
    struct conflict_found *found = newcomer->found;
    size_t count = newcomer->found_count;

    if (count == 0)
        return;
    if (!hooks->conflict_settled) {
        for (size_t i = 0; i < count; i++)
            found[i].interest = CONFLICT_IGNORED;
    } else if (hooks->conflicts_found) {
        hooks->conflicts_found(hooks->user, newcomer->op, found, count);
    }
    for (size_t i = 0; i < count; i++)
        add_conflict(tracker, newcomer, &found[i]);
    newcomer->conflicts += (uint32_t)count;
    newcomer->found_count = 0;
}

static inline void take(struct tracker *tracker, struct newcomer *newcomer, struct operation *first,
                        uint64_t overlap_start, bool kernel)
{
    const struct judgement *judgement = judge(tracker, first, newcomer, kernel);

    if (newcomer->found_count == FOUND_MAX)
        add_found(tracker, newcomer);
    newcomer->found[newcomer->found_count++] =
        (struct conflict_found){.first = first,
                                .overlap_start = overlap_start,
                                .rule = judgement->rule,
                                .severity = judgement->severity,
                                .kernel = kernel};
}

/* ---- all of a post's ---- */

/* With `first` and those that follow it at the same kernel address. */
static void compare_kernel(struct tracker *tracker, struct newcomer *newcomer,
                           struct operation *first)
{
    const struct operation *op = newcomer->op;

    while (first) {
        struct operation *next = first->kernel_next[op->direction]; /* adding may close `first` */

        take(tracker, newcomer, first, op->buffer, true);
        first = next;
    }
}

/* Whether their kernel addresses make a conflict already. */
static inline bool share_kernel_address(const struct operation *first,
                                        const struct operation *second)
{
    return second->space == OP_SPACE_KERNEL && first->space == OP_SPACE_KERNEL &&
           first->buffer == second->buffer;
}

/* User memory, recorded or inferred. */
static void compare_user(struct tracker *tracker, struct newcomer *newcomer)
{
    const struct operation *op = newcomer->op;
    const struct interval_hits *overlapped = &tracker->overlapped;
    uint64_t start = op->memory.start;

    for (size_t i = 0; i < overlapped->count; i++) {
        struct operation *first = op_of_memory(overlapped->items[i]);

        if (share_kernel_address(first, op) ||
            (newcomer->continues && conflicted_with(tracker, first, newcomer->continues)))
            continue;
        take(tracker, newcomer, first, first->memory.start > start ? first->memory.start : start,
             false);
    }
}

/* Operations whose user memory `op` shares. */
static void find_user(struct tracker *tracker, const struct operation *op,
                      const struct interval_place *place)
{
    struct address_space *space = op->owner->spaces;
    uint32_t pid = tracker_space_pid(op);

    tracker->overlapped.count = 0;
    if (!op->has_memory)
        return;
    for (; space; space = space->next)
        if (space->family == op->family &&
            (pid == SPACE_ANY_PID || space->pid == SPACE_ANY_PID || space->pid == pid) &&
            !interval_find(&space->index, op->direction, op->memory.start, op->memory.last, place,
                           &tracker->overlapped))
            tracker->no_memory = true;
}

static uint8_t memory_flags(const struct operation *op)
{
    unsigned flags = op->chained ? MEMORY_CHAINED : 0;

    if (op->space == OP_SPACE_USER) {
        /* Which address those two bear is not verified. */
        flags |= op->post_id == ID_CONNECTEX || op->post_id == ID_ACCEPTEX ? MEMORY_UNVERIFIED : 0;
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
    newcomer->pair = (op->direction == OP_SEND ? PAIR_SECOND_SEND : 0) |
                     (op->family == AFD_FAMILY_MODERN ? PAIR_MODERN : 0) |
                     (op->datagram ? PAIR_SECOND_DATAGRAM : 0);
    /* The latter may turn out to be an attempt that a post continues. */
    newcomer->asked_again =
        op->posted.ticks != op->posted.order || (op->family == AFD_FAMILY_MODERN && op->fast_path);
    newcomer->conflicts = newcomer->held = 0;
    newcomer->found_count = 0;
}

static void finish(struct tracker *tracker, const struct newcomer *newcomer)
{
    tracker->coverage.conflicts += newcomer->conflicts;
    if (newcomer->held == 0)
        return;
    operation_retain(newcomer->op); /* once for all of them */
    held_table_retain(&tracker->held, newcomer->op->id, newcomer->held);
}

void tracker_compare(struct tracker *tracker, struct operation *op,
                     const struct interval_place *place)
{
    struct operation *kernel = NULL;
    struct newcomer newcomer;

    op->memory_flags = memory_flags(op);
    find_user(tracker, op, place);
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
    add_found(tracker, &newcomer);
    finish(tracker, &newcomer);
}
