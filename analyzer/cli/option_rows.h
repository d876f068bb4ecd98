/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_OPTION_ROWS_H
#define ANALYZER_CLI_OPTION_ROWS_H

/*
 * The table of the options. The parser (options.c), the configuration file (config.c), the help
 * pages (options_help.c) and the man page (man_page.c) read the same rows, as they do those of the
 * commands (command_rows.h), so that none of them can say something else than another.
 */

#include <stddef.h>

#include "analyzer/cli/option_row.h"

struct option_section_row {
    const char *title;
    unsigned commands; /* COMMAND_BIT()s of those whose options stand there */
};

#define OPTION_SECTION_COUNT 6
extern const struct option_section_row option_sections[OPTION_SECTION_COUNT];

extern const struct option_row option_rows[];
extern const size_t option_row_count;

#define OPTION_ROWS_MAX 64 /* the size of arrays with an item a row; option_rows.c checks it */

/* The name of the option that a person who typed `text` probably meant, or NULL. */
const char *option_rows_nearest(const char *text);

#endif
