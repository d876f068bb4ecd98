/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_MAN_TEXT_H
#define ANALYZER_CLI_MAN_TEXT_H

/* Text of the program as roff, the language of man pages. Errors stick in `out`. */

#include "base/out.h"

/* Prints `len` bytes of text, within a line of roff or at its beginning. Hyphens become minus
 * signs, because people copy them, and what stands in backticks becomes bold. */
void man_text(struct out *out, const char *text, size_t len);

/* Prints a clause as a sentence on a line of its own: a capital first, a full stop last. */
void man_sentence(struct out *out, const char *clause);

/* Prints paragraphs, which "\n\n" separates in `text`, each on a line of its own. */
void man_paragraphs(struct out *out, const char *text);

#endif
