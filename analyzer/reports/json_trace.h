/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_JSON_TRACE_H
#define ANALYZER_REPORTS_JSON_TRACE_H

/* TRACE and COVERAGE, as the page about output has them: what is known of an input as a whole. Each
 * function writes one value, or with _members the members of an object that the caller has begun.
 */

#include "analyzer/report.h"
#include "base/json_writer.h"

/* TRACE of input->traces[trace]. */
void json_trace(struct json_writer *json, const struct report_input *input, size_t trace);

/* The part of TRACE that the header and the index of trace buffers tell. */
void json_trace_head_members(struct json_writer *json, const struct etl_trace_info *info);

/* "trace": TRACE of the first part, and "parts": all TRACEs when files were merged into one
 * timeline; "trace": null if the input was not opened. */
void json_trace_fields(struct json_writer *json, const struct report_input *input);

void json_coverage(struct json_writer *json, const struct coverage *coverage);

#endif
