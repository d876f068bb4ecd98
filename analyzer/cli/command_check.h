/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_CHECK_H
#define ANALYZER_CLI_COMMAND_CHECK_H

#include "analyzer/cli/options.h"

/* `bufcheck check`: every input analysed, every report written. Returns the exit status. */
int command_check(const struct options *options);

#endif
