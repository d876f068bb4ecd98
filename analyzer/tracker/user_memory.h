/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_USER_MEMORY_H
#define ANALYZER_TRACKER_USER_MEMORY_H

/*
 * The user memory of operations in flight, suspended or closing, by process and event family
 * (docs/semantics.md, 4). A handle may be duplicated into another process, so that operations of
 * one owner lie in different address spaces: the header's process id of posts on the fast path
 * tells these apart. Operations that do not tell theirs share memory with all of the owner's.
 *
 * Each address space has an index. An operation that does not tell its process id is compared with
 * every one of them; where there are many, with one more index that holds what all of them hold.
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/tracker/op_store.h"
#include "base/id_table.h"
#include "base/interval_index.h"
#include "base/pool.h"

#define SPACE_ANY_PID 0

struct address_space {
    struct interval_index index;
    struct address_space *next; /* another one of the same process and family */
    uint64_t process;           /* address */
    uint32_t pid;               /* SPACE_ANY_PID: of operations that do not tell theirs */
    uint8_t family;
};

/* Memory of a process in one event family. */
struct family_memory {
    struct address_space *any;   /* the space of SPACE_ANY_PID; NULL: not used yet */
    struct address_space *first; /* the others */
    struct interval_index all;   /* holds what the others hold, if is_crowded */
    uint32_t count;              /* number of the others */
    bool is_crowded;
};

/* Memory of a process. Part of the process' entry, and nothing of it is owned. */
struct process_memory {
    uint64_t process;                      /* address */
    struct family_memory of_family[2];     /* legacy, modern */
    const struct op_set *flying, *closing; /* the process' operations: where there get to be many
                                              address spaces, these are put into one more index */
};

struct user_memory {
    struct op_store *store;      /* borrowed */
    struct interval_nodes nodes; /* nodes of all indexes, kernel memory's too */
    struct slab spaces;
    struct id_table ids; /* spaces by process, family and process id */
    bool any_pid;        /* no process id of a header tells an address space */
};

void user_memory_init(struct user_memory *memory, struct op_store *store);
void user_memory_finish(struct user_memory *memory);

/* Adds to `hits` what shares memory with an operation, its `memory` set, and is still compared with
 * posts of its direction; then puts the operation into the index of its address space. False: no
 * memory, the operation is in no index, and some hits are missing. */
bool user_memory_take(struct user_memory *memory, struct process_memory *process,
                      struct tracked_op *op, struct interval_hits *hits);

/* Takes an operation's memory, user or kernel memory, out of every index that it is in. */
void op_memory_remove(struct tracked_op *op);

/* No longer compares an operation with posts of that direction. */
void op_memory_close(struct tracked_op *op, unsigned direction);

#endif
