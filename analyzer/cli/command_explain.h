/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_EXPLAIN_H
#define ANALYZER_CLI_COMMAND_EXPLAIN_H

#include "analyzer/cli/options.h"

/* `bufcheck explain`: the rules in a table, or one rule's texts. Returns the exit status. */
int command_explain(const struct options *options);

#endif
