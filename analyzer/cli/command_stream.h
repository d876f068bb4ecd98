/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_STREAM_H
#define ANALYZER_CLI_COMMAND_STREAM_H

#include "analyzer/cli/options.h"

/* `bufcheck events` and `bufcheck ops`: a line each, written while the inputs are read. Return the
 * exit status: 0, or 2 when an input could not be read to its end or the output not be written. */
int command_stream_events(const struct options *options);
int command_stream_ops(const struct options *options);

#endif
