#ifndef ANALYZER_TRACKER_PROCESS_TABLE_H
#define ANALYZER_TRACKER_PROCESS_TABLE_H

/*
 * Process (EPROCESS) addresses: the operations in flight of each, the address spaces that they
 * use, and which process id creation events gave last.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/interval_index.h"
#include "analyzer/tracker/op_store.h"
#include "analyzer/tracker/operation.h"
#include "analyzer/tracker/owner.h"
#include "base/id_table.h"
#include "base/pool.h"
#include "base/slab.h"

/*
 * User memory of one process in one event family. `pid` is the header's process id of posts that
 * are sure to have run in their caller's address space (a handle may be duplicated into another
 * process), SPACE_ANY_PID for all others.
 */
struct address_space {
    struct interval_index index;
    struct address_space *next;
    uint32_t pid;
    uint8_t family;
};
#define SPACE_ANY_PID 0

struct process {
    uint64_t address;
    uint64_t last_pid; /* that a creation event gave; 0: none yet */
    struct op_set ops; /* in flight */
    struct address_space *spaces;
    struct process_info *info;           /* owned reference; never NULL */
    struct process *pid_prev, *pid_next; /* others with the same last_pid */
};

struct pid_entry;

struct process_table {
    struct id_table ids;
    struct slab processes;
    struct pid_entry *pids;
    struct pool pid_pool, spaces, infos;
    struct interval_nodes nodes; /* of all address spaces */
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
    if (table->last && table->last->address == address)
        return table->last;
    return process_table_search(table, address);
}

/* Calls `visit` for every process, in the order in which their addresses came up. */
typedef void process_visit_fn(void *user, struct process *process);
void process_table_visit(struct process_table *table, process_visit_fn *visit, void *user);

/* Drops the nodes of all address spaces and the sets of operations in flight, which are empty. */
void process_table_shrink(struct process_table *table);

/* The first of those whose last_pid this is, the rest by pid_next; NULL if none. */
struct process *process_table_by_pid(struct process_table *table, uint64_t pid);

/* Sets last_pid. False: no memory. */
bool process_set_pid(struct process_table *table, struct process *process, uint64_t pid);

/* A new process lives at this address. False: no memory. */
bool process_renew(struct process_table *table, struct process *process);

/* Finds or adds; NULL: no memory. */
struct address_space *process_space(struct process_table *table, struct process *process,
                                    unsigned family, uint32_t pid);

struct process_info *process_info_retain(struct process_info *info);
void process_info_release(struct process_table *table, struct process_info *info);

#endif
