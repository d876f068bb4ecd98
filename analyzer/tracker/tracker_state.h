#ifndef ANALYZER_TRACKER_TRACKER_INTERNAL_H
#define ANALYZER_TRACKER_TRACKER_INTERNAL_H

/*
 * What the files of the tracker share. Each declares here what the others call:
 *
 *     tracker.c    an event's way through the tracker, and the order of its effects
 *     calls.c      which thread is in which call: attempts, continuations, returned calls
 *     posts.c      a post becomes an operation
 *     ends.c       completions, and every other way in which an operation ends
 *     closing.c    operations whose socket was closed
 *     conflicts.c  which operations a post conflicts with
 *     settle.c     conflicts whose operations have ended are judged and told
 *     context.c    what events tell of processes and sockets
 */

#include "analyzer/tracker/early_ends.h"
#include "analyzer/tracker/endpoint_table.h"
#include "analyzer/tracker/matching.h"
#include "analyzer/tracker/op_store.h"
#include "analyzer/tracker/process_table.h"
#include "analyzer/tracker/thread_table.h"
#include "analyzer/tracker/tracker.h"
#include "analyzer/tracker/user_memory.h"
#include "base/stack_store.h"
#include "rules/judgement.h"

#define CLOSING_MAX 65536
#define CLOSING_SECONDS 60
#define CONTINUATION_SECONDS 1

/* A conflict from the second's post until it is told. */
struct kept_conflict {
    struct tracked_op *first, *second; /* references */
    struct kept_conflict *next_of_first, *next_of_second;
    uint8_t rule;     /* index in rules_table */
    uint8_t severity; /* enum rule_level */
    uint8_t extent;   /* enum conflict_extent */
    bool provisional; /* exists only if the first goes on, or is completed after its close */
    bool is_void;     /* the first did not: there is no conflict */
    bool first_told, second_told;
};

/* Operations that wait for time to pass, those that have waited longest first. */
struct op_queue {
    uint32_t first, last; /* ids */
    uint32_t count;
};

struct op_list {
    struct tracked_op **items; /* owned */
    size_t count, room;
};

struct conflict_list {
    struct kept_conflict **items; /* owned */
    size_t count, room;
};

/* What ended traced, so that untraced ends mean something (docs/semantics.md, 5, level). */
#define PATHS 2 /* legacy: by FastPath; modern: 0, what is not on the fast path */

struct tracker {
    struct tracker_hooks hooks;
    struct tracker_options options;
    struct judgements judgements;
    struct coverage coverage;
    struct endpoint_table endpoints;
    struct process_table processes;
    struct user_memory memory;
    struct thread_table threads;
    struct op_store ops;
    struct matching matching;
    struct early_ends early;
    struct stack_store *stacks;
    struct pool kept_pool;               /* struct kept_conflict */
    struct interval_index kernel_memory; /* legacy operations, by kernel address */
    struct op_queue suspended, closing;
    struct op_list ended;            /* not told yet, in the order in which that was known */
    size_t ended_before;             /* how many of them earlier events ended */
    struct op_list picked;           /* operations that one event concerns */
    struct conflict_list settled;    /* to be told together */
    struct interval_hits overlapped; /* by the post at hand */
    uint64_t last_number, in_flight;
    uint64_t event;                           /* serial number of the event at hand, from 1 */
    int64_t now;                              /* its order */
    bool ends_traced[AFD_FAMILIES][2][PATHS]; /* by family, direction and path */
    bool no_memory;
};

/* The event at hand. */
struct tracker_event {
    const struct etl_event *event;
    const struct afd_event *afd;
    const struct afd_action *action;
    struct endpoint *endpoint; /* NULL if it names none */
    struct process *process;
    struct thread *thread; /* of an event that is its thread's own, else NULL */
    bool modern;           /* it has EnterExit */
};

/* ---- tracker.c ---- */

/* Where the event was recorded, with its stack. */
void tracker_point(struct tracker *tracker, const struct etl_event *event, struct op_point *point);

/* ---- calls.c ---- */

/* What the post at hand continues. */
struct continued_call {
    struct tracked_op *op;                   /* NULL: none that is in flight */
    const struct rejected_attempt *rejected; /* NULL: no rejected attempt either */
};

/* An event of its thread's own: ends the suspension of the thread's last call, or finds that the
 * event continues it, and ends calls that must have returned. */
void calls_begin_event(struct tracker *tracker, const struct tracker_event *at,
                       struct continued_call *call);

/* The event was an attempt's Enter: of an operation, or rejected. */
void calls_note_attempt(struct tracker_event *at, const struct tracked_op *op);
void calls_note_rejected(struct tracker *tracker, const struct tracker_event *at);

/* An attempt is over: suspended until its thread's next own event. The operation is out of
 * `matching`, and its ending is filled but for what suspension needs. `thread`: the one whose event
 * it was. */
void calls_suspend(struct tracker *tracker, struct tracked_op *op, struct thread *thread,
                   uint64_t inferred_after);

/* A suspended operation does not go on: it ended at its Exit. */
void calls_fail_suspended(struct tracker *tracker, struct tracked_op *op);

/* Suspended operations whose second is over. */
void calls_expire(struct tracker *tracker);

/* ---- posts.c ---- */

bool tracker_post(struct tracker *tracker, struct tracker_event *at,
                  const struct continued_call *call);
void tracker_reject(struct tracker *tracker, struct tracker_event *at);

/* ---- ends.c ---- */

/* An end at hand: ends the operation that it matches, or is kept. */
void tracker_complete(struct tracker *tracker, struct tracker_event *at);

/* An end that came early meets its post. */
void tracker_complete_early(struct tracker *tracker, struct tracker_event *at,
                            struct tracked_op *op);

/* Ends an operation that flies without a completion, by the event at hand. */
void tracker_end(struct tracker *tracker, struct tracked_op *op, enum op_end end,
                 const struct etl_event *event);

/* What every end does, once the operation's ending is filled (pending ones have none). */
void tracker_finish_op(struct tracker *tracker, struct tracked_op *op, enum op_end end);

/* Without memory: takes an operation that is under no key of `matching` out of everything else, so
 * that the end of the trace does not meet it. */
void tracker_abandon(struct tracker *tracker, struct tracked_op *op);

/* The reasons that its endpoint has given an operation since its post. */
uint32_t tracker_endpoint_reasons(const struct tracked_op *op);

/* An AcceptEx operation no longer waits for its accept endpoint. */
void tracker_unlink_accept(struct tracker *tracker, struct tracked_op *op);

void op_queue_push(struct tracker *tracker, struct op_queue *queue, struct tracked_op *op);
void op_queue_remove(struct tracker *tracker, struct op_queue *queue, struct tracked_op *op);

/* Copies a set's operations, in order of their posts, to tracker->picked. False: no memory. */
bool tracker_pick(struct tracker *tracker, const struct op_set *set);

bool op_list_add(struct op_list *list, struct tracked_op *op); /* false: no memory */
void op_list_sort(struct op_list *list, size_t from);          /* by post */
void op_list_finish(struct op_list *list);

/* ---- closing.c ---- */

void tracker_close_endpoint(struct tracker *tracker, struct endpoint *endpoint,
                            const struct etl_event *event);

/* All operations of an endpoint or process end: its address is another one's from now on. */
void tracker_recycle_endpoint(struct tracker *tracker, struct endpoint *endpoint,
                              const struct etl_event *event);
void tracker_end_process(struct tracker *tracker, struct process *process,
                         const struct etl_event *event);

/* A closing operation was not completed. */
void closing_give_up(struct tracker *tracker, struct tracked_op *op);

/* Closing operations whose sixty seconds are over. */
void closing_expire(struct tracker *tracker);

/* ---- conflicts.c ---- */

/* Compares a post with what is in flight, suspended or closing. */
void tracker_compare(struct tracker *tracker, struct tracked_op *op);

/* Puts the memory of an operation, if it has some that is compared, into the index of its address
 * space. False: no memory. */
bool tracker_add_memory(struct tracker *tracker, struct tracked_op *op);

/* The provisional conflicts of `first` exist, or do not. */
void conflicts_confirm(struct tracker *tracker, struct tracked_op *first);
void conflicts_void(struct tracked_op *first);

/* ---- settle.c ---- */

/* Puts what the event at hand has ended in order. */
void tracker_close_event(struct tracker *tracker);

/* Tells what has ended, and judges and tells conflicts of which both operations have. */
void tracker_settle(struct tracker *tracker);

/* ---- context.c ---- */

bool tracker_create_socket(struct tracker *tracker, const struct tracker_event *at);
bool tracker_learn(struct tracker *tracker, const struct tracker_event *at);

#endif
