/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_OPTIONS_H
#define ANALYZER_CLI_OPTIONS_H

/*
 * The parser of the command line. Commands, options and formats are rows of tables (option_rows.h),
 * and the help page and the man page are printed from the same rows. CONTRIBUTING.md says how to
 * add one.
 */

#include "analyzer/cli/command_line.h"
#include "base/out.h"

/* Reorders argv as getopt_long does, and keeps pointers into it until options_finish(). Must not be
 * called by several threads at once. After every status, options_finish() frees what is owned. */
enum options_status options_parse(struct options *options, int argc, char **argv);

void options_finish(struct options *options);

/* Prints a help page of 80 columns that begins with examples: the program's, or, where the command
 * line named a command, that command's own. */
void options_help(const struct options *options, struct out *out);

#endif
