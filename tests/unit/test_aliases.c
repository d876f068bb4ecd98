/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "analyzer/cut/aliases.h"

static struct aliases *aliases;

static void setup(void)
{
    aliases = aliases_create(ALIASES_BYTES_MAX);
    cr_assert_not_null(aliases);
}

static void teardown(void)
{
    aliases_destroy(aliases);
}

TestSuite(aliases, .init = setup, .fini = teardown);

static uint64_t address_of(enum alias_kind kind, uint64_t address)
{
    bool no_memory = false;
    uint64_t alias = aliases_address(aliases, kind, address, &no_memory);
    cr_assert_not(no_memory);
    return alias;
}

Test(aliases, of_addresses_follow_in_steps)
{
    static const struct {
        enum alias_kind kind;
        uint64_t address, alias;
    } rows[] = {
        {ALIAS_ADDRESS, UINT64_C(0xffffa00000001000), UINT64_C(0xffff9add00000010)},
        {ALIAS_ADDRESS, UINT64_C(0xffffa00000002000), UINT64_C(0xffff9add00000020)},
        {ALIAS_ADDRESS, 0x81000000, 0x9add0010},
        {ALIAS_ADDRESS, UINT32_MAX, 0x9add0020},
        {ALIAS_ADDRESS, UINT64_C(0x100000000), UINT64_C(0xffff9add00000030)},
        {ALIAS_NOWHERE, UINT64_C(0x0080000000000000), UINT64_C(0x4add000000000010)},
        {ALIAS_NOWHERE, UINT64_C(0x0080000000000001), UINT64_C(0x4add000000000020)},
        {ALIAS_ADDRESS, 0, 0},
        {ALIAS_NOWHERE, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(address_of(rows[i].kind, rows[i].address), 0, "not yet");
    }
    aliases_assign(aliases);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(address_of(rows[i].kind, rows[i].address), rows[i].alias, "%zu: %llx", i,
                     (unsigned long long)address_of(rows[i].kind, rows[i].address));
    }
}

static const uint8_t *value_of(enum alias_kind kind, const void *value, size_t len)
{
    const struct alias *alias = aliases_of(aliases, kind, value, len);
    cr_assert_not_null(alias);
    return alias->value;
}

Test(aliases, of_sockets_and_activities_are_numbered)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        const uint8_t *four = value_of(ALIAS_IPV4, "\xc0\xa8\1\7", 4);
        const uint8_t *other = value_of(ALIAS_IPV4, "\xc0\xa8\1\x8", 4);
        const uint8_t *six = value_of(ALIAS_IPV6, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
        const uint8_t *activity = value_of(ALIAS_ACTIVITY, "0123456789abcdef", 16);
        if (pass == 0) {
            aliases_assign(aliases);
            continue;
        }
        cr_expect_arr_eq(four, "\x0a\0\0\1", 4);
        cr_expect_arr_eq(other, "\x0a\0\0\2", 4);
        cr_expect_arr_eq(six, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
        cr_expect_arr_eq(activity, "\1\0\0\0\0\0\0\0", 8);
        cr_expect_neq(activity[15], 0, "no address has such an alias");
    }
}

/* An alias that is itself a noted value of its kind is left out; one of another kind is not. */
Test(aliases, are_no_values_of_the_trace)
{
    address_of(ALIAS_ADDRESS, UINT64_C(0xffff9add00000010));
    address_of(ALIAS_ADDRESS, UINT64_C(0xffff9add00000030));
    address_of(ALIAS_ADDRESS, UINT64_C(0xffffa00000001000));
    address_of(ALIAS_NOWHERE, UINT64_C(0xffff9add00000020));
    aliases_assign(aliases);
    cr_expect_eq(address_of(ALIAS_ADDRESS, UINT64_C(0xffff9add00000010)),
                 UINT64_C(0xffff9add00000020));
    cr_expect_eq(address_of(ALIAS_ADDRESS, UINT64_C(0xffff9add00000030)),
                 UINT64_C(0xffff9add00000040));
    cr_expect_eq(address_of(ALIAS_ADDRESS, UINT64_C(0xffffa00000001000)),
                 UINT64_C(0xffff9add00000050));
}

/* Texts have their number at once, each kind its own. */
Test(aliases, of_texts_are_numbers)
{
    static const struct {
        enum alias_kind kind;
        const char *text;
        uint32_t number;
    } rows[] = {{ALIAS_SID, "a", 1},    {ALIAS_SID, "b", 2},   {ALIAS_COMMAND, "b", 1},
                {ALIAS_FOLDER, "a", 1}, {ALIAS_IMAGE, "a", 1}, {ALIAS_IMAGE, "", 2},
                {ALIAS_IMAGE, "aa", 3}, {ALIAS_PDB, "a", 1},   {ALIAS_THREAD, "a", 1},
                {ALIAS_SID, "a", 1},    {ALIAS_SID, "c", 3},   {ALIAS_IMAGE, "aa", 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct alias *alias =
            aliases_of(aliases, rows[i].kind, rows[i].text, strlen(rows[i].text));
        cr_assert_not_null(alias);
        cr_expect_eq(alias->number, rows[i].number, "%zu: %u", i, alias->number);
    }
    cr_expect(aliases_noted(aliases, ALIAS_SID, "c", 1));
    cr_expect_not(aliases_noted(aliases, ALIAS_SID, "d", 1));
    cr_expect_not(aliases_noted(aliases, ALIAS_COMMAND, "c", 1));
    cr_expect_not(aliases_noted(aliases, ALIAS_SID, "cc", 2));
}

/* Of a text the first 1,024 bytes count. */
Test(aliases, of_long_texts_go_by_their_beginning)
{
    char text[1100];
    memset(text, 'a', sizeof text);
    cr_assert_eq(aliases_of(aliases, ALIAS_COMMAND, text, 1024)->number, 1);
    cr_assert_eq(aliases_of(aliases, ALIAS_COMMAND, text, 1025)->number, 1);
    cr_assert_eq(aliases_of(aliases, ALIAS_COMMAND, text, 1100)->number, 1);
    cr_assert_eq(aliases_of(aliases, ALIAS_COMMAND, text, 1023)->number, 2);
}

/* The first value that is one too many is told, by the bytes that it would have led to. */
Test(aliases, have_a_limit)
{
    aliases_destroy(aliases);
    aliases = aliases_create(0);
    cr_assert_null(aliases_of(aliases, ALIAS_SID, "a", 1));
    uint64_t one = aliases_wanted(aliases);
    cr_assert_gt(one, 1);
    aliases_destroy(aliases);
    aliases = aliases_create(2 * one);
    cr_expect_not_null(aliases_of(aliases, ALIAS_SID, "a", 1));
    cr_expect_not_null(aliases_of(aliases, ALIAS_SID, "b", 1));
    cr_expect_not_null(aliases_of(aliases, ALIAS_SID, "a", 1));
    cr_expect_eq(aliases_wanted(aliases), 0);
    cr_expect_null(aliases_of(aliases, ALIAS_SID, "c", 1));
    cr_expect_eq(aliases_wanted(aliases), 3 * one);
    cr_expect_null(aliases_of(aliases, ALIAS_SID, "longer", 6));
    cr_expect_eq(aliases_wanted(aliases), 3 * one, "the first one stays");
    cr_expect_not_null(aliases_of(aliases, ALIAS_SID, "b", 1));
    bool no_memory = false;
    cr_expect_eq(aliases_address(aliases, ALIAS_ADDRESS, 7, &no_memory), 0);
    cr_expect(no_memory);
    aliases_destroy(aliases);
    aliases = aliases_create(2 * one - 1);
    cr_expect_not_null(aliases_of(aliases, ALIAS_SID, "a", 1));
    cr_expect_null(aliases_of(aliases, ALIAS_SID, "b", 1));
    cr_expect_eq(aliases_wanted(aliases), 2 * one);
}
