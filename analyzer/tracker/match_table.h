#ifndef ANALYZER_TRACKER_MATCH_TABLE_H
#define ANALYZER_TRACKER_MATCH_TABLE_H

/*
 * Operations in flight by what a later event shows of them: process, endpoint, direction and
 * address (any family's completion); endpoint and ActivityId (a modern request); kernel address
 * (a later post of the same).
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/tracker/op_store.h"
#include "base/id_table.h"
#include "analyzer/tracker/operation.h"
#include "base/slab.h"

struct match_key {
    uint64_t process, endpoint, buffer;
    uint64_t kind; /* family << 1 | direction */
};

struct match_table {
    const struct op_store *store; /* borrowed */
    struct id_table matches;      /* the newest operation of each key */
    struct id_table requests;
    struct id_table kernels; /* ids of `kernel_slots` */
    struct slab kernel_slots;
};

void match_table_init(struct match_table *table, const struct op_store *store);
void match_table_finish(struct match_table *table);

/* Adds an operation, its hashes set, under all keys that it has. False: no memory, and it is under
 * none. */
bool match_table_add(struct match_table *table, struct operation *op);
void match_table_remove(struct match_table *table, struct operation *op);

/* `endpoint_hash` is endpoint_address_hash()'s, which nobody who makes a file can know. */
uint32_t match_key_hash(uint64_t endpoint_hash, const struct match_key *key);
uint32_t match_request_hash(uint64_t endpoint_hash, const struct guid *activity);

/* The newest with that key, or NULL; *several tells that it is not the only one. */
struct operation *match_table_newest(struct match_table *table, const struct match_key *key,
                                     uint32_t hash, bool *several);
struct operation *match_table_request(struct match_table *table, uint64_t endpoint,
                                      const struct guid *activity, uint32_t hash);

/* Operations that use this kernel address and are still compared with later posts of
 * `direction`, oldest first; the rest by kernel_next[direction]. */
struct operation *match_table_kernel(struct match_table *table, uint64_t address, unsigned family,
                                     unsigned direction);
/* The newest that uses this kernel address, compared or not, or NULL. Of the modern family there is
 * never another: each post of the address supersedes the one before. */
struct operation *match_table_kernel_newest(struct match_table *table, uint64_t address,
                                            unsigned family);
void match_table_close_kernel(struct operation *op, unsigned direction);

#endif
