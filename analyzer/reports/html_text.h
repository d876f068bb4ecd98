/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_HTML_TEXT_H
#define ANALYZER_REPORTS_HTML_TEXT_H

/* Text inside HTML. */

#include <stddef.h>
#include <stdint.h>

#include "base/out.h"

/* Text of a trace, control characters made visible as in every report, markup escaped. NULL writes
 * nothing. */
void html_text(struct out *out, const char *text);

/* Printable text of ours, several lines or not: only markup is escaped. */
void html_escape(struct out *out, const char *text, size_t len);

/* JSON inside a script element: '<' can stand only in its strings, as \u003c there, so that no
 * string ends the element. */
void html_json(struct out *out, const char *json, size_t len);

/* "1 234 567" with narrow spaces that do not break. */
void html_count(struct out *out, uint64_t value);

/* "12 sends" */
void html_plural(struct out *out, uint64_t value, const char *noun);

#endif
