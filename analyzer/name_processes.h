/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_NAME_PROCESSES_H
#define ANALYZER_NAME_PROCESSES_H

/*
 * Processes by the times of their lives: ids and addresses are used again, and a process whose
 * start was not traced has lived since its id and its address were free.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/name_texts.h"
#include "parsers/kernel/kernel_event.h"

/* Time that belongs to no process lies between two of one id. */
struct process_life {
    int64_t from, to; /* both belong to it */
    uint32_t pid;
    const char *name;         /* bare image name; NULL: unknown */
    const char *command_line; /* NULL: unknown */
    bool start_traced;
};

struct name_processes;

/* `texts` is borrowed for as long as the processes live. NULL: no memory. */
struct name_processes *name_processes_create(struct name_texts *texts);
void name_processes_destroy(struct name_processes *processes); /* takes NULL */

/* The bytes that they take, texts aside. */
size_t name_processes_bytes(const struct name_processes *processes);

/* Takes a KERNEL_PROCESS_ event of a known process id. False: no memory. */
bool name_processes_add(struct name_processes *processes, const struct kernel_event *event,
                        int64_t order);

/* The process that had this EPROCESS address (0: unknown), else the one that had this id
 * (ETL_ID_UNKNOWN: unknown) at `order`; NULL where none is known. Borrowed until the next event is
 * added. */
const struct process_life *name_processes_find(const struct name_processes *processes, uint64_t key,
                                               uint32_t pid, int64_t order);

/* The time in which whatever had the id at `order` can have had it: the process's life, or the time
 * between two lives. */
struct process_span {
    int64_t from, to; /* of the time between two lives `to` is NAME_FOREVER */
    bool start_traced;
};
struct process_span name_processes_span(const struct name_processes *processes, uint32_t pid,
                                        int64_t order);

#endif
