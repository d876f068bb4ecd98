/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_OPS_H
#define ANALYZER_CLI_COMMAND_OPS_H

/*
 * `bufcheck ops`: every operation, one line each, in the order in which their ends become known.
 * The print function is the `operation` hook of analysis_run.
 *
 *     struct command_ops ops;
 *     command_ops_init(&ops, &out, COMMAND_OPS_JSONL);
 *     hooks.user = &ops;
 *     hooks.operation = command_ops_print;
 *     ... ops.input++ before each further input ...
 *     command_ops_finish(&ops);
 */

#include <stdbool.h>

#include "analyzer/report.h"
#include "analyzer/reports/json_modules.h"
#include "analyzer/tracker/operation.h"
#include "base/json_writer.h"
#include "base/out.h"

enum command_ops_format {
    COMMAND_OPS_JSONL, /* a line with the schema first */
    COMMAND_OPS_CSV,   /* RFC 4180, header row */
    COMMAND_OPS_TEXT,
};

struct command_ops {
    struct out *out; /* borrowed */
    enum command_ops_format format;
    size_t input; /* index of the one at hand */
    struct json_writer json;
    struct json_modules *modules; /* NULL without memory: frames have no module_index then */
};

/* "jsonl", "csv", "text". False if it is none of them. */
bool command_ops_format_parse(const char *text, enum command_ops_format *format);

/* Prints what stands before the first operation. `out` must outlive `ops`; it is not finished. */
void command_ops_init(struct command_ops *ops, struct out *out, enum command_ops_format format);
void command_ops_finish(struct command_ops *ops);

/* `user` is a struct command_ops. Errors stick in its `out`. */
void command_ops_print(void *user, const struct report_input *input, const struct operation *op);

#endif
