/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf.h"

/* Bytes in memory of exactly their length. */
static size_t wide(const char *bytes, size_t len, char *text, size_t text_len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    cr_assert_not_null(copy);
    memcpy(copy, bytes, len);
    size_t used = utf_from_utf16le(copy, len, text, text_len);
    free(copy);
    return used;
}

static size_t narrow(const char *bytes, size_t len, char *text, size_t text_len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    cr_assert_not_null(copy);
    memcpy(copy, bytes, len);
    size_t used = utf_from_bytes(copy, len, text, text_len);
    free(copy);
    return used;
}

Test(utf, wide_text_ends_at_its_nul)
{
    char text[32];
    cr_assert_eq(wide("a\0\xE4\0\xAC\x20\0\0x\0", 10, text, sizeof text), 8);
    cr_assert_str_eq(text, "a\xC3\xA4\xE2\x82\xAC");
    cr_assert_eq(wide("\0\0", 2, text, sizeof text), 2);
    cr_assert_str_eq(text, "");
}

Test(utf, wide_text_without_nul_ends_with_its_bytes)
{
    char text[32];
    cr_assert_eq(wide("a\0b\0", 4, text, sizeof text), 4);
    cr_assert_str_eq(text, "ab");
    cr_assert_eq(wide("a\0b", 3, text, sizeof text), 3);
    cr_assert_str_eq(text, "a\xEF\xBF\xBD");
    cr_assert_eq(wide("", 0, text, sizeof text), 0);
    cr_assert_str_eq(text, "");
}

Test(utf, surrogates_pair_or_are_replaced)
{
    char text[32];
    wide("\x3D\xD8\x00\xDE", 4, text, sizeof text);
    cr_assert_str_eq(text, "\xF0\x9F\x98\x80");
    wide("\x3D\xD8x\0", 4, text, sizeof text);
    cr_assert_str_eq(text, "\xEF\xBF\xBDx");
    wide("\x00\xDEx\0", 4, text, sizeof text);
    cr_assert_str_eq(text, "\xEF\xBF\xBDx");
    wide("\x3D\xD8", 2, text, sizeof text);
    cr_assert_str_eq(text, "\xEF\xBF\xBD");
    wide("\x3D\xD8\x3D\xD8\x00\xDE", 6, text, sizeof text);
    cr_assert_str_eq(text, "\xEF\xBF\xBD\xF0\x9F\x98\x80");
}

Test(utf, text_is_cut_at_a_character_and_still_consumed)
{
    char text[8];
    memset(text, 'x', sizeof text);
    /* Room for "ab" and one byte: the three bytes of the euro sign don't fit, and what follows
     * must not close up. */
    cr_assert_eq(wide("a\0b\0\xAC\x20"
                      "c\0\0\0",
                      10, text, 4),
                 10);
    cr_assert_str_eq(text, "ab");
    cr_assert_eq(text[4], 'x');
    cr_assert_eq(wide("a\0\0\0", 4, text, 1), 4);
    cr_assert_str_eq(text, "");
    text[0] = 'x';
    cr_assert_eq(wide("a\0\0\0", 4, text, 0), 4);
    cr_assert_eq(text[0], 'x');
}

Test(utf, bytes_keep_utf8_and_read_the_rest_as_latin1)
{
    char text[32];
    cr_assert_eq(narrow("a\xC3\xA4\0b", 5, text, sizeof text), 4);
    cr_assert_str_eq(text, "a\xC3\xA4");
    cr_assert_eq(narrow("a\xE4", 2, text, sizeof text), 2);
    cr_assert_str_eq(text, "a\xC3\xA4");
    narrow("\xC0\x80", 2, text, sizeof text);
    cr_assert_str_eq(text, "\xC3\x80\xC2\x80", "overlong");
    narrow("\xED\xA0\x80", 3, text, sizeof text);
    cr_assert_str_eq(text, "\xC3\xAD\xC2\xA0\xC2\x80", "a surrogate");
    narrow("\xF5\x80\x80\x80", 4, text, sizeof text);
    cr_assert_str_eq(text, "\xC3\xB5\xC2\x80\xC2\x80\xC2\x80", "beyond Unicode");
    narrow("\xF0\x9F\x98\x80\xE2\x82", 6, text, sizeof text);
    cr_assert_str_eq(text, "\xF0\x9F\x98\x80\xC3\xA2\xC2\x82", "cut");
    cr_assert_eq(narrow("a\x01\x1B", 3, text, sizeof text), 3);
    cr_assert_str_eq(text, "a\x01\x1B", "control characters are kept");
    cr_assert_eq(narrow("", 0, text, sizeof text), 0);
    cr_assert_str_eq(text, "");
}
