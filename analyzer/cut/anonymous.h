/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CUT_ANONYMOUS_H
#define ANALYZER_CUT_ANONYMOUS_H

/*
 * Makes the records of a trace anonymous while they are copied: what could tell who and where has
 * an alias, which is the same wherever it stands. A record is built anew from the fields that are
 * known, so that nothing unknown gets into the copy; of a record whose layout is not known there is
 * nothing to build. docs/cut.md lists what is replaced and what is kept.
 *
 * Every record is rewritten twice: first the values are noted, and the sizes are right; after
 * anonymous_assign() the aliases are.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/findings/own_code.h"
#include "parsers/etl/etl_event.h"
#include "parsers/etl/etl_trace.h"

/* The bare names of image files that are kept. */
struct anonymous_names {
    const char **items; /* owned array of borrowed names */
    size_t count;
};

/* False: no memory. `name` may be NULL, which adds nothing. */
bool anonymous_names_add(struct anonymous_names *names, const char *name);
void anonymous_names_finish(struct anonymous_names *names);

struct anonymous_settings {
    bool all;                            /* user addresses and every name are replaced, too */
    const struct anonymous_names *names; /* borrowed */
    const struct own_code *own;          /* borrowed; an alias of a module is own code if it was */
    uint64_t aliases_max;                /* bytes; 0: ALIASES_BYTES_MAX */
};

struct anonymous;

struct anonymous *anonymous_create(const struct anonymous_settings *settings); /* NULL: no memory */
void anonymous_destroy(struct anonymous *anonymous);                           /* takes NULL */

/* Called before the first record of every walk over the trace. */
void anonymous_begin(struct anonymous *anonymous, const struct etl_trace_info *info);

/* Called between the walks: from now on values have their aliases. False: there is no memory, or
 * what anonymous_problem() tells. */
bool anonymous_assign(struct anonymous *anonymous);

/* Says what anonymous_assign() failed by, a clause: aliases beyond their limit, or user memory that
 * finds no other place. True: `text` is set; false: it was memory. */
#define ANONYMOUS_PROBLEM_LEN 160
bool anonymous_problem(const struct anonymous *anonymous, char text[ANONYMOUS_PROBLEM_LEN]);

/* Writes the anonymous form of an event's record of `size` bytes to `to`, which holds
 * ETL_RECORD_LEN_MAX bytes. Returns its size, or 0: the record is left out. */
uint32_t anonymous_event(struct anonymous *anonymous, const struct etl_event *event,
                         const uint8_t *record, uint32_t size, uint8_t *to);

/* Does the same for a record that describes the trace: the log-file header, times of drops. */
uint32_t anonymous_trace_record(struct anonymous *anonymous, const uint8_t *record, uint32_t size,
                                uint8_t *to);

/* A raw clock value as the copy has it: without the day, where it tells one. */
int64_t anonymous_ticks(const struct anonymous *anonymous, int64_t ticks);

#endif
