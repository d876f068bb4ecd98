/* SPDX-License-Identifier: Apache-2.0 */

#include "base/glob.h"

#include <stddef.h>

static char folded(char c, bool fold)
{
    return fold && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Only the last star needs to be tried again: an earlier one could give nothing that it can't. */
bool glob_match(const char *pattern, const char *text, bool fold)
{
    const char *star = NULL, *tried = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            tried = text;
        } else if (*pattern != '\0' &&
                   (*pattern == '?' || folded(*pattern, fold) == folded(*text, fold))) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star + 1;
            text = ++tried;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}
