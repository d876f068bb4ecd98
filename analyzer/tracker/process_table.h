/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_PROCESS_TABLE_H
#define ANALYZER_TRACKER_PROCESS_TABLE_H

/*
 * Process (EPROCESS) addresses: the operations in flight of each, the address spaces that they
 * use, and which process id creation events gave last.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/tracker/op_store.h"
#include "analyzer/tracker/operation.h"
#include "analyzer/tracker/owner.h"
#include "analyzer/tracker/user_memory.h"
#include "base/id_table.h"
#include "base/pool.h"
#include "base/slab.h"

struct process {
    uint64_t address;
    uint64_t last_pid;     /* the last creation event gave it; 0: none yet */
    struct op_set flying;  /* operations in flight, suspended ones included */
    struct op_set closing; /* closing operations */
    struct process_memory memory;
    struct process_info *info;           /* owned reference; never NULL */
    struct process *pid_prev, *pid_next; /* neighbours in the list of last_pid */
    bool in_pid_list;                    /* the process has posted since its last end */
};

struct pid_entry;

struct process_table {
    struct id_table ids;
    struct slab processes;
    struct pid_entry *pids;
    struct pool pid_pool, infos;
    struct process *last;
    uint64_t serial;
};

void process_table_init(struct process_table *table);
void process_table_finish(struct process_table *table);

struct process *process_table_find(struct process_table *table, uint64_t address);
struct process *process_table_search(struct process_table *table, uint64_t address);

/* Finds or adds; NULL: no memory. Stable until the table is finished. */
static inline struct process *process_table_get(struct process_table *table, uint64_t address)
{
    if (table->last != NULL && table->last->address == address) {
        return table->last;
    }
    return process_table_search(table, address);
}

/* Calls `visit` for every process, in the order in which their addresses came up. */
typedef void process_visit_fn(void *user, struct process *process);
void process_table_visit(struct process_table *table, process_visit_fn *visit, void *user);

/* Forgets all processes, whose sets of operations are empty. What others refer to of a process
 * (process_info) stays. */
void process_table_shrink(struct process_table *table);

/* The first of those whose last_pid this is and that have been used since they ended last, the rest
 * by pid_next; NULL if none. */
struct process *process_table_by_pid(struct process_table *table, uint64_t pid);

/* Sets last_pid. False: no memory. */
bool process_set_pid(struct process_table *table, struct process *process, uint64_t pid);

/* The process posts: an end that names its last_pid concerns it. False: no memory. */
bool process_table_use(struct process_table *table, struct process *process);

/* The process has ended: as long as it is not used again, no other end concerns it, so that each
 * end costs what was begun since the one before. */
void process_table_retire(struct process_table *table, struct process *process);

/* A new process lives at this address. False: no memory. */
bool process_renew(struct process_table *table, struct process *process);

struct process_info *process_info_retain(struct process_info *info);
void process_info_release(struct process_table *table, struct process_info *info);

#endif
