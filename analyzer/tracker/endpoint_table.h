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
#include "base/id_table.h"
#include "base/pool.h"
#include "base/slab.h"

/* What every event touches fills the first cache line. */
struct endpoint {
    _Alignas(CACHE_LINE_LEN) uint64_t address;
    struct op_set ops;          /* in flight */
    struct socket_info *socket; /* owned reference; never NULL */
    struct process *user;       /* whose event was the last one, or NULL */
    uint32_t aborted;           /* how often operations of it may have ended without a trace */
    uint32_t ambiguous[2];      /* failures without a user buffer, by direction */
    uint32_t number;            /* from 0, in the order in which addresses came up */
    bool datagram;              /* its last creation (1, or 1000 that starts) said SocketType 2 */

    struct operation *accepts; /* AcceptEx in flight whose AcceptEndpoint this is */
    struct operation *ex[2];   /* ConnectEx, AcceptEx data in flight on it, by direction */
    uint32_t ex_ambiguous[2];  /* ends of those that fit several, by direction */
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

/* Drops the sets of operations in flight, which are empty. */
void endpoint_table_shrink(struct endpoint_table *table);

uint64_t endpoint_address_hash(uint64_t address);

struct endpoint *endpoint_table_search(struct endpoint_table *table, uint64_t address,
                                       uint64_t hash);

/* Finds or adds; NULL: no memory. Stable until the table is finished. `hash` is
 * endpoint_address_hash()'s. */
static inline struct endpoint *endpoint_table_get_hashed(struct endpoint_table *table,
                                                         uint64_t address, uint64_t hash)
{
    if (table->last && table->last->address == address)
        return table->last;
    return endpoint_table_search(table, address, hash);
}

struct endpoint *endpoint_table_get(struct endpoint_table *table, uint64_t address);

/* A new socket lives at this address. False: no memory, the old one stays. */
bool endpoint_renew(struct endpoint_table *table, struct endpoint *endpoint);

struct socket_info *socket_retain(struct socket_info *socket);
void socket_release(struct endpoint_table *table, struct socket_info *socket);

#endif
