/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/memory_limit.h"

#include <stdio.h>
#include <string.h>

#define SHARE_FOR_THE_END 16            /* a divisor of the limit */
#define PROGRAM_LEN (UINT64_C(4) << 20) /* bytes that the program takes without an input */
#define SHOWN_KINDS 3

void memory_limit_init(struct memory_limit *limit, uint64_t max)
{
    *limit = (struct memory_limit){.max = max != 0 ? max : MEMORY_LIMIT_DEFAULT};
}

static uint64_t held_together(const struct memory_limit *limit)
{
    uint64_t sum = PROGRAM_LEN;
    for (size_t i = 0; i < MEMORY_KIND_COUNT; i++) {
        sum += limit->held[i];
    }
    return sum;
}

bool memory_limit_ends_reading(const struct memory_limit *limit)
{
    return held_together(limit) >= limit->max - limit->max / SHARE_FOR_THE_END;
}

bool memory_limit_is_reached(const struct memory_limit *limit)
{
    return held_together(limit) >= limit->max;
}

static const char *const kind_names[MEMORY_KIND_COUNT] = {
    [MEMORY_READER] = "the reader",
    [MEMORY_OPERATIONS] = "operations",
    [MEMORY_CONFLICTS] = "conflicts that wait for an end",
    [MEMORY_STACKS] = "call stacks",
    [MEMORY_PLACES] = "sockets, processes and threads",
    [MEMORY_FINDINGS] = "findings",
    [MEMORY_NAMES] = "names",
    [MEMORY_REPORTS] = "reports",
};

/* The largest kind that `shown` does not have yet. */
static size_t largest_kind(const struct memory_limit *limit, const bool *shown)
{
    size_t largest = MEMORY_KIND_COUNT;
    for (size_t i = 0; i < MEMORY_KIND_COUNT; i++) {
        if (!shown[i] && (largest == MEMORY_KIND_COUNT || limit->held[i] > limit->held[largest])) {
            largest = i;
        }
    }
    return largest;
}

static size_t add_mebibytes(char *text, size_t used, uint64_t bytes)
{
    uint64_t tenths = bytes / 1024 * 10 / 1024;
    int len = snprintf(text + used, MEMORY_LIMIT_TEXT_LEN - used, "%llu.%llu MiB",
                       (unsigned long long)(tenths / 10), (unsigned long long)(tenths % 10));
    return used + (size_t)len;
}

static size_t add_words(char *text, size_t used, const char *words)
{
    return used + (size_t)snprintf(text + used, MEMORY_LIMIT_TEXT_LEN - used, "%s", words);
}

/* The longest names and numbers of 20 digits fit. */
void memory_limit_text(const struct memory_limit *limit, char text[MEMORY_LIMIT_TEXT_LEN])
{
    bool shown[MEMORY_KIND_COUNT] = {false};
    size_t used = add_words(text, 0, "the limit of ");
    used = add_mebibytes(text, used, limit->max);
    used = add_words(text, used, " (--max-memory) was reached");
    for (size_t i = 0; i < SHOWN_KINDS; i++) {
        size_t kind = largest_kind(limit, shown);
        shown[kind] = true;
        used = add_words(text, used, i == 0 ? "; " : ", ");
        used = add_words(text, used, kind_names[kind]);
        used = add_words(text, used, i == 0 ? " took " : " ");
        used = add_mebibytes(text, used, limit->held[kind]);
    }
}
