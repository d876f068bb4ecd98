/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_CONFIG_H
#define ANALYZER_CLI_CONFIG_H

/*
 * Settings from a file: `name = value` lines with the names of options, a repeated line for a
 * repeatable option. The file is the one that --config names, or .bufcheck.ini, looked for from the
 * working directory upward, but not beyond the root of a repository. The command line wins: of an
 * option that stands there the file's lines do not count.
 *
 * A file that was found comes from whoever wrote the repository. It may say how findings are
 * judged, and neither which programs are run nor which files are written.
 */

#include <stdbool.h>

#include "analyzer/cli/command_line.h"
#include "analyzer/cli/option_setters.h"

struct byte_source;

#define CONFIG_NAME ".bufcheck.ini"

/* Looks for the file and applies it to parse->options, whose command is known. `used` tells by row
 * how often the command line gives an option. Not OPTIONS_OK: options->error says why, with file,
 * line and column. */
enum options_status config_apply(struct option_parse *parse, const unsigned *used);

/* Applies the settings of `source`. Paths in it are relative to the folder of options->config,
 * which errors name; options->config_found says whether that file was found. Else as
 * config_apply(). */
enum options_status config_read(struct option_parse *parse, const unsigned *used,
                                struct byte_source *source);

#endif
