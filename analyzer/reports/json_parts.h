/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_JSON_PARTS_H
#define ANALYZER_REPORTS_JSON_PARTS_H

/*
 * The objects that the JSON outputs share, as the files in docs/schema describe them: a conflict, a
 * finding and a verdict. Each function writes one value, or with _members the members
 * of an object that the caller has begun.
 */

#include "analyzer/report.h"
#include "analyzer/reports/json_operation.h"
#include "base/json_writer.h"

/* A first line, {"type": "schema", "schema": `name`}. */
void json_schema_line(struct json_writer *json, const char *name);

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
