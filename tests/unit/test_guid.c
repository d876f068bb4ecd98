/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "base/guid.h"
#include "tests/support/guid_parse.h"

static const struct guid afd = {{0x23, 0x68, 0x3C, 0xE5, 0xB8, 0x7B, 0xBB, 0x44, 0x90, 0xDC, 0x3F,
                                 0x86, 0x09, 0x0D, 0x48, 0xA6}};

Test(guid, text_has_the_first_three_fields_turned_round)
{
    char text[GUID_TEXT_LEN];
    guid_format(&afd, text);
    cr_assert_str_eq(text, "e53c6823-7bb8-44bb-90dc-3f86090d48a6");
}

Test(guid, parse_takes_either_case_and_braces)
{
    static const char *const texts[] = {"e53c6823-7bb8-44bb-90dc-3f86090d48a6",
                                        "E53C6823-7BB8-44BB-90DC-3F86090D48A6",
                                        "{E53c6823-7bb8-44bb-90dc-3f86090d48a6}"};
    for (unsigned i = 0; i < 3; i++) {
        struct guid guid = {{0}};
        cr_assert(guid_parse(texts[i], &guid), "%s", texts[i]);
        cr_assert(guid_equal(&guid, &afd));
    }
}

Test(guid, parse_refuses_everything_else_and_leaves_the_guid_alone)
{
    static const char *const texts[] = {"",
                                        "{",
                                        "e53c6823",
                                        "e53c6823-7bb8-44bb-90dc-3f86090d48a",
                                        "e53c6823-7bb8-44bb-90dc-3f86090d48a67",
                                        "e53c6823-7bb8-44bb-90dc-3f86090d48a6}",
                                        "{e53c6823-7bb8-44bb-90dc-3f86090d48a6",
                                        "e53c68237bb844bb90dc3f86090d48a6",
                                        "e53c6823-7bb844bb-90dc-3f86090d48a6-",
                                        "g53c6823-7bb8-44bb-90dc-3f86090d48a6",
                                        " e53c6823-7bb8-44bb-90dc-3f86090d48a6"};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct guid guid = afd;
        cr_expect_not(guid_parse(texts[i], &guid), "%s", texts[i]);
        cr_expect(guid_equal(&guid, &afd));
    }
}

Test(guid, equality_looks_at_every_byte)
{
    static const struct guid zero;
    cr_assert(guid_is_zero(&zero));
    for (unsigned i = 0; i < 16; i++) {
        struct guid other = zero;
        other.bytes[i] = 1;
        cr_expect_not(guid_is_zero(&other));
        cr_expect_not(guid_equal(&other, &zero));
    }
}
