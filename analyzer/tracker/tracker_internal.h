#ifndef ANALYZER_TRACKER_TRACKER_INTERNAL_H
#define ANALYZER_TRACKER_TRACKER_INTERNAL_H

/* What tracker*.c share. */

#include "parsers/afd/afd_behavior.h"
#include "analyzer/tracker/endpoint_table.h"
#include "analyzer/tracker/held_table.h"
#include "analyzer/tracker/kept_completions.h"
#include "analyzer/tracker/match_table.h"
#include "analyzer/tracker/op_list.h"
#include "analyzer/tracker/op_store.h"
#include "base/pool.h"
#include "analyzer/tracker/process_table.h"
#include "base/stack_store.h"
#include "analyzer/tracker/thread_table.h"
#include "analyzer/tracker/tracker.h"

#define AFD_ENTER 0 /* EnterExit: the request starts */

/* With so many conflicts an operation is no longer compared with later ones of that direction, so
 * that a run makes at most sixteen conflicts an operation. */
#define CONFLICTS_MAX 8

/* What is kept of a conflict until its first operation ends. */
struct conflict_entry {
    uint32_t tag;          /* the hook's */
    uint32_t order_delta;  /* from the first's post to the second's; UINT32_MAX: or more */
    uint32_t second;       /* id; counted in tracker->held */
    uint32_t overlap_from; /* bytes from where the first's memory starts */
    uint32_t overlap_len;
    uint8_t rule;     /* index */
    uint8_t severity; /* enum rule_level */
    uint8_t extent;   /* enum conflict_extent */
    uint8_t flags;    /* ENTRY_... */
};

#define ENTRY_SILENT 1u /* the hooks do not want it */
/* Of user memory: memory_flags of either operation. */
#define MEMORY_INFERRED 2u   /* the address is */
#define MEMORY_UNVERIFIED 4u /* likewise */
#define MEMORY_CHAINED 8u    /* only the first address is known */

/* Those of one operation as the first lie together: when it ends they are in no cache. */
struct conflict_block {
    struct conflict_entry entries[2 * CONFLICTS_MAX];
};

struct tracker {
    struct tracker_hooks hooks;
    struct judgements judgements;
    struct coverage coverage;     /* but for what the next two say until the trace ends */
    uint64_t posts[2][OP_SPACES]; /* operations, by direction and space */
    bool seen[AFD_FAMILIES];      /* events of that family */
    struct endpoint_table endpoints;
    struct process_table processes;
    struct thread_table threads;
    struct match_table matches;
    struct kept_completions kept;
    struct stack_store *stacks;
    struct op_store ops;
    struct pool conflict_blocks;
    struct held_table held; /* by conflicts that are not settled */
    uint64_t in_flight, last_number;
    struct op_list ended;            /* not yet reported; those of one event by post */
    size_t ended_before;             /* how many of them earlier events ended */
    struct interval_hits overlapped; /* by the post at hand */
    int64_t now;                     /* order of the event at hand */
    bool no_memory;
};

/* The event at hand. */
struct tracker_event {
    const struct etl_event *event;
    const struct afd_event *afd;
    const struct afd_behavior *behavior; /* keys->action.behavior */
    const struct tracker_hint *keys;     /* its hashes are set */
    struct endpoint *endpoint;           /* NULL if it names none */
    struct process *process;
    const struct thread_attempt *attempt; /* what the thread's last Winsock event left, or NULL */
    bool modern;
};

/* Some operation of a set that has one. */
static inline struct operation *tracker_any_of(struct tracker *tracker, const struct op_set *set)
{
    return op_store_at(&tracker->ops, set->ids[set->count - 1]);
}

/* tracker_hint.c */
void tracker_make_keys(const struct etl_event *event, const struct afd_event *afd,
                       struct tracker_hint *keys);

/* tracker_post.c */
bool tracker_post(struct tracker *tracker, const struct tracker_event *at);

static inline bool op_has_user_memory(const struct operation *op)
{
    return op->space == OP_SPACE_USER || op->has_inferred;
}

/* The address of its user memory is not recorded but inferred. */
static inline bool op_memory_is_inferred(const struct operation *op)
{
    return op->space != OP_SPACE_USER && op->has_inferred;
}

static inline bool op_is_chained(const struct operation *op)
{
    return op->chained || (op_memory_is_inferred(op) && op->inferred_chained);
}

/* tracker_conflict.c */
void tracker_compare(struct tracker *tracker, struct operation *op);
/* The process id that tells address spaces apart, or SPACE_ANY_PID where the header's may be
 * somebody else's. */
uint32_t tracker_space_pid(const struct operation *op);

/* tracker_end.c */
void tracker_point_stack(struct tracker *tracker, const struct etl_event *event,
                         struct op_point *point);

/* Where the event at hand was recorded. */
static inline void tracker_point(struct tracker *tracker, const struct etl_event *event,
                                 struct op_point *point)
{
    point->ticks = event->ticks;
    point->order = event->order;
    point->offset = event->offset;
    point->file = event->file;
    point->pid = event->pid;
    point->tid = event->tid;
    point->cpu = event->cpu;
    point->event_id = event->id;
    point->bytes = point->status = 0;
    point->has_bytes = point->has_status = false;
    point->stack = NULL;
    if (event->has_extended)
        tracker_point_stack(tracker, event, point);
}

bool tracker_has_stack(const struct etl_event *event);
void tracker_complete(struct tracker *tracker, const struct tracker_event *at);
void tracker_end_by(struct tracker *tracker, struct operation *op,
                    const struct completion *completion);
/* Ends without a completion, by the event at hand. */
void tracker_end(struct tracker *tracker, struct operation *op, enum op_end end,
                 const struct etl_event *event);
void tracker_close_endpoint(struct tracker *tracker, struct endpoint *endpoint, bool accepts,
                            const struct etl_event *event);
void tracker_close_process(struct tracker *tracker, struct process *process,
                           const struct etl_event *event);
void tracker_unlink(struct tracker *tracker, struct operation *op);

/* tracker_settle.c */
/* Puts what the event at hand has ended in order. */
void tracker_order_ended(struct tracker *tracker);

static inline void tracker_close_event(struct tracker *tracker)
{
    if (tracker->ended.count - tracker->ended_before > 1)
        tracker_order_ended(tracker);
    tracker->ended_before = tracker->ended.count;
}

/* Settles and reports what has ended. */
void tracker_settle(struct tracker *tracker);

/* tracker_context.c */
bool tracker_create_socket(struct tracker *tracker, const struct tracker_event *at);
void tracker_learn(struct tracker *tracker, const struct tracker_event *at);

#endif
