/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_OPERATION_H
#define ANALYZER_TRACKER_OPERATION_H

/*
 * Operations as reports read them: one call each, its post, its continuation and its end
 * (docs/semantics.md, 3). The tracker's own fields stand around it in tracked_op.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/tracker/owner.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_memory.h"

struct stack;

enum op_end {
    OP_IN_FLIGHT, /* not known yet; suspended and closing operations, too */
    OP_COMPLETED,
    OP_FAILED,
    OP_CLOSED,
    OP_SUPERSEDED,
    OP_RETURNED,
    OP_IMPLIED,
    OP_PENDING,
};

/* The place at which an event of an operation was recorded. */
struct op_point {
    int64_t ticks;       /* raw clock value as recorded */
    int64_t order;       /* the reader ordered by this; never goes back on one processor */
    uint64_t offset;     /* bytes, see etl_event */
    struct stack *stack; /* NULL if the event has none; a reference of the operation's */
    uint32_t pid, tid;   /* the header's; ETL_ID_UNKNOWN if it has none */
    uint16_t file;       /* index of the input */
    uint16_t cpu;
    uint16_t event_id; /* the hook id where a kernel record ended the operation */
};

/* How an operation ended; exists from the moment when its end is known. */
struct op_ending {
    struct op_point at;
    uint64_t event;  /* serial number of the event at `at`, which orders ends */
    uint32_t bytes;  /* BufferLength of the completion; valid if has_bytes */
    uint32_t status; /* NTSTATUS of a modern completion; valid if has_status */
    bool has_bytes, has_status;
    bool by_ex; /* a completion of ConnectEx or AcceptEx, whatever it was posted by */
};

/* The request that continued a fast-path attempt. */
struct op_continuation {
    struct op_point at; /* after a rejected attempt: the post's own place, without a stack */
    uint64_t kernel_buffer;
    uint64_t event;       /* serial number of the continuing event */
    uint32_t attempt_pid; /* header process id of the attempt's Enter */
    bool rejected; /* the attempt's Enter was rejected: the operation begins at the continuation */
};

/* Facts that few operations have. */
struct op_details {
    uint64_t accept_endpoint; /* AcceptEx's; 0: none */
    int64_t buffer_count;
    struct afd_address peer; /* a datagram's; family 0: none */
};

struct operation {
    uint64_t number; /* counts posts from 1 */
    uint64_t
        buffer; /* the program's address where known (address_from_attempt), else the event's */
    struct process_info *process; /* a reference */
    struct socket_info *socket;   /* a reference */
    struct op_point posted;
    struct op_ending *ended; /* owned; NULL unless `end` is neither IN_FLIGHT nor PENDING */
    struct op_continuation *continued; /* owned; NULL if nothing continued it */
    struct op_details *details;        /* owned; NULL: one buffer, no peer, no accept endpoint */
    uint32_t length;                   /* bytes */
    uint8_t family;                    /* enum afd_family */
    uint8_t direction;                 /* enum afd_direction */
    uint8_t space;                     /* enum afd_space: of `buffer`; NONE without memory */
    uint8_t end;                       /* enum op_end */
    uint8_t pointer_size;              /* bytes */
    bool fast_path : 1; /* the call is on the fast path now; a continued one no longer is */
    bool address_from_attempt : 1; /* `buffer` is that of a fast-path attempt which was continued */
    bool datagram : 1;
    bool chained : 1; /* BufferCount above 1: only the first address is known */
    bool ambiguous_pairing : 1;
    bool capped : 1;     /* a cap of conflicts was reached */
    bool misses_end : 1; /* no event ended the operation, although an end was due (semantics 7) */
    uint32_t origin; /* not the tracker's: the findings' number for where posts like it come from;
                        0: none yet */
};

const char *op_api(const struct operation *op); /* "send", "recv", "AcceptEx", ...; static */
/* Tells the calls of posts apart: the row of the post's event in the tables of events. Calls of one
 * name that Windows logs by different events have different rows. Below AFD_ROW_COUNT. */
static inline unsigned op_call_row(const struct operation *op)
{
    return afd_row(op->posted.event_id);
}
bool op_is_ex(const struct operation *op); /* ConnectEx or AcceptEx */
const char *op_end_name(enum op_end end);  /* "completed" ...; NULL for IN_FLIGHT */
int64_t op_buffer_count(const struct operation *op);
const struct afd_address *op_peer(const struct operation *op); /* family 0 if none */
/* The remote address of its socket at that time, or of a datagram its own peer. */
const struct afd_address *op_remote(const struct operation *op);
/* "fast", "slow", "fast-then-slow". Legacy: by FastPath. */
const char *op_path_name(const struct operation *op);

/* Lets the frames of its stacks become known which have come since (base/stack_store.h). */
void op_refresh_stacks(struct operation *op);
/* True if events to come are expected to tell more of one of its stacks. */
bool op_awaits_stack(const struct operation *op);
/* True if nothing that comes changes the stacks any more, but definitions of their keys. */
void op_give_up_stacks(struct operation *op);

static inline bool op_end_is_traced(const struct operation *op)
{
    return op->end == OP_COMPLETED || op->end == OP_FAILED;
}

#endif
