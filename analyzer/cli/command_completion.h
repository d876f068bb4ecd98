/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_COMPLETION_H
#define ANALYZER_CLI_COMMAND_COMPLETION_H

#include "analyzer/cli/command_line.h"

/* `bufcheck completion SHELL`: prints the script that completes command lines in that shell, made
 * from the rows of option_rows.h. Returns the exit status. */
int command_completion(const struct options *options);

/* The name of the index-th shell, or NULL beyond the last. */
const char *completion_shell(size_t index);

#endif
