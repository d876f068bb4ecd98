/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_BELIEFS_H
#define ANALYZER_CLI_COMMAND_BELIEFS_H

#include "analyzer/cli/options.h"

/* `bufcheck events --beliefs`: both tables of what is believed of the provider, each row with its
 * source. Returns the exit status. */
int command_beliefs(const struct options *options);

#endif
