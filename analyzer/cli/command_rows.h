/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_ROWS_H
#define ANALYZER_CLI_COMMAND_ROWS_H

/* The table of the commands, and the formats that each of them prints. */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/cli/command_line.h"

#define COMMAND_BIT(command) (1u << (command))

/* Sets of commands that take the same options. */
#define COMMANDS_CHECK COMMAND_BIT(COMMAND_CHECK)
#define COMMANDS_CUT COMMAND_BIT(COMMAND_CUT)
#define COMMANDS_CALIBRATE COMMAND_BIT(COMMAND_CALIBRATE)
#define COMMANDS_LINES (COMMAND_BIT(COMMAND_EVENTS) | COMMAND_BIT(COMMAND_OPS))
#define COMMANDS_CALLS (COMMANDS_CHECK | COMMANDS_CUT | COMMAND_BIT(COMMAND_OPS))
#define COMMANDS_TIMELINE (COMMANDS_CHECK | COMMANDS_LINES)
#define COMMANDS_FILTERED (COMMANDS_TIMELINE | COMMANDS_CUT)
#define COMMANDS_READERS (COMMANDS_TIMELINE | COMMAND_BIT(COMMAND_INFO))
#define COMMANDS_SETTABLE                                                                          \
    (COMMANDS_READERS | COMMANDS_CUT | COMMAND_BIT(COMMAND_DIFF) | COMMAND_BIT(COMMAND_CONFIG))
#define COMMANDS_ALL (COMMAND_BIT(COMMAND_COUNT) - 1)

#define COMMAND_EXAMPLES_MAX 3

struct command_row {
    const char *name;
    const char *words; /* the synopsis after the name: "[OPTIONS] FILE..." */
    const char *help;  /* a clause without a full stop */
    const char *more;  /* NULL, or sentences for the command's own page */
    /* A command line and what it is for, each; NULL after the last of fewer. The program's own page
     * shows the first one, and all of check. */
    const char *examples[COMMAND_EXAMPLES_MAX][2];
    size_t words_max; /* words that it takes: 0, 1, SIZE_MAX for files, else exactly so many */
};

extern const struct command_row command_rows[COMMAND_COUNT];

/* Writes "bufcheck info [OPTIONS] FILE...". */
void command_synopsis(enum options_command command, char *text, size_t size);

/* A further word that may stand where a command does. */
struct command_alias {
    const char *name;
    const char *help;             /* a clause without a full stop */
    enum options_status status;   /* the page that it asks for; OPTIONS_OK: another name */
    enum options_command command; /* the command that it is another name of */
};

#define COMMAND_ALIAS_COUNT 3
extern const struct command_alias command_aliases[COMMAND_ALIAS_COUNT];

struct format_row {
    const char *name;
    const char *help; /* a clause without a full stop */
};

/* Fills *row with the format of that index among those that `command` takes, the default first.
 * False beyond the last. */
bool format_row_at(enum options_command command, size_t index, struct format_row *row);

/* The name of that format, or NULL. */
const char *format_name(enum options_command command, size_t index);

#endif
