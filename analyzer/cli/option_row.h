/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_OPTION_ROW_H
#define ANALYZER_CLI_OPTION_ROW_H

/* An option as a row of a table (option_rows.h). */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/cli/command_rows.h"

/* Sections of the help page, in its order. */
enum option_section {
    SECTION_REPORTS,
    SECTION_CODE,
    SECTION_JUDGEMENT,
    SECTION_FILTER,
    SECTION_INPUT,
    SECTION_OTHER
};

struct option_parse;

struct option_row {
    char letter;                   /* the short form; 0: none */
    const char *name;              /* the long form */
    const char *value;             /* the value as the help page shows it: "LEVEL"; "[=CAUSE]" if it
                                    * may be left out; NULL: none is taken */
    const char *help;              /* a clause without a full stop */
    const char *more;              /* NULL, or sentences for the man page */
    const char *(*choice)(size_t); /* NULL, or the values to choose from; NULL ends them */
    const char *preset;            /* NULL, or the value that holds without the option */
    bool hides_choices;            /* another row shows the same ones */
    unsigned commands;             /* COMMAND_BIT()s of those that take it */
    enum option_section section;   /* the section of the help page */
    size_t member;                 /* offset in struct options, for setters that serve several */
    enum options_status (*set)(struct option_parse *parse, const struct option_row *row,
                               const char *value);
};

#endif
