/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_CUT_H
#define ANALYZER_CLI_COMMAND_CUT_H

#include "analyzer/cli/options.h"

/* `bufcheck cut TRACE -o SMALL.etl`. Returns the exit status: 0 written, 2 errors, also where no
 * finding is chosen; then there is no file. */
int command_cut(const struct options *options);

#endif
