/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_SETTING_READER_H
#define BASE_SETTING_READER_H

/*
 * Reads text files of `name = value` lines: settings, and entries of several lines that a blank
 * line ends. A line whose first character is # is a comment. A value goes to the end of its line,
 * without the spaces around it. The text is UTF-8; a byte order mark in front and carriage returns
 * at ends of lines are passed over. Errors name line and column, in characters from 1.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/byte_source.h"

#define SETTING_LINE_MAX 4096 /* bytes of a line */

enum setting_status {
    SETTING_ERROR = -1, /* a cause was appended */
    SETTING_END = 0,
    SETTING_PAIR, /* `name`, `value` and their columns are set */
    SETTING_BLANK /* a line without anything */
};

/* Callers read what stands above `source`. */
struct setting_reader {
    const char *name, *value; /* valid until the next call; `value` may be "" */
    uint64_t line, name_column, value_column;
    struct byte_source *source; /* borrowed */
    struct error_chain *errors; /* borrowed */
    uint64_t offset;
    size_t at, len; /* of `bytes` */
    bool failed;
    char text[SETTING_LINE_MAX + 1];
    uint8_t bytes[4096];
};

void setting_reader_init(struct setting_reader *reader, struct byte_source *source,
                         struct error_chain *errors);

enum setting_status setting_reader_next(struct setting_reader *reader);

/* Appends a cause about the last line: "line L, column C: ...", and makes every further call
 * SETTING_ERROR. Returns that. */
enum setting_status setting_reader_fail(struct setting_reader *reader, uint64_t line,
                                        uint64_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
