/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/text_scale.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/reports/parts.h"

/* The characters for `len` of `total` bytes in `columns` characters. */
static unsigned scale_part(uint64_t len, uint64_t total, unsigned columns)
{
    if (len == 0) {
        return 0;
    }
    unsigned part = (unsigned)((double)len / (double)total * columns + 0.5);
    return part == 0 ? 1 : part;
}

/* The mark outside the shared part: the operation's own memory, or none as far as is known. */
static char mark(bool own, const struct operation *op)
{
    if (own) {
        return '=';
    }
    return op->chained ? '?' : '.';
}

static void draw(char *line, const unsigned parts[3], const char marks[3])
{
    for (int i = 0; i < 3; i++) {
        memset(line, marks[i], parts[i]);
        line += parts[i];
    }
    *line = '\0';
}

bool text_scale_draw(const struct conflict *conflict, struct text_scale *scale)
{
    struct part_memory a, b;
    part_memory(conflict->first, &a);
    part_memory(conflict->second, &b);
    uint64_t left = a.start < b.start ? b.start - a.start : a.start - b.start;
    uint64_t shared = conflict->overlap_len;
    uint64_t a_last = a.start + (a.len - 1);
    uint64_t b_last = b.start + (b.len - 1);
    uint64_t right = a_last < b_last ? b_last - a_last : a_last - b_last;
    uint64_t total = left + shared + right;
    if (total < 2) {
        return false;
    }

    unsigned columns = total < TEXT_SCALE_COLUMNS ? (unsigned)total : TEXT_SCALE_COLUMNS;
    unsigned parts[3] = {scale_part(left, total, columns), 0, scale_part(right, total, columns)};
    while (parts[0] + parts[2] >= columns) {
        parts[parts[0] > parts[2] ? 0 : 2]--;
    }
    parts[1] = columns - parts[0] - parts[2];
    draw(scale->first, parts,
         (const char[3]){mark(a.start < b.start, conflict->first), '#',
                         mark(a_last > b_last, conflict->first)});
    draw(scale->second, parts,
         (const char[3]){mark(b.start < a.start, conflict->second), '#',
                         mark(b_last > a_last, conflict->second)});
    return true;
}

static void share_text(char text[32], uint64_t shared, uint64_t len)
{
    unsigned percent = (unsigned)((double)shared / (double)len * 100.0);
    if (shared >= len) {
        snprintf(text, 32, "all");
    } else if (percent == 0) {
        snprintf(text, 32, "under 1 %%");
    } else {
        snprintf(text, 32, "%u %%", percent);
    }
}

void text_scale_shares(const struct conflict *conflict, char text[TEXT_SHARES_LEN])
{
    struct part_memory a, b;
    char first[32], second[32];
    part_memory(conflict->first, &a);
    part_memory(conflict->second, &b);
    share_text(first, conflict->overlap_len, a.len);
    share_text(second, conflict->overlap_len, b.len);
    snprintf(text, TEXT_SHARES_LEN, "%s of the first, %s of the second", first, second);
}
