/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_SYMBOL_OPTIONS_H
#define ANALYZER_CLI_SYMBOL_OPTIONS_H

#include "analyzer/cli/command_line.h"

/* Creates the symbols that the command line and _NT_SYMBOL_PATH ask for; *symbols is NULL where
 * neither does. The caller owns them. False: no memory, which was told. */
bool symbol_options_create(const struct options *options, struct symbols **symbols);

#endif
