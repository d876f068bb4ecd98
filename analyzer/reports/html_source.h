/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_HTML_SOURCE_H
#define ANALYZER_REPORTS_HTML_SOURCE_H

#include "analyzer/report.h"
#include "base/json_writer.h"

/* Writes the member "sources": for each post the lines around the one that posted, where the
 * repository has the file: its name, the line, the number of the first of "lines", and these; else
 * null. */
void html_sources(struct json_writer *json, const struct report_settings *settings,
                  const struct report_input *input, const struct conflict *conflict);

#endif
