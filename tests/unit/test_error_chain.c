/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
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

/* `want` bytes are left of 'a', `count` times, with `rest` behind it. */
static void expect_left(size_t count, const char *rest, size_t want)
{
    struct error_chain chain;
    char text[ERROR_CAUSE_TEXT_MAX + 32];
    memset(text, 'a', count);
    snprintf(text + count, 32, "%s", rest);
    error_chain_init(&chain);
    error_chain_add(&chain, ERROR_NO_OFFSET, "%s", text);
    cr_expect_eq(strlen(chain.causes[0].text), want, "%zu and %s: %zu", count, rest,
                 strlen(chain.causes[0].text));
    cr_expect(memcmp(chain.causes[0].text, text, want) == 0);
}

/* A cut takes whole characters, and no more of them than it must. */
Test(error_chain, what_fits_is_kept)
{
    enum { MOST = ERROR_CAUSE_TEXT_MAX - 1 };
    expect_left(0, "", 0);
    expect_left(MOST - 1, "", MOST - 1);
    expect_left(MOST, "", MOST);
    expect_left(MOST + 1, "", MOST);
    expect_left(MOST - 2, "\xC3\xA9", MOST);
    expect_left(MOST - 2, "\xC3\xA9 and more", MOST);
    expect_left(MOST - 1, "\xC3\xA9", MOST - 1);
    expect_left(MOST - 1, "\xC3\xA9 and more", MOST - 1);
    expect_left(MOST - 3, "\xE2\x82\xAC and more", MOST);
    expect_left(MOST - 2, "\xE2\x82\xAC and more", MOST - 2);
    expect_left(MOST - 1, "\xE2\x82\xAC and more", MOST - 1);
    expect_left(MOST - 3, "\xF0\x9F\x98\x80 and more", MOST - 3);
    expect_left(MOST - 5, "\xC3\xA9 and more", MOST);
}

Test(error_chain, format_gives_as_much_as_there_is_room_for)
{
    struct error_chain chain;
    static const char want[] = "outer (offset 2): inner";
    error_chain_init(&chain);
    error_chain_add(&chain, ERROR_NO_OFFSET, "inner");
    error_chain_add(&chain, 2, "outer");
    for (unsigned room = 1; room <= sizeof want + 2; room++) {
        char text[32];
        memset(text, 'x', sizeof text);
        error_chain_format(&chain, text, room);
        size_t len = room - 1 < sizeof want - 1 ? room - 1 : sizeof want - 1;
        cr_expect_eq(strlen(text), len, "%u", room);
        cr_expect(memcmp(text, want, len) == 0, "%u: %s", room, text);
        cr_expect_eq(text[room], 'x', "%u", room);
    }
}
