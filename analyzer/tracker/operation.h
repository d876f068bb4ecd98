#ifndef ANALYZER_TRACKER_OPERATION_H
#define ANALYZER_TRACKER_OPERATION_H

/*
 * Operations and conflicts as the tracker hands them out. Fields under "tracker's own" belong to
 * tracker*.c and the tables that it keeps; everyone else reads the rest.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/interval_index.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_events.h"
#include "parsers/afd/afd_memory.h"
#include "base/guid.h"
#include "rules/rule.h"

struct address_space;
struct conflict_entry;
struct endpoint;
struct kernel_slot;
struct process;
struct process_info;
struct socket_info;
struct stack;

enum op_direction { OP_SEND = AFD_SEND, OP_RECV = AFD_RECV };

enum op_end {
    OP_IN_FLIGHT, /* not known yet */
    OP_COMPLETED,
    OP_FAILED,
    OP_CLOSED,
    OP_SUPERSEDED,
    OP_RETURNED,
    OP_PENDING,
};

enum op_space {
    OP_SPACE_NONE = AFD_SPACE_NONE,
    OP_SPACE_USER = AFD_SPACE_USER,
    OP_SPACE_KERNEL = AFD_SPACE_KERNEL,
};
#define OP_SPACES (OP_SPACE_KERNEL + 1)

/* Where an operation's post or end was recorded. */
struct op_point {
    int64_t ticks; /* raw clock */
    int64_t order; /* what the reader ordered by */
    uint64_t offset;
    uint32_t file;
    uint32_t pid, tid; /* the header's; ETL_ID_UNKNOWN if none */
    uint16_t cpu;
    uint16_t event_id; /* for an end by a kernel record: its hook id */
    uint32_t bytes;    /* ends of completed and failed: BufferLength */
    uint32_t status;   /* modern ends: Status */
    bool has_bytes, has_status;
    struct stack *stack; /* NULL if the event has none; owned by the operation */
};

/*
 * What every post and completion touches fills the first cache lines, one after the other: of ten
 * thousand operations in flight those of the next completion are in no cache. What few operations
 * have comes last; it is 0 for all others, which never load it.
 */
struct operation {
    /* What completions are matched by. */
    _Alignas(64) uint64_t number; /* from 1, in order of posts */
    uint64_t process, endpoint_address;
    uint64_t buffer;
    struct guid activity; /* valid if has_request */
    uint32_t length;      /* bytes */
    uint32_t id;          /* the tracker's own: in its op_store; never 0 */
    uint16_t post_id;
    uint8_t family;    /* enum afd_family */
    uint8_t direction; /* enum op_direction */
    uint8_t space;     /* enum op_space: of `buffer`; NONE for operations without memory */
    uint8_t end;       /* enum op_end */
    uint8_t pointer_size;
    bool has_request;

    bool fast_path, datagram, has_inferred, ambiguous_pairing, capped;
    bool chained; /* BufferCount above 1: only the first address is known */
    /* The tracker's own. */
    bool has_memory;
    bool inferred_chained;     /* the attempt's BufferCount was above 1 */
    bool inferred_ex;          /* the attempt was ConnectEx's or AcceptEx's */
    bool ex;                   /* ConnectEx's or AcceptEx's memory */
    bool has_twin;             /* match_older, match_newer may be set */
    bool has_rare;             /* something from accept_endpoint on may be set */
    uint8_t conflicts_with[2]; /* by direction of the later post */
    uint8_t conflict_entries;  /* at `conflicts` */
    uint8_t memory_flags;      /* tracker_conflict.c's, of its user memory */
    uint32_t references;
    uint32_t match_hash, request_hash; /* in the tables of match_table.c */
    uint32_t reasons;                  /* CONFLICT_REASON bits that A's endpoint and end give */
    uint32_t aborted_at_post, ambiguous_at_post;
    uint32_t endpoint_number; /* the endpoint's */
    uint32_t kind;            /* not the tracker's: the hook conflicts_found's own, 0 at first */
    struct endpoint *endpoint;
    struct process *owner;

    const char *api;                   /* static: "send", ... */
    struct socket_info *socket;        /* owned reference */
    struct process_info *process_info; /* owned reference */
    struct conflict_entry *conflicts;  /* in which this is the first; NULL: none */
    struct interval memory; /* its user memory, in the index of its address space; if has_memory */

    struct op_point posted;
    struct op_point ended; /* valid unless end is IN_FLIGHT or PENDING */

    uint64_t accept_endpoint;
    uint64_t inferred_buffer; /* valid if has_inferred */
    uint64_t continues;       /* number of the attempt; 0 if none or if that was rejected */
    int64_t more_buffers;     /* BufferCount - 1; see op_buffer_count() */
    struct afd_address peer;  /* its events' own address: a datagram's peer; family 0 if none */

    /* The tracker's own. */
    struct operation *match_older, *match_newer; /* of the same key */
    struct kernel_slot *kernel_slot;
    struct operation *kernel_prev[2], *kernel_next[2]; /* by direction of the later post */
    struct operation *thread_next;
    struct operation *ex_prev, *ex_next;
    uint32_t ex_ambiguous_at_post; /* ConnectEx and AcceptEx */
    struct endpoint *accept_slot;
    struct operation *accept_prev, *accept_next;
};

static inline struct operation *op_of_memory(struct interval *memory)
{
    return (struct operation *)(void *)((char *)memory - offsetof(struct operation, memory));
}

#define OP_RARE_AT offsetof(struct operation, accept_endpoint)

static inline int64_t op_buffer_count(const struct operation *op)
{
    return op->more_buffers + 1;
}

static inline bool op_end_is_traced(const struct operation *op)
{
    return op->end == OP_COMPLETED || op->end == OP_FAILED;
}

const char *op_end_name(enum op_end end); /* "completed" ...; NULL for IN_FLIGHT */
const char *op_direction_name(enum op_direction direction); /* "send" "recv" */
const char *op_space_name(enum op_space space);             /* "user" "kernel"; NULL for NONE */

enum conflict_extent { EXTENT_EXACT, EXTENT_FIRST_BUFFER_ONLY, EXTENT_START_ONLY };
const char *conflict_extent_name(enum conflict_extent extent);

/* In the order in which reports list them. */
enum conflict_reason {
    REASON_COMPLETION_NOT_SEEN,
    REASON_ABORTED,
    REASON_END_AMBIGUOUS,
    REASON_CLOSED,
    REASON_SUPERSEDED,
    REASON_RETURNED,
    REASON_EVENTS_LOST,
    REASON_INFERRED_ADDRESS,
    REASON_UNVERIFIED_FIELD,
    REASON_SAME_TIME,
    REASON_COUNT
};
#define REASON_BIT(reason) (UINT32_C(1) << (reason))
const char *conflict_reason_name(enum conflict_reason reason);
const char *conflict_reason_text(enum conflict_reason reason); /* a sentence for a person */

/* As hooks are given it. The second's own memory is in no cache as a rule when the first ends. */
struct conflict {
    struct operation *first, *second; /* borrowed; who keeps a copy retains them */
    const struct rule *rule;
    uint64_t overlap_start;
    uint64_t overlap_len; /* bytes */
    int64_t second_order; /* second->posted.order */
    uint32_t tag;         /* the hook conflicts_found's */
    uint32_t reasons;     /* REASON_BIT()s, settled; 0: confirmed */
    enum rule_level severity, level;
    enum conflict_extent extent;
    bool inferred; /* found on an inferred address */
    bool gates;    /* selected, its level at or above --fail-on */
};

static inline bool conflict_is_confirmed(const struct conflict *conflict)
{
    return conflict->reasons == 0;
}

#endif
