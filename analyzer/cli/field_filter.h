/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_FIELD_FILTER_H
#define ANALYZER_CLI_FIELD_FILTER_H

/*
 * --fields: columns of `ops` and `events`. Lines are written to `memory`, and passed on with the
 * members or columns that were asked for, in the order in which they were.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/out.h"

#define FIELDS_MAX 64

enum field_kind {
    FIELDS_JSON, /* JSON Lines: `type` stays, and lines about modules and the schema do */
    FIELDS_CSV,
    FIELDS_TEXT /* CSV comes in; tabs part the cells that go out */
};

struct field_filter {
    struct out memory; /* writers write here */
    struct out *out;   /* borrowed */
    enum field_kind kind;
    char names[FIELDS_MAX][40];
    size_t count;
    size_t columns[FIELDS_MAX]; /* of CSV: where each stands */
    bool has_columns;
    bool failed; /* a message was printed */
};

/* `fields`: names with commas between. `members`: the names that JSON lines have, NULL ends them.
 * False: a message is printed, exit 2. */
bool field_filter_begin(struct field_filter *filter, struct out *out, enum field_kind kind,
                        const char *fields, const char *const *members);

/* Passes on the whole lines that were written since the last call. Of CSV the first one of all is
 * the header; where it lacks a name a message is printed and `failed` is set. */
void field_filter_flush(struct field_filter *filter);

void field_filter_finish(struct field_filter *filter);

/* Members of a line of `ops` and of `events`. */
extern const char *const field_filter_ops[];
extern const char *const field_filter_events[];

#endif
