#ifndef ANALYZER_REPORTS_JSON_PARTS_H
#define ANALYZER_REPORTS_JSON_PARTS_H

/*
 * The objects that the JSON outputs share: TRACE, COVERAGE, OP and the parts of a conflict, as the
 * page about output has them. Each function writes one value, or with _members the members of an
 * object that the caller has begun.
 */

#include "base/json_writer.h"
#include "analyzer/report.h"

/* TRACE of input->traces[trace]. */
void json_trace(struct json_writer *json, const struct report_input *input, size_t trace);

/* The part of TRACE that the header and the index of trace buffers tell. */
void json_trace_head_members(struct json_writer *json, const struct etl_trace_info *info);

/* "trace": TRACE of the first part, and "parts": all TRACEs when files were merged into one
 * timeline; "trace": null if the input was not opened. */
void json_trace_fields(struct json_writer *json, const struct report_input *input);

void json_coverage(struct json_writer *json, const struct coverage *coverage);

void json_operation(struct json_writer *json, const struct report_input *input,
                    const struct operation *op);

void json_overlap(struct json_writer *json, const struct conflict *conflict);

/* rule, severity, confidence, reasons, level */
void json_judgement_members(struct json_writer *json, const struct conflict *conflict);

/* input to fingerprint_scope: what a finding is, how often, where and when it was seen */
void json_finding_members(struct json_writer *json, size_t index, const struct report_input *input,
                          const struct finding *finding);

/* gap_ns, exposed_ns, same_thread, same_endpoint, overlap, first, second */
void json_pair_members(struct json_writer *json, const struct report_input *input,
                       const struct conflict *conflict);

/* verdict, exit, causes, accepted_causes, caveats, notes, error */
void json_verdict_members(struct json_writer *json, const struct report_input *input);

#endif
