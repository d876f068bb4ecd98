#ifndef ANALYZER_CLI_SUGGEST_H
#define ANALYZER_CLI_SUGGEST_H

#include <stddef.h>

/* What somebody who typed `text` probably meant: the candidate with the smallest edit distance
 * (insertions, deletions, replacements, swapped neighbours), the first of several; NULL if none is
 * near, or `text` is longer than any option is. */
const char *suggest_nearest(const char *text, const char *const *candidates, size_t count);

#endif
