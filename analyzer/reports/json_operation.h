/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_JSON_OPERATION_H
#define ANALYZER_REPORTS_JSON_OPERATION_H

/* OP and FRAME, as the page about output has them, and the modules that they refer to. */

#include "analyzer/report.h"
#include "analyzer/reports/json_modules.h"
#include "base/json_writer.h"

/* The source of operations: their names, and the table that frames point to. */
struct json_source {
    const struct report_input *input;
    size_t index;                 /* the input's */
    struct json_modules *modules; /* NULL: frames are short, without module_index and source */
};

void json_operation(struct json_writer *json, const struct json_source *source,
                    const struct operation *op);

/* A {"type": "module"} line for each module that json_operation of one or two operations would use
 * for the first time. `other` may be NULL. */
void json_module_lines(struct json_writer *json, const struct json_source *source,
                       const struct operation *op, const struct operation *other);

/* FRAME, or null where module and address are unknown. */
void json_frame(struct json_writer *json, const struct json_source *source,
                const struct frame *frame);

/* A number, or null where it is not known. */
void json_field_known(struct json_writer *json, const char *key, bool known, uint64_t value);

#endif
