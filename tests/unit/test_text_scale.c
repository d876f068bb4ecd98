/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "analyzer/reports/text_scale.h"

static struct operation ops[2];
static struct conflict conflict;

static void setup(void)
{
    for (unsigned i = 0; i < 2; i++) {
        ops[i] = (struct operation){
            .space = AFD_SPACE_USER, .buffer = 0x1000, .length = 64, .pointer_size = 8};
    }
    conflict = (struct conflict){.first = &ops[0], .second = &ops[1]};
}

TestSuite(text_scale, .init = setup);

static bool draw(uint64_t first, uint32_t first_len, uint64_t second, uint32_t second_len,
                 struct text_scale *scale)
{
    ops[0].buffer = first;
    ops[0].length = first_len;
    ops[1].buffer = second;
    ops[1].length = second_len;
    uint64_t start = first > second ? first : second;
    uint64_t end =
        first + first_len < second + second_len ? first + first_len : second + second_len;
    conflict.overlap_start = start;
    conflict.overlap_len = end - start;
    return text_scale_draw(&conflict, scale);
}

Test(text_scale, memory_is_drawn_to_scale)
{
    static const struct {
        uint64_t first, second;
        uint32_t first_len, second_len;
        const char *one, *other, *shares;
    } rows[] = {
        {0x1000, 0x1000, 2, 2, "##", "##", "all of the first, all of the second"},
        {0x1000, 0x1001, 2, 2, "=#.", ".#=", "50 % of the first, 50 % of the second"},
        {0x1001, 0x1000, 2, 2, ".#=", "=#.", "50 % of the first, 50 % of the second"},
        {0x1000, 0x1001, 4, 2, "=##=", ".##.", "50 % of the first, all of the second"},
        {0x1001, 0x1000, 1, 4, ".#..", "=#==", "all of the first, 25 % of the second"},
        {0x1000, 0x1000, 1, 2, "#.", "#=", "all of the first, 50 % of the second"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text_scale scale;
        char shares[TEXT_SHARES_LEN];
        cr_expect(
            draw(rows[i].first, rows[i].first_len, rows[i].second, rows[i].second_len, &scale));
        cr_expect_str_eq(scale.first, rows[i].one, "%zu: %s", i, scale.first);
        cr_expect_str_eq(scale.second, rows[i].other, "%zu: %s", i, scale.second);
        text_scale_shares(&conflict, shares);
        cr_expect_str_eq(shares, rows[i].shares, "%zu: %s", i, shares);
    }
    struct text_scale scale;
    cr_expect_not(draw(0x1000, 1, 0x1000, 1, &scale), "one byte is no drawing");
}

/* However small a part is, it has a character, and the shared part as well. */
Test(text_scale, every_part_of_memory_is_drawn)
{
    static const uint32_t lens[] = {1, 2, 60, 100, 5000, 1000000};
    for (size_t i = 0; i < 6 * 6 * 6; i++) {
        struct text_scale scale;
        uint32_t left = lens[i % 6], shared = lens[i / 6 % 6], right = lens[i / 36];
        cr_assert(draw(0x1000, left + shared, 0x1000 + left, shared + right, &scale));
        size_t len = strlen(scale.first);
        uint64_t total = (uint64_t)left + shared + right;
        cr_expect_eq(len, total < TEXT_SCALE_COLUMNS ? total : TEXT_SCALE_COLUMNS);
        cr_expect_eq(strlen(scale.second), len);
        cr_expect(scale.first[0] == '=' && scale.second[0] == '.' && scale.first[len - 1] == '.' &&
                  scale.second[len - 1] == '=' && strchr(scale.first, '#') != NULL);
    }
}

/* Of a chain only the first buffer is known: what lies beside it may be its own. */
Test(text_scale, memory_beside_a_chains_is_not_known)
{
    struct text_scale scale;
    char shares[TEXT_SHARES_LEN];
    ops[0].chained = true;
    conflict.overlap_len = 1;
    ops[0].buffer = 0x1001;
    ops[1].buffer = 0x1000;
    ops[1].length = 400;
    cr_assert(text_scale_draw(&conflict, &scale));
    cr_expect_eq(scale.first[0], '?');
    cr_expect_eq(scale.second[0], '=');
    text_scale_shares(&conflict, shares);
    cr_expect_str_eq(shares, "all of the first, under 1 % of the second");
    ops[1].length = 100;
    text_scale_shares(&conflict, shares);
    cr_expect_str_eq(shares, "all of the first, 1 % of the second");
}
