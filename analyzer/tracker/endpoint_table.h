/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_ENDPOINT_TABLE_H
#define ANALYZER_TRACKER_ENDPOINT_TABLE_H

/*
 * Endpoint addresses: the operations in flight on each, the counters that stand for "every
 * operation of that endpoint gets this reason", and the socket that lives there now. Entries stay:
 * Windows re-uses the addresses.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/tracker/op_store.h"
#include "analyzer/tracker/operation.h"
#include "analyzer/tracker/owner.h"
#include "base/hash.h"
#include "base/id_table.h"
#include "base/pool.h"
#include "base/prefetch.h"
#include "base/slab.h"

/* ConnectEx or AcceptEx operations of an endpoint in one direction. */
struct endpoint_ex {
    uint32_t first;     /* id; 0: none */
    uint32_t ambiguous; /* ends that might have been any of several */
};

/* Members that every event reads come first, in one cache line. */
struct endpoint {
    _Alignas(CACHE_LINE_LEN) uint64_t address;
    struct op_set flying;       /* operations in flight, suspended ones included */
    struct socket_info *socket; /* owned reference; never NULL */
    struct process *user;       /* the process of the last event, or NULL */
    uint32_t number;            /* counts addresses from 0 as they come up */
    uint32_t aborted;           /* how often operations of it may have ended without a trace */
    bool datagram;              /* the last creation (1, or 1000 that starts) said SocketType 2 */
    uint32_t accepts; /* id of the first AcceptEx in flight whose AcceptEndpoint this is */

    /* Ends that may have been any operation's, by family and direction of the operation. */
    uint32_t ambiguous[AFD_FAMILIES][2];
    struct op_set closing;                   /* closing operations */
    struct endpoint_ex ex[2], ex_closing[2]; /* indexed by direction */
};

struct endpoint_table {
    struct id_table ids;
    struct slab endpoints;
    struct pool sockets;
    struct endpoint *last; /* the one found last: most events come in runs */
};

void endpoint_table_init(struct endpoint_table *table);
/* Every socket_info that anyone still refers to is freed with it. */
void endpoint_table_finish(struct endpoint_table *table);

/* Forgets all endpoints, whose sets of operations are empty. Sockets that somebody else refers to
 * stay. */
void endpoint_table_shrink(struct endpoint_table *table);

static inline uint64_t endpoint_address_hash(uint64_t address)
{
    return hash_of_2(address, 0);
}

struct endpoint *endpoint_table_search(struct endpoint_table *table, uint64_t address,
                                       uint32_t hash);

/* Finds or adds; NULL: no memory. Stable until the table is finished. `hash`: the
 * lower 32 bits of endpoint_address_hash()'s. */
static inline struct endpoint *endpoint_table_get_hashed(struct endpoint_table *table,
                                                         uint64_t address, uint32_t hash)
{
    if (table->last != NULL && table->last->address == address) {
        return table->last;
    }
    return endpoint_table_search(table, address, hash);
}

struct endpoint *endpoint_table_get(struct endpoint_table *table, uint64_t address);

/* Asks for the memory that endpoint_table_get() will look at first. `hash`: the lower 32 bits of
 * endpoint_address_hash()'s. */
static inline void endpoint_table_prefetch(const struct endpoint_table *table, uint32_t hash)
{
    id_table_prefetch(&table->ids, hash);
}

/* A new socket lives at this address. False: no memory, the old one stays. */
bool endpoint_renew(struct endpoint_table *table, struct endpoint *endpoint);

/* The socket's record, to write to: a copy where operations refer to the present one, so that each
 * keeps the addresses of its time. NULL: no memory. */
struct socket_info *endpoint_own_socket(struct endpoint_table *table, struct endpoint *endpoint);

struct socket_info *socket_retain(struct socket_info *socket);
void socket_release(struct endpoint_table *table, struct socket_info *socket);

#endif
