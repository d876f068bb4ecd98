/* What a post conflicts with: operations in flight whose memory it shares. */

#include <stdlib.h>

#include "analyzer/tracker/confidence.h"
#include "analyzer/tracker/tracker_internal.h"

#define PID_IDLE 0
#define PID_SYSTEM 4
#define FEW 128

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
    uint64_t continues;                 /* number, or 0 */
    unsigned pair;                      /* its bits */
    bool chained, inferred, unverified; /* its user memory */
    bool asked_again;                   /* it is, though nobody may want to see it */
    uint32_t conflicts;                 /* so far */
    uint32_t held;                      /* of them, those that hold it */
    struct conflict conflict;           /* what all have in common is set */
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

static bool conflicted_with(const struct tracker *tracker, const struct operation *first,
                            uint64_t second_number)
{
    for (unsigned i = 0; i < op_conflict_count(first); i++)
        if (first->conflicts[i].flags & ENTRY_HELD &&
            op_store_at(&tracker->ops, first->conflicts[i].second)->number == second_number)
            return true;
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

static void measure(struct newcomer *newcomer, const struct operation *first, bool kernel)
{
    const struct operation *second = newcomer->op;
    struct conflict *conflict = &newcomer->conflict;
    uint64_t start, last;

    if (kernel) {
        conflict->extent = EXTENT_START_ONLY;
        conflict->overlap_start = second->buffer;
        conflict->overlap_len = 1;
        conflict->inferred = false;
        return;
    }
    start = first->memory.start > second->memory.start ? first->memory.start : second->memory.start;
    last = first->memory.last < second->memory.last ? first->memory.last : second->memory.last;
    conflict->extent =
        newcomer->chained || op_is_chained(first) ? EXTENT_FIRST_BUFFER_ONLY : EXTENT_EXACT;
    conflict->overlap_start = start;
    conflict->overlap_len = last - start + 1;
    conflict->inferred = newcomer->inferred || op_memory_is_inferred(first);
}

static uint32_t order_delta(const struct operation *first, const struct operation *second)
{
    uint64_t delta = (uint64_t)second->posted.order - (uint64_t)first->posted.order;

    return delta < UINT32_MAX ? (uint32_t)delta : UINT32_MAX;
}

/* Room for one more. NULL: no memory. */
static struct conflict_entry *next_entry(struct tracker *tracker, struct operation *first)
{
    if (!first->conflicts)
        first->conflicts = pool_take(&tracker->conflict_blocks);
    /* The caps leave room in the block. */
    return first->conflicts ? first->conflicts + op_conflict_count(first) : NULL;
}

static enum conflict_interest interest(const struct tracker *tracker, struct conflict *conflict)
{
    const struct tracker_hooks *hooks = &tracker->hooks;

    if (!hooks->conflict_settled)
        return CONFLICT_IGNORED;
    return hooks->conflict_found ? hooks->conflict_found(hooks->user, conflict) : CONFLICT_SHOWN;
}

static uint8_t flags_of(const struct tracker *tracker, struct newcomer *newcomer,
                        uint32_t order_delta)
{
    struct conflict *conflict = &newcomer->conflict;
    enum conflict_interest wanted = interest(tracker, conflict);
    bool kernel = conflict->extent == EXTENT_START_ONLY;
    unsigned flags = wanted == CONFLICT_IGNORED ? 0 : ENTRY_WANTED;

    if (conflict->inferred)
        flags |= ENTRY_INFERRED;
    if (!kernel && (newcomer->unverified || confidence_is_unverified(conflict->first)))
        flags |= ENTRY_UNVERIFIED;
    if (wanted == CONFLICT_SHOWN || newcomer->asked_again || order_delta == UINT32_MAX)
        flags |= ENTRY_HELD;
    return (uint8_t)flags;
}

static void add_conflict(struct tracker *tracker, struct operation *first,
                         struct newcomer *newcomer, bool kernel)
{
    const struct operation *second = newcomer->op;
    struct conflict *conflict = &newcomer->conflict;
    const struct judgement *judgement;
    struct conflict_entry *entry;
    uint32_t delta;
    uint8_t flags;

    if (!kernel && newcomer->continues && conflicted_with(tracker, first, newcomer->continues))
        return;
    entry = next_entry(tracker, first);
    if (!entry) {
        tracker->no_memory = true;
        return;
    }
    judgement = judge(tracker, first, newcomer, kernel);
    conflict->first = first;
    conflict->rule = rules_table[judgement->rule];
    conflict->severity = (enum rule_level)judgement->severity;
    measure(newcomer, first, kernel);
    delta = order_delta(first, second);
    flags = flags_of(tracker, newcomer, delta);
    entry->second = second->id;
    entry->tag = conflict->tag;
    entry->order_delta = delta;
    entry->overlap_from = kernel ? 0 : (uint32_t)(conflict->overlap_start - first->memory.start);
    entry->overlap_len = (uint32_t)conflict->overlap_len; /* a length has 32 bits */
    entry->rule = judgement->rule;
    entry->severity = judgement->severity;
    entry->extent = (uint8_t)conflict->extent;
    entry->flags = flags;
    newcomer->conflicts++;
    newcomer->held += (flags & ENTRY_HELD) != 0;
    count_conflict(tracker, first, (enum op_direction)second->direction);
}

/* ---- all of a post's ---- */

static bool reserve(struct candidate_list *list)
{
    size_t room = list->room ? list->room * 2 : 64;
    struct candidate *items = realloc(list->items, room * sizeof(*items));

    if (!items)
        return false;
    list->items = items;
    list->room = room;
    return true;
}

static bool collect(void *user, struct interval *interval)
{
    struct tracker *tracker = user;
    struct candidate_list *list = &tracker->candidates;
    struct operation *op;

    if (list->count == list->room && !reserve(list)) {
        tracker->no_memory = true;
        return false;
    }
    op = op_of_memory(interval);
    list->items[list->count++] = (struct candidate){op->number, op};
    return true;
}

static int by_number(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

static void sort(struct candidate_list *list)
{
    struct candidate *items = list->items;

    if (list->count > FEW) {
        qsort(items, list->count, sizeof(*items), by_number);
        return;
    }
    for (size_t i = 1; i < list->count; i++) {
        struct candidate candidate = items[i];
        size_t at = i;

        for (; at > 0 && items[at - 1].number > candidate.number; at--)
            items[at] = items[at - 1];
        items[at] = candidate;
    }
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
    sort(&tracker->candidates);
}

/* Whether it is wanted when its conflicts are settled, or by a post that continues it, for what
 * conflict_entry does not tell. */
static bool is_asked_again(const struct operation *op)
{
    return op->posted.ticks != op->posted.order ||
           (op->family == AFD_FAMILY_MODERN && op->fast_path);
}

static void begin(struct newcomer *newcomer, struct operation *op)
{
    *newcomer = (struct newcomer){
        .op = op,
        .continues = op->has_inferred ? op->continues : 0,
        .pair = (op->direction == OP_SEND ? PAIR_SECOND_SEND : 0) |
                (op->family == AFD_FAMILY_MODERN ? PAIR_MODERN : 0) |
                (op->datagram ? PAIR_SECOND_DATAGRAM : 0),
        .chained = op_is_chained(op),
        .inferred = op_memory_is_inferred(op),
        .unverified = confidence_is_unverified(op),
        .asked_again = is_asked_again(op),
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
