/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_SUGGEST_H
#define ANALYZER_CLI_SUGGEST_H

#include <stddef.h>

/* The candidate that somebody who typed `text` probably meant: the one with the smallest edit
 * distance (insertions, deletions, replacements, swapped neighbours; letters of either case are the
 * same), the first of several. NULL if none is near, or `text` is longer than every option. */
const char *suggest_nearest(const char *text, const char *const *candidates, size_t count);

#endif
