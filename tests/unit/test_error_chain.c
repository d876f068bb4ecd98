/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "base/error_chain.h"

Test(error_chain, innermost_cause_stands_last_with_its_offset)
{
    struct error_chain chain;
    char text[256];
    error_chain_init(&chain);
    error_chain_add(&chain, 72, "wanted %d, got %d", 5, 3);
    error_chain_add(&chain, ERROR_NO_OFFSET, "can't open");
    error_chain_format(&chain, text, sizeof text);
    cr_assert_str_eq(text, "can't open: wanted 5, got 3 (offset 72)");
}

Test(error_chain, empty_chain_gives_empty_text)
{
    struct error_chain chain;
    char text[8] = "before";
    error_chain_init(&chain);
    error_chain_format(&chain, text, sizeof text);
    cr_assert_str_eq(text, "");
}

Test(error_chain, full_chain_keeps_the_innermost)
{
    struct error_chain chain;
    error_chain_init(&chain);
    for (int i = 0; i < ERROR_CHAIN_MAX + 3; i++) {
        error_chain_add(&chain, ERROR_NO_OFFSET, "cause %d", i);
    }
    cr_assert_eq(chain.count, ERROR_CHAIN_MAX);
    cr_assert_str_eq(chain.causes[0].text, "cause 0");
    cr_assert_str_eq(chain.causes[ERROR_CHAIN_MAX - 1].text, "cause 5");
}

Test(error_chain, null_chain_is_ignored)
{
    error_chain_add(NULL, 0, "nobody listens");
}

Test(error_chain, long_text_is_cut_at_a_character)
{
    struct error_chain chain;
    char longer[ERROR_CAUSE_TEXT_MAX * 2];
    error_chain_init(&chain);
    /* Two-byte characters from an odd position: the cut falls inside one. */
    for (size_t i = 0; i + 1 < sizeof longer; i += 2) {
        memcpy(longer + i, "\xC3\xA9", 2);
    }
    longer[sizeof longer - 1] = '\0';
    error_chain_add(&chain, ERROR_NO_OFFSET, "%s", longer);
    size_t len = strlen(chain.causes[0].text);
    cr_assert_eq(len, ERROR_CAUSE_TEXT_MAX - 2);
    cr_assert_eq((unsigned char)chain.causes[0].text[len - 1], 0xA9);
}

Test(error_chain, format_is_bounded)
{
    struct error_chain chain;
    char text[10];
    error_chain_init(&chain);
    error_chain_add(&chain, 1, "inner cause");
    error_chain_add(&chain, 2, "outer cause");
    error_chain_format(&chain, text, sizeof text);
    cr_assert_str_eq(text, "outer cau");
    error_chain_format(&chain, text, 0);
    cr_assert_str_eq(text, "outer cau");
}
