/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "analyzer/memory_limit.h"

#define MIB (UINT64_C(1) << 20)

Test(memory_limit, reading_ends_before_the_limit_and_leaves_room_for_the_end)
{
    struct memory_limit limit;
    memory_limit_init(&limit, 64 * MIB);
    cr_expect_not(memory_limit_ends_reading(&limit));
    limit.held[MEMORY_OPERATIONS] = 50 * MIB;
    limit.held[MEMORY_NAMES] = 6 * MIB - 1;
    cr_expect_not(memory_limit_ends_reading(&limit)); /* the program itself counts as 4 MiB */
    limit.held[MEMORY_NAMES] = 6 * MIB;
    cr_expect(memory_limit_ends_reading(&limit));
    cr_expect_not(memory_limit_is_reached(&limit));
    limit.held[MEMORY_FINDINGS] = 4 * MIB;
    cr_expect(memory_limit_is_reached(&limit));
}

Test(memory_limit, the_default_is_four_gibibytes)
{
    struct memory_limit limit;
    memory_limit_init(&limit, 0);
    cr_expect(eq(u64, limit.max, UINT64_C(4) << 30));
}

Test(memory_limit, the_text_names_what_was_large)
{
    struct memory_limit limit;
    char text[MEMORY_LIMIT_TEXT_LEN];
    memory_limit_init(&limit, 64 * MIB);
    limit.held[MEMORY_STACKS] = 20 * MIB + MIB / 2;
    limit.held[MEMORY_OPERATIONS] = 31 * MIB;
    limit.held[MEMORY_READER] = MIB;
    limit.held[MEMORY_NAMES] = 1000;
    memory_limit_text(&limit, text);
    cr_expect(eq(str, text,
                 "the limit of 64.0 MiB (--max-memory) was reached; operations took 31.0 MiB, call "
                 "stacks 20.5 MiB, the reader 1.0 MiB"));
}

/* Of equal ones the first is named; the third may be 0. */
Test(memory_limit, what_was_equally_large_is_named_in_a_fixed_order)
{
    struct memory_limit limit;
    char text[MEMORY_LIMIT_TEXT_LEN];
    memory_limit_init(&limit, MIB);
    limit.held[MEMORY_REPORTS] = limit.held[MEMORY_PLACES] = MIB / 10 - 1;
    memory_limit_text(&limit, text);
    cr_expect(eq(str, text,
                 "the limit of 1.0 MiB (--max-memory) was reached; sockets, processes and threads "
                 "took 0.0 MiB, reports 0.0 MiB, the reader 0.0 MiB"));
}

Test(memory_limit, the_largest_numbers_fit)
{
    struct memory_limit limit;
    char text[MEMORY_LIMIT_TEXT_LEN];
    memory_limit_init(&limit, UINT64_MAX);
    for (size_t i = 0; i < MEMORY_KIND_COUNT; i++) {
        limit.held[i] = UINT64_MAX;
    }
    memory_limit_text(&limit, text);
    cr_expect_not_null(strstr(text, "17592186044415.9 MiB"));
}
