/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_TRACKED_OP_H
#define ANALYZER_TRACKER_TRACKED_OP_H

/*
 * The tracker's own view of an operation: what operation.h shows to everyone, and around it what
 * finds the operation again and settles its conflicts. Records that few operations need are held
 * by pointer, so that an operation in flight stays small.
 */

#include "analyzer/tracker/operation.h"
#include "base/interval_index.h"

struct endpoint;

enum op_state {
    OP_FLYING,    /* flying: a completion may match the operation */
    OP_SUSPENDED, /* waiting, after a failed attempt, for what the thread does next */
    OP_CLOSING,   /* the socket is closed; Windows may still complete the operation */
    OP_ENDED,
};

/* Place of an operation in a heap of operations with equal keys (match_group.h), by id. */
struct match_links {
    uint32_t child, prev, next;
};

/* An ending is made when an operation is suspended, closes or ends, whichever comes first. */
struct tracked_ending {
    struct op_ending ending; /* first: its address is op->ended */
    uint64_t known_event;    /* serial number of the event by which its end became known */
    int64_t since_order;     /* the time at which the operation was suspended or began to close */
    uint64_t over_number;    /* operations posted until the attempt was over */
    uint32_t queue_prev, queue_next; /* ids, in the queue of suspended or of closing operations */
    struct match_links by_thread;    /* used for closing operations on the fast path */
    bool unsure; /* REASON_INFERENCE_UNSURE held for its process at that moment */
};

struct tracked_continuation {
    struct op_continuation continuation; /* first: its address is op->continued */
    uint64_t inferred_after; /* operations with higher numbers were posted when the address was
                                inferred already */
};

struct tracked_details {
    struct op_details details;         /* first: its address is op->details */
    struct endpoint *accepts;          /* the entry of accept_endpoint; NULL: none */
    uint32_t ex_prev, ex_next;         /* ids: ConnectEx or AcceptEx operations of one endpoint */
    uint32_t accept_prev, accept_next; /* ids: AcceptEx operations of one accept endpoint */
    uint32_t ex_ambiguous_at_post;
};

/* A conflict from the second's post until it is told, as one of its operations has it. */
struct kept_conflict {
    uint32_t other;   /* id of the other operation; the conflict has a reference to either */
    uint8_t rule;     /* index in rules_table */
    uint8_t severity; /* enum rule_level */
    uint8_t extent;   /* enum conflict_extent */
    bool provisional; /* exists only if the first goes on, or is completed after its close: once the
                         first is told and this still holds, there is no conflict */
};

/* Conflicts of one operation that lie side by side. Where many are kept, to fetch each from a place
 * of its own takes longer than everything else that is done with it. */
#define KEPT_IN_BLOCK 6 /* a block is a cache line of 64 bytes */
struct kept_block {
    struct kept_block *next;
    uint32_t count;
    struct kept_conflict items[KEPT_IN_BLOCK];
};

struct kept_conflicts {
    struct kept_block *first, *last; /* owned; both NULL: none */
};

/* Things that an operation needs which is compared much: its conflicts, and its place in a second
 * index of memory (user_memory.c). A conflict is kept by its first until that is told, and then, if
 * it must wait for its second, by that. In an operation that was told, `as_first` holds conflicts
 * that settle.c tells next. */
struct op_conflicts {
    struct kept_conflicts as_first;  /* ordered by the second's post */
    struct kept_conflicts as_second; /* their firsts were told; in no order */
    struct interval among_all;
};

/* Conflicts after which an operation is no longer compared. With so many conflicts with later
 * operations of one direction an operation is no longer compared with them, so that a run makes at
 * most sixteen conflicts an operation. */
#define CONFLICTS_MAX 8

struct tracked_op {
    struct operation op;    /* first: a tracked_op is its operation */
    struct guid activity;   /* valid if has_request */
    struct interval memory; /* owner_id is the operation's id in the store */
    struct endpoint *endpoint;
    struct op_conflicts *conflicts; /* owned; NULL: none */
    union {
        struct match_links by_address; /* until its end */
        struct {
            uint32_t first, last; /* places in a late_list; 0: none */
        } late;                   /* from then on that its end was told */
    };
    uint32_t address_hash, request_hash; /* hashes in matching.c's tables */
    uint32_t references;
    uint32_t aborted_at_post, ambiguous_at_post; /* the endpoint's counters */
    uint32_t in_endpoint, in_process;            /* places in the sets of either */
    uint16_t reasons; /* REASON_BIT()s, from its end or close on; once told: of all its conflicts
                         with later operations */
    uint8_t conflicts_with[2]; /* counted so far, by direction of the second */
    uint8_t state;             /* enum op_state */
    bool has_request : 1;      /* `activity` names its request */
    bool is_attempt : 1;       /* a request may continue it */
    bool no_thread : 1;        /* nothing of its thread tells of it, or no longer (afd_beliefs.h) */
    bool ex : 1;               /* ConnectEx or AcceptEx */
    bool by_user_address : 1;  /* ended by a completion with its user address, or by its request */
    bool told : 1;             /* the end was told */
    bool unverified : 1;       /* once told: REASON_UNVERIFIED_FIELD holds for its memory */
};

/* Ticks from one event to another one that is not earlier. A trace may span more of them than an
 * int64_t holds. */
static inline uint64_t ticks_between(int64_t from, int64_t to)
{
    return (uint64_t)to - (uint64_t)from;
}

static inline struct tracked_op *tracked(struct operation *op)
{
    return (struct tracked_op *)(void *)op;
}

static inline const struct tracked_op *tracked_const(const struct operation *op)
{
    return (const struct tracked_op *)(const void *)op;
}

static inline uint32_t op_id(const struct tracked_op *op)
{
    return op->memory.owner_id;
}

static inline struct tracked_ending *op_ending(const struct tracked_op *op)
{
    return (struct tracked_ending *)(void *)op->op.ended;
}

static inline struct tracked_continuation *op_continuation(const struct tracked_op *op)
{
    return (struct tracked_continuation *)(void *)op->op.continued;
}

static inline struct tracked_details *op_details(const struct tracked_op *op)
{
    return (struct tracked_details *)(void *)op->op.details;
}

/* True if it is no longer compared with posts of that direction. */
static inline bool op_is_closed_to(const struct tracked_op *op, unsigned direction)
{
    return op->conflicts_with[direction] >= CONFLICTS_MAX;
}

static inline bool op_has_user_memory(const struct tracked_op *op)
{
    return op->op.space == AFD_SPACE_USER;
}

/* True if its address was inferred, not recorded, when the operation with that number was posted.
 * Asked of an operation's own number: whether its own post's address is inferred. */
static inline bool op_is_inferred_at(const struct tracked_op *op, uint64_t number)
{
    return op->op.continued != NULL && number > op_continuation(op)->inferred_after;
}

#endif
