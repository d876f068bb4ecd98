/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_FORMAT_TEXT_H
#define BASE_FORMAT_TEXT_H

/* Prints text of a trace, and numbers for a person, alike in every report that is not JSON. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"

/* True if a report must not print a character as it is: C0, DEL, C1, U+2028, U+2029, and the
 * controls of bidirectional text, which could show a person other text than is there. */
bool text_is_control(uint32_t code_point);

/*
 * Prints text of a trace on one line of a terminal or log. Control characters become \n, \r, \t,
 * \xNN or \u{NNNN}; a backslash stays as it is, because Windows paths have many; invalid UTF-8
 * becomes U+FFFD. In "##" anywhere and "::" at the beginning one character is escaped, so that no
 * CI system takes the text for a command.
 */
void text_escape(struct out *out, const char *text);
void text_escape_len(struct out *out, const char *text, size_t len);

/* Columns that text_escape() prints, one for each character. */
size_t text_escape_width(const char *text);

/* Prints a field of a CSV file (RFC 4180): quoted where that is needed, with control characters
 * escaped as by text_escape(), so that a row stays one line, and with an apostrophe in front of
 * text that a spreadsheet would take for a formula. */
void text_csv(struct out *out, const char *text);

#define TEXT_NUMBER_LEN 40

/* Puts a count or a length into `text`, with a space between groups of three digits from five
 * digits on, "9999", "12 345", "1 234 567", and a NUL. Numbers that are names (of a process, a
 * line, a place in a file) have no spaces, because they are copied. */
void text_format_grouped(uint64_t value, char text[TEXT_NUMBER_LEN]);

/* Writes a number in that form, and with its noun: "1 trace", "5000 traces". */
void text_grouped(struct out *out, uint64_t value);
void text_plural(struct out *out, uint64_t value, const char *noun);

/* Puts seconds with `decimals` (0 to 9, rounded down) into `text`, "12.0041173", and a NUL. Options
 * of the command line take this form. */
void text_format_seconds(uint64_t ns, unsigned decimals, char text[TEXT_NUMBER_LEN]);

/* Puts a duration into `text` in the unit that suits it, with a NUL: "310.8 us", "1.2 s", "0 ns".
 */
void text_format_duration(uint64_t ns, char text[TEXT_NUMBER_LEN]);

#endif
