/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_NAMES_H
#define ANALYZER_NAMES_H

/*
 * Names of processes, threads and places in memory for reports, as kernel events tell them. Ids
 * and addresses are used again, so a name holds for an interval of trace time; rundown records may
 * come only at the end of a trace.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/module.h"
#include "parsers/etl/etl_event.h"
#include "parsers/kernel/kernel_event.h"

struct names;

struct names *names_create(void);        /* NULL: no memory */
void names_destroy(struct names *names); /* takes NULL */

/* Events are added in the order of time. False: no memory; the event is lost to the names then.
 * `order` of the event. */
bool names_add(struct names *names, const struct kernel_event *event, int64_t order);

/* Draws the conclusions that later records allow on earlier ones. To be called when no more events
 * come; what was borrowed stays valid. False: no memory, and some paths are as traced. */
bool names_finish(struct names *names);

/* The bytes that the names take. */
size_t names_bytes(const struct names *names);

/* Bare image name of the process that had this EPROCESS address (0: unknown) or pid
 * (ETL_ID_UNKNOWN: unknown) at `order`; NULL if the trace does not tell. Borrowed until
 * names_destroy. */
const char *names_process(const struct names *names, uint64_t process_key, uint32_t pid,
                          int64_t order);
/* The id of the process that had this EPROCESS address at `order`; ETL_ID_UNKNOWN likewise. */
uint32_t names_pid(const struct names *names, uint64_t process_key, int64_t order);
/* The command line of the same process; NULL if unknown. */
const char *names_command_line(const struct names *names, uint64_t process_key, uint32_t pid,
                               int64_t order);

/* The name of the thread that had this id at `order`; NULL if the trace does not tell. Borrowed
 * until names_destroy. */
const char *names_thread(const struct names *names, uint32_t tid, int64_t order);

/* A place in memory, as the images tell it. */
struct names_frame {
    const struct module *module; /* NULL: no image with a name is known there; borrowed likewise */
    const char *name;            /* module->name; "[JIT]" where `jit`; else NULL */
    uint64_t offset;             /* bytes from the image's base; 0 without a module */
    bool jit; /* user memory outside of all images of a process all of whose images are known */
};
void names_frame(const struct names *names, uint32_t pid, int64_t order, uint64_t address,
                 struct names_frame *frame);

/* The id of the thread of this process on whose stack in user mode the address lay at `order`;
 * ETL_ID_UNKNOWN if it lay on none that the trace tells. */
uint32_t names_stack(const struct names *names, uint32_t pid, int64_t order, uint64_t address);

#endif
