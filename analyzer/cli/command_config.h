/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_CONFIG_H
#define ANALYZER_CLI_COMMAND_CONFIG_H

#include "analyzer/cli/command_line.h"

/* `bufcheck config`: every setting that is in force, and the file or option that it comes from.
 * Returns the exit status: 0, or 2 when the output could not be written. */
int command_config(const struct options *options);

#endif
