/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_TEXT_SCALE_H
#define ANALYZER_REPORTS_TEXT_SCALE_H

/*
 * The overlap of a conflict drawn to scale: one line of characters for each operation over the
 * range of both, '#' where they share memory, '=' where it has it alone, '.' where it has none,
 * '?' where the trace does not tell. Every part that is not empty gets at least one character.
 */

#include <stdbool.h>

#include "analyzer/tracker/conflict.h"

#define TEXT_SCALE_COLUMNS 48

struct text_scale {
    char first[TEXT_SCALE_COLUMNS + 1];
    char second[TEXT_SCALE_COLUMNS + 1];
};

/* False if there is nothing to draw: what is known to be shared is one byte of one byte. */
bool text_scale_draw(const struct conflict *conflict, struct text_scale *scale);

/* "all of the first, 50 % of the second"; percentages rounded down, "under 1 %". */
#define TEXT_SHARES_LEN 96
void text_scale_shares(const struct conflict *conflict, char text[TEXT_SHARES_LEN]);

#endif
