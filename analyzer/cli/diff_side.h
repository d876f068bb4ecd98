/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_DIFF_SIDE_H
#define ANALYZER_CLI_DIFF_SIDE_H

/* A side of `bufcheck diff` as a list of findings, whatever kind of file it comes from. */

#include "analyzer/cli/command_line.h"
#include "analyzer/known/old_report.h"

/* Reads a report, or analyses a trace. False: a message was printed. On success the caller gives
 * *report to old_report_finish(). */
bool diff_side_read(const struct options *options, const char *path, struct old_report *report);

#endif
