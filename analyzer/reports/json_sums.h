/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_JSON_SUMS_H
#define ANALYZER_REPORTS_JSON_SUMS_H

/* Sums over the findings of a JSON report. Without memory the array ends early and the output has
 * failed. */

#include "analyzer/report.h"
#include "analyzer/reports/json_modules.h"
#include "base/json_writer.h"

/* Member "across": which cause occurred in which inputs, also a cause that --max-findings left out
 * altogether; empty with one input. Findings are numbered as the member `findings` has them. */
void json_across(struct json_writer *json, const struct report *report);

/* Member "who": pairs of call sites, with the number of findings, posts and conflicts that did
 * damage. */
void json_who(struct json_writer *json, const struct report *report, struct json_modules *modules);

#endif
