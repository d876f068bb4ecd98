/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_JSON_PARTS_H
#define ANALYZER_REPORTS_JSON_PARTS_H

/*
 * The objects that the JSON outputs share: TRACE, COVERAGE, OP and the parts of a conflict, as the
 * page about output has them. Each function writes one value, or with _members the members of an
 * object that the caller has begun.
 */

#include "analyzer/report.h"
#include "analyzer/reports/json_modules.h"
#include "base/json_writer.h"

/* A first line, {"type": "schema", "schema": `name`}. */
void json_schema_line(struct json_writer *json, const char *name);

/* TRACE of input->traces[trace]. */
void json_trace(struct json_writer *json, const struct report_input *input, size_t trace);

/* The part of TRACE that the header and the index of trace buffers tell. */
void json_trace_head_members(struct json_writer *json, const struct etl_trace_info *info);

/* "trace": TRACE of the first part, and "parts": all TRACEs when files were merged into one
 * timeline; "trace": null if the input was not opened. */
void json_trace_fields(struct json_writer *json, const struct report_input *input);

void json_coverage(struct json_writer *json, const struct coverage *coverage);

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

void json_overlap(struct json_writer *json, const struct conflict *conflict);

/* {"bytes", "start"} or null */
void json_harm(struct json_writer *json, const struct conflict *conflict);

/* rule, severity, confidence, reasons, level */
void json_judgement_members(struct json_writer *json, const struct conflict *conflict,
                            enum rule_level severity, enum rule_level level);

/* input to suppressed: what a finding is, how often, where and when it was seen */
void json_finding_members(struct json_writer *json, size_t index, const struct report_input *input,
                          const struct finding *finding);

/* gap_ns, exposed_ns, same_thread, same_endpoint, overlap, harm, first, second */
void json_pair_members(struct json_writer *json, const struct json_source *source,
                       const struct conflict *conflict);

/* verdict, exit, causes, accepted_causes, no_posts, cause_details, caveats, notes, error */
void json_verdict_members(struct json_writer *json, const struct report_settings *settings,
                          const struct report_input *input);

#endif
