/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/suggest.h"

#include <stdbool.h>
#include <string.h>

#define WORD_MAX 40 /* longer than every option, command, rule and format */

/* Letters of either case are the same letter. */
static char folded_letter(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static bool same_letter(char a, char b)
{
    return folded_letter(a) == folded_letter(b);
}

static unsigned smaller_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment. Both are at most WORD_MAX long. */
static unsigned edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned rows[3][WORD_MAX + 1];
    for (size_t j = 0; j <= b_len; j++) {
        rows[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        const unsigned *above_that = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned replace = above[j - 1] + !same_letter(a[i - 1], b[j - 1]);
            row[j] = smaller_of(replace, smaller_of(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1])) {
                row[j] = smaller_of(row[j], above_that[j - 2] + 1);
            }
        }
    }
    return rows[a_len % 3][b_len];
}

const char *suggest_nearest(const char *text, const char *const *candidates, size_t count)
{
    size_t text_len = strlen(text);
    if (text_len == 0 || text_len > WORD_MAX) {
        return NULL;
    }
    const char *nearest = NULL;
    unsigned best = (unsigned)(text_len / 3) + 2; /* a third of the word, rounded up, is too much */
    if (best > 4) {
        best = 4;
    }
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(candidates[i]);
        if (len > WORD_MAX) {
            continue;
        }
        unsigned distance = edit_distance(text, text_len, candidates[i], len);
        if (distance < best && distance < len) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}
