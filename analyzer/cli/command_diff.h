/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_DIFF_H
#define ANALYZER_CLI_COMMAND_DIFF_H

#include "analyzer/cli/command_line.h"

/* `bufcheck diff OLD NEW`: findings that are new, gone, more or less frequent. Each side is a
 * report (json, sarif) or a trace. Returns the exit status: 1 something is new, 3 a side is
 * inconclusive and nothing is new, 2 a side can't be read, else 0. */
int command_diff(const struct options *options);

#endif
