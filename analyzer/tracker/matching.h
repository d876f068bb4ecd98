/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_MATCHING_H
#define ANALYZER_TRACKER_MATCHING_H

/*
 * Matching: the post that an end belongs to (docs/semantics.md, 3). The rules stand here and
 * nowhere else: for operations in flight, for closing ones, and (early_ends.h) for ends that came
 * before their post. Direction and family agree in every rule; the first rule that hits wins.
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/tracker/op_store.h"
#include "base/id_table.h"

enum match_rule {
    MATCH_NONE,
    /* The ActivityId names a request, and the operation of that request on the endpoint is meant.
     * Modern only. */
    MATCH_REQUEST,
    /* The end is on the fast path: the operation on the fast path of the same thread, process and
     * endpoint, whatever address the end shows unless it wants_address. Modern only. */
    MATCH_THREAD,
    /* Same process, endpoint and buffer address: of a continued operation its kernel address or,
     * for ends off the fast path, its user address. Among several the newest. */
    MATCH_ADDRESS,
    /* The end shows no address (1020, 1026): the only ConnectEx or AcceptEx operation of the
     * endpoint. */
    MATCH_SOCKET,
};

/* Hashes of what an event shows, computed once an event: of its endpoint's address, of its request,
 * and of its process, endpoint, buffer address, family and direction. An end of a request or on the
 * fast path is seldom looked for by its address. */
struct match_hashes {
    uint32_t endpoint;
    uint32_t request; /* valid if has_request */
    uint32_t address; /* valid if has_address */
    bool has_request; /* the event names a request */
    bool has_address;
};

/* An end, as far as it shows the operation that it ends. */
struct match_end {
    const struct match_hashes *hashes; /* borrowed, as the next two are */
    const struct etl_event *event;
    const struct afd_event *afd;
    uint8_t direction;  /* enum afd_direction */
    bool names_request; /* the ActivityId is a request's */
    bool fast_path;     /* modern, keyword 0x10 */
    bool shows_address; /* Buffer is the operation's, as far as is believed */
    bool by_exclusion;  /* an end of this id shows no address: MATCH_SOCKET */
    bool wants_address; /* MATCH_THREAD only where Buffer is the operation's */
};

struct match {
    struct tracked_op *op; /* NULL: rule is MATCH_NONE */
    enum match_rule rule;
    bool several; /* MATCH_ADDRESS: other operations fitted as well */
};

struct matching {
    const struct op_store *store; /* borrowed */
    struct id_table requests;     /* operations in flight and closing: one a request */
    struct id_table calls;     /* modern, on the fast path, in flight: one a thread and process */
    struct id_table addresses; /* tops of groups by address, apart for each state */
    struct id_table owners;    /* modern, of a kernel address, in flight and closing: one each */
    struct id_table closing_calls; /* tops of groups by thread */
    uint64_t continued_count;      /* operations in flight or closing that were continued */
    uint64_t closing_count;
};

void matching_init(struct matching *matching, const struct op_store *store);
void matching_finish(struct matching *matching);

/* Hashes of what a post or an end shows. */
struct match_hashes matching_hashes(const struct etl_event *event, const struct afd_event *afd,
                                    const struct afd_action *action);

/* Lets ends find an operation in flight by all keys that it has. `hashes`: of its own post if the
 * operation has that post's address and request, or NULL. False: no memory, and it is under none of
 * them. */
bool matching_add(struct matching *matching, struct tracked_op *op,
                  const struct match_hashes *hashes);

/* The thread of an operation in flight has gone on: MATCH_THREAD no longer finds the operation, and
 * neither does matching_call(). */
void matching_leave_thread(struct matching *matching, struct tracked_op *op);

/* Takes an operation in flight or closing out. */
void matching_remove(struct matching *matching, struct tracked_op *op);

/* The operation goes from those in flight to the closing ones; its `state` is set to OP_CLOSING
 * here. It has an ending. False: no memory, and it is under no key. */
bool matching_close(struct matching *matching, struct tracked_op *op);

/* The operation in flight that an end means, by the rules but MATCH_SOCKET. */
struct match matching_find(const struct matching *matching, const struct match_end *end);

/* The same among closing operations. */
struct match matching_find_closing(const struct matching *matching, const struct match_end *end);

/* The modern operations in flight or closing that a request's ActivityId names, by direction; NULL
 * where there is none. `hash`: of the request, as matching_hashes() says. */
void matching_request(const struct matching *matching, uint32_t hash, uint64_t endpoint,
                      const struct guid *activity, struct tracked_op *found[2]);

/* Modern operations that a post concerns: the call that a thread is in on the fast path, in flight;
 * the request that owns a kernel address, in flight or closing. NULL if there is none. */
struct tracked_op *matching_call(const struct matching *matching, uint32_t tid, uint64_t process);
struct tracked_op *matching_owner(const struct matching *matching, uint64_t kernel_address);

/* Starts loading what matching_find() will read of an end's, or matching_add() of a post's. */
void matching_prefetch(const struct matching *matching, const struct match_hashes *hashes);

/* The operation that matching_find() is likely to give, for loading it ahead of time; NULL if that
 * can't be told by one look. */
struct tracked_op *matching_likely(const struct matching *matching,
                                   const struct match_hashes *hashes);

#endif
