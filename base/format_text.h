#ifndef BASE_FORMAT_TEXT_H
#define BASE_FORMAT_TEXT_H

/*
 * How text from a trace and numbers for a person are printed, the same in every report that is not
 * JSON.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"

/* One character of UTF-8 at text[0..len): its code point, and the bytes it takes in *used (at least
 * 1). What is not valid gives UINT32_MAX and 1. len > 0. */
uint32_t text_decode(const char *text, size_t len, size_t *used);

/* True for what a report must not print raw: C0, DEL, C1, U+2028, U+2029 and the controls of
 * bidirectional text, which could show a person something else than what is there. */
bool text_is_control(uint32_t code_point);

/* Text of a trace on one line of a terminal or log: control characters as \n, \t, \xNN, \u{NNNN},
 * a backslash as it is (Windows paths), what is not UTF-8 as U+FFFD; "##", and "::" at the
 * beginning, with one character escaped, so that no CI system takes it for a command. */
void text_escape(struct out *out, const char *text);
void text_escape_len(struct out *out, const char *text, size_t len);

/* Columns that text_escape takes, counting each character as one. */
size_t text_escape_width(const char *text);

/* A field of RFC 4180: quoted where it must be, control characters escaped as text_escape does,
 * so that a row stays a line; with an apostrophe before what a spreadsheet would calculate. */
void text_csv(struct out *out, const char *text);

#define TEXT_NUMBER_LEN 40

/* With a space between groups of three digits: "1 234 567". NUL-terminated, as the next two. */
void text_format_grouped(uint64_t value, char text[TEXT_NUMBER_LEN]);

/* Seconds with `decimals` (0 to 9, rounded down): "12.0041173", as command lines take them. */
void text_format_seconds(uint64_t ns, unsigned decimals, char text[TEXT_NUMBER_LEN]);

/* A duration in the unit that suits it, four digits at most: "310.8 us", "1.2 s", "0 ns". */
void text_format_duration(uint64_t ns, char text[TEXT_NUMBER_LEN]);

#endif
