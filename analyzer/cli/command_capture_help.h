/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_CAPTURE_HELP_H
#define ANALYZER_CLI_COMMAND_CAPTURE_HELP_H

#include "analyzer/cli/options.h"

/* `bufcheck capture-help`: how to record a trace; with --wprp the profile for Windows Performance
 * Recorder and nothing else. Returns the exit status. */
int command_capture_help(const struct options *options);

#endif
