/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_INFO_H
#define ANALYZER_CLI_COMMAND_INFO_H

#include "analyzer/cli/options.h"

/* `bufcheck info`: what each trace holds, as text or as bufcheck.info/1. Returns the exit status:
 * 0, or 2 when an input could not be read to its end or the output not be written. */
int command_info(const struct options *options);

#endif
