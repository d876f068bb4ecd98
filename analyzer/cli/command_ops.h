#ifndef ANALYZER_CLI_COMMAND_OPS_H
#define ANALYZER_CLI_COMMAND_OPS_H

/*
 * `bufcheck ops`: every operation, one line each, in the order in which they end. The print
 * function is the `operation` hook of analysis_run.
 *
 *     struct command_ops ops;
 *     command_ops_init(&ops, &out, COMMAND_OPS_JSONL);
 *     hooks.user = &ops;
 *     hooks.operation = command_ops_print;
 */

#include <stdbool.h>

#include "base/json_writer.h"
#include "analyzer/tracker/operation.h"
#include "base/out.h"
#include "analyzer/report.h"

enum command_ops_format {
    COMMAND_OPS_JSONL,
    COMMAND_OPS_CSV, /* RFC 4180, header row */
    COMMAND_OPS_TEXT,
};

struct command_ops {
    struct out *out; /* borrowed */
    enum command_ops_format format;
    struct json_writer json;
};

/* "jsonl", "csv", "text". False if it is none of them. */
bool command_ops_format_parse(const char *text, enum command_ops_format *format);

/* Prints the header row of formats that have one. `out` must outlive `ops`; it is not finished. */
void command_ops_init(struct command_ops *ops, struct out *out, enum command_ops_format format);

/* `user` is a struct command_ops. Errors stick in its `out`. */
void command_ops_print(void *user, const struct report_input *input, const struct operation *op);

#endif
