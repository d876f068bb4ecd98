/* What a post conflicts with: operations in flight whose memory it shares. */

#include <stdlib.h>

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

/* The post that is compared with what is in flight. */
struct newcomer {
    struct operation *op;
    uint64_t continues;       /* number, or 0 */
    unsigned pair;            /* its bits */
    bool asked_again;         /* for what conflict_entry does not tell; then it is kept anyway */
    uint32_t conflicts;       /* so far */
    uint32_t held;            /* of them, those that keep it */
    struct conflict conflict; /* what all have in common is set */
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

static const struct judgement *judge(const struct tracker *tracker, const struct operation *first,
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
static void add_to_sum(struct tracker *tracker, const struct newcomer *newcomer,
                       const struct judgement *judgement, uint8_t flags, uint32_t delta)
{
    struct operation *first = newcomer->conflict.first;
    uint32_t tag = newcomer->conflict.tag;
    struct conflict_entry *entry;

    for (unsigned i = 0; i < first->conflict_entries; i++) {
        entry = &first->conflicts[i];
        if (entry->tag != tag || entry->flags != flags)
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
    entry->tag = tag;
    entry->order_delta = delta;
    entry->rule = judgement->rule;
    entry->severity = judgement->severity;
    entry->flags = flags;
    entry->sum.count = 1;
    entry->sum.last_delta = delta;
}

static void add_shown(struct tracker *tracker, struct newcomer *newcomer,
                      const struct judgement *judgement, uint8_t flags, uint32_t delta)
{
    const struct operation *a = newcomer->conflict.first, *b = newcomer->op;
    uint64_t start = newcomer->conflict.overlap_start, last;
    struct conflict_entry *entry = add_entry(tracker, newcomer->conflict.first);

    if (!entry)
        return;
    newcomer->held++;
    entry->tag = newcomer->conflict.tag;
    entry->order_delta = delta;
    entry->rule = judgement->rule;
    entry->severity = judgement->severity;
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

static enum conflict_interest interest(const struct tracker *tracker, struct conflict *conflict)
{
    const struct tracker_hooks *hooks = &tracker->hooks;

    if (!hooks->conflict_settled)
        return CONFLICT_IGNORED;
    return hooks->conflict_found ? hooks->conflict_found(hooks->user, conflict) : CONFLICT_SHOWN;
}

static uint64_t overlap_start(const struct operation *first, const struct operation *second)
{
    return first->memory.start > second->memory.start ? first->memory.start : second->memory.start;
}

static void add_conflict(struct tracker *tracker, struct operation *first,
                         struct newcomer *newcomer, bool kernel)
{
    const struct operation *second = newcomer->op;
    const struct judgement *judgement = judge(tracker, first, newcomer, kernel);
    struct conflict *conflict = &newcomer->conflict;
    enum conflict_interest wanted;
    uint32_t delta = order_delta(first, second);
    unsigned flags = kernel ? ENTRY_KERNEL : first->memory_flags | second->memory_flags;

    if (!kernel && newcomer->continues && conflicted_with(tracker, first, newcomer->continues))
        return;
    conflict->first = first;
    conflict->rule = rules_table[judgement->rule];
    conflict->severity = (enum rule_level)judgement->severity;
    conflict->overlap_start = kernel ? second->buffer : overlap_start(first, second);
    wanted = interest(tracker, conflict);
    if (wanted == CONFLICT_IGNORED)
        flags |= ENTRY_SILENT;
    if (wanted == CONFLICT_SHOWN || newcomer->asked_again || delta == UINT32_MAX)
        add_shown(tracker, newcomer, judgement, (uint8_t)flags, delta);
    else if (wanted == CONFLICT_COUNTED)
        add_to_sum(tracker, newcomer, judgement, (uint8_t)flags, delta);
    newcomer->conflicts++;
    count_conflict(tracker, first, (enum op_direction)second->direction);
}

/* ---- all of a post's ---- */

static bool add_far(struct candidate_list *list, struct operation *op)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 2 * CANDIDATES_NEAR;
        struct candidate *items = realloc(list->items, room * sizeof(*items));

        if (!items)
            return false;
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = (struct candidate){op->number, op};
    return true;
}

static bool collect(void *user, struct interval *interval)
{
    struct tracker *tracker = user;
    struct candidate_list *list = &tracker->candidates;
    struct operation *op = op_of_memory(interval);
    uint64_t before = list->newest - op->number;

    list->any = true;
    if (before < CANDIDATES_NEAR) {
        list->near[before] = op;
        list->near_bits[before / 64] |= UINT64_C(1) << before % 64;
    } else if (!add_far(list, op)) {
        tracker->no_memory = true;
        return false;
    }
    return true;
}

static int by_number(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

static inline unsigned highest_bit(uint64_t bits)
{
#if defined(__GNUC__)
    return 63 - (unsigned)__builtin_clzll(bits);
#else
    unsigned at = 0;

    while (bits >>= 1)
        at++;
    return at;
#endif
}

/* Puts all in items, in order of their posts. False: no memory. */
static bool sort(struct candidate_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(*list->items), by_number);
    for (unsigned word = CANDIDATES_NEAR / 64; word-- > 0;)
        for (uint64_t *bits = &list->near_bits[word]; *bits;) {
            unsigned bit = highest_bit(*bits);

            *bits ^= UINT64_C(1) << bit;
            if (!add_far(list, list->near[word * 64 + bit]))
                return false;
        }
    return true;
}

/* Operations whose user memory `op` shares, in order of their posts. */
static void find_user(struct tracker *tracker, const struct operation *op,
                      const struct interval_place *place)
{
    struct address_space *space = op->owner->spaces;
    uint32_t pid = tracker_space_pid(op);

    tracker->candidates.count = 0;
    tracker->candidates.any = false;
    tracker->candidates.newest = op->number;
    if (!op->has_memory)
        return;
    for (; space; space = space->next)
        if (space->family == op->family &&
            (pid == SPACE_ANY_PID || space->pid == SPACE_ANY_PID || space->pid == pid))
            interval_find(&space->index, op->direction, op->memory.start, op->memory.last, place,
                          collect, tracker);
    if (tracker->candidates.any && !sort(&tracker->candidates))
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
    *newcomer = (struct newcomer){
        .op = op,
        .continues = op->has_inferred ? op->continues : 0,
        .pair = (op->direction == OP_SEND ? PAIR_SECOND_SEND : 0) |
                (op->family == AFD_FAMILY_MODERN ? PAIR_MODERN : 0) |
                (op->datagram ? PAIR_SECOND_DATAGRAM : 0),
        /* The latter may turn out to be an attempt that a post continues. */
        .asked_again = op->posted.ticks != op->posted.order ||
                       (op->family == AFD_FAMILY_MODERN && op->fast_path),
        .conflict = {.second = op, .second_order = op->posted.order},
    };
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
    struct candidate_list *users = &tracker->candidates;
    struct operation *kernel = NULL;
    struct newcomer newcomer;
    size_t i = 0;

    op->memory_flags = memory_flags(op);
    find_user(tracker, op, place);
    if (op->space == OP_SPACE_KERNEL)
        kernel = match_table_kernel(&tracker->matches, op->buffer, op->family, op->direction);
    if (!kernel && users->count == 0)
        return;
    if (!held_table_reserve(&tracker->held, op->id)) {
        tracker->no_memory = true;
        return;
    }
    begin(&newcomer, op);
    while (kernel || i < users->count) {
        if (kernel && (i == users->count || kernel->number <= users->items[i].number)) {
            struct operation *next = kernel->kernel_next[op->direction];

            if (i < users->count && users->items[i].op == kernel)
                i++; /* a pair makes one conflict */
            add_conflict(tracker, kernel, &newcomer, true);
            kernel = next;
        } else {
            add_conflict(tracker, users->items[i++].op, &newcomer, false);
        }
    }
    finish(tracker, &newcomer);
}
