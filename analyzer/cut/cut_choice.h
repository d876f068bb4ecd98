/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CUT_CUT_CHOICE_H
#define ANALYZER_CUT_CUT_CHOICE_H

/* Says which records of a trace are the evidence of findings: those of the operations in conflict,
 * all else of the provider around them, and what names processes, threads and images of their
 * stacks.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/tracker/conflict.h"
#include "parsers/etl/etl_event.h"
#include "parsers/etl/etl_trace.h"

/* How far around the operations records are taken, from the least on. */
enum cut_width {
    CUT_ENDPOINTS, /* of the operations' endpoints */
    CUT_THREADS,   /* and of their threads */
    CUT_PROCESSES, /* and of their processes */
    CUT_PROVIDER,  /* all of the provider */
    CUT_WIDTHS
};
const char *cut_width_name(enum cut_width width); /* "their sockets" ...; for messages */

struct afd_schemas;

/* A set of numbers, sorted once it is complete. */
struct cut_set {
    uint64_t *items; /* owned */
    size_t count, room;
};

struct cut_choice {
    enum cut_width width;
    struct cut_set endpoints, processes, threads, pids;
    /* Named by chosen records, once these were collected: keys and halves of stacks, sockets that
     * accepted a chosen one. */
    struct cut_set stack_keys, match_ids, listeners;
    struct afd_schemas *schemas; /* owned; the trace's own, collected likewise; NULL: none */
    size_t bytes;                /* of the sets' arrays */
    bool collecting;
    bool no_memory; /* sticks */
};

void cut_choice_free(struct cut_choice *choice);

/* Adds the operations of a conflict. */
void cut_choice_add(struct cut_choice *choice, const struct conflict *conflict);

/* Adds a process, and a thread, for choices that no conflict makes. */
void cut_choice_add_process(struct cut_choice *choice, uint64_t process, uint32_t pid);
void cut_choice_add_thread(struct cut_choice *choice, uint32_t tid);

/* Adds what another choice holds. */
void cut_choice_join(struct cut_choice *choice, const struct cut_choice *from);

/* Called after the last conflict and before the first question. */
void cut_choice_complete(struct cut_choice *choice);

/* Between these two calls the choice collects what chosen records need besides: records that hold
 * their stacks, the socket that accepted theirs, the trace's own schemas. The second call returns
 * whether there was anything of that kind, so that the trace has to be walked once more. */
void cut_choice_begin_collecting(struct cut_choice *choice);
bool cut_choice_end_collecting(struct cut_choice *choice);

/* The records that any choice can take. Every other one need not be decoded. */
struct cut_filter {
    struct guid providers[8], classes[16];
    uint16_t hook_ids[32];
    struct etl_filter filter; /* of the arrays above */
};
void cut_filter_init(struct cut_filter *filter);

/* A trace_copy_choose_fn over a choice. */
bool cut_choice_takes(void *choice, const struct etl_event *event);

#endif
