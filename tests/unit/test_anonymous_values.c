/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "analyzer/cut/anonymous_values.h"

#define DAY INT64_C(864000000000)
#define YEAR_2000 (INT64_C(145731) * DAY)
#define USER UINT64_C(0x1a2b3c4000)
#define KERNEL UINT64_C(0xffffa08000001000)
#define USER64_LAST UINT64_C(0x7FFFFFFFFFFF)

static const struct anonymous_names no_names;
static const struct own_code no_own_code;
static struct anonymous *made;

static void begin(bool all, int64_t start_filetime)
{
    const struct anonymous_settings settings = {
        .all = all, .names = &no_names, .own = &no_own_code};
    struct etl_trace_info info = {.start_filetime = start_filetime};
    made = anonymous_create(&settings);
    cr_assert_not_null(made);
    anonymous_begin(made, &info);
}

static uint64_t address(uint64_t value)
{
    return anonymous_address(made, value, 8);
}

static uint64_t address32(uint64_t value)
{
    return anonymous_address(made, value, 4);
}

/* ---- times ---- */

Test(anonymous_values, the_day_becomes_the_first_of_2000)
{
    begin(false, YEAR_2000 + 9500 * DAY + 12345);
    cr_assert_eq(anonymous_filetime(made, (uint64_t)(YEAR_2000 + 9500 * DAY + 12345)),
                 (uint64_t)YEAR_2000 + 12345);
    cr_assert_eq(anonymous_filetime(made, (uint64_t)(YEAR_2000 + 9502 * DAY)),
                 (uint64_t)(YEAR_2000 + 2 * DAY));
    anonymous_destroy(made);
}

Test(anonymous_values, days_before_2000_move_up)
{
    begin(false, YEAR_2000 - 100 * DAY + 7);
    cr_assert_eq(anonymous_filetime(made, (uint64_t)(YEAR_2000 - 100 * DAY + 7)),
                 (uint64_t)YEAR_2000 + 7);
    cr_assert_eq(anonymous_filetime(made, (uint64_t)(INT64_MAX - 100 * DAY)), (uint64_t)INT64_MAX,
                 "the last one that can move");
    cr_assert_eq(anonymous_filetime(made, (uint64_t)(INT64_MAX - 100 * DAY + 1)),
                 (uint64_t)(INT64_MAX - 100 * DAY + 1), "what would not fit stays");
    anonymous_destroy(made);
}

Test(anonymous_values, what_is_no_time_of_that_day_stays)
{
    begin(false, YEAR_2000 + 9500 * DAY);
    const int64_t shift = 9500 * DAY;
    cr_assert_eq(anonymous_filetime(made, 0), 0);
    cr_assert_eq(anonymous_filetime(made, 1), 1);
    cr_assert_eq(anonymous_filetime(made, (uint64_t)shift - 1), (uint64_t)shift - 1);
    cr_assert_eq(anonymous_filetime(made, (uint64_t)shift), 0);
    cr_assert_eq(anonymous_filetime(made, UINT64_C(1) << 63), UINT64_C(1) << 63);
    anonymous_destroy(made);
}

/* A clock that counts from the start of Windows tells no day. */
Test(anonymous_values, a_time_of_less_than_a_day_is_none)
{
    begin(false, DAY - 1);
    cr_assert_eq(anonymous_filetime(made, 12345), 0);
    cr_assert_not(made->knows_day);
    anonymous_note_day(made, YEAR_2000 + DAY);
    cr_assert_not(made->knows_day, "the clock does not count FILETIMEs");
    made->ticks_are_time = true;
    anonymous_note_day(made, DAY);
    cr_assert(made->knows_day);
    cr_assert_eq(anonymous_ticks(made, DAY), YEAR_2000);
    anonymous_note_day(made, 500 * DAY);
    cr_assert_eq(anonymous_ticks(made, DAY), YEAR_2000, "the first day stays the day");
    anonymous_destroy(made);
}

Test(anonymous_values, ticks_of_another_clock_stay)
{
    begin(false, YEAR_2000 + 9500 * DAY);
    cr_assert_eq(anonymous_ticks(made, YEAR_2000 + 9500 * DAY), YEAR_2000 + 9500 * DAY);
    anonymous_destroy(made);
}

/* ---- addresses ---- */

Test(anonymous_values, identities_have_an_alias_each)
{
    begin(false, YEAR_2000);
    anonymous_identity(made, KERNEL);
    anonymous_identity(made, KERNEL + 8);
    cr_assert(anonymous_assign(made));
    cr_assert_neq(anonymous_identity(made, KERNEL), KERNEL);
    cr_assert_neq(anonymous_identity(made, KERNEL), anonymous_identity(made, KERNEL + 8));
    cr_assert_eq(anonymous_identity(made, KERNEL), anonymous_identity(made, KERNEL));
    cr_assert_eq(anonymous_identity(made, 0), 0);
    anonymous_destroy(made);
}

Test(anonymous_values, user_addresses_stay_unless_all_is_asked)
{
    begin(false, YEAR_2000);
    cr_assert_eq(address(USER), USER);
    address(KERNEL);
    cr_assert(anonymous_assign(made));
    cr_assert_eq(address(USER), USER);
    cr_assert_eq(address(USER64_LAST), USER64_LAST);
    cr_assert_eq(address32(0x7FFFFFFF), 0x7FFFFFFF);
    cr_assert_neq(address(KERNEL), KERNEL);
    anonymous_destroy(made);
}

Test(anonymous_values, with_all_user_memory_moves_as_a_whole)
{
    begin(true, YEAR_2000);
    anonymous_note_memory(made, USER, 0x30000, 8);
    address(USER + 0x100000);
    address(USER64_LAST);
    address(0);
    cr_assert(anonymous_assign(made));
    cr_assert_neq(address(USER), USER);
    cr_assert_leq(address(USER), USER64_LAST);
    cr_assert_eq(address(USER + 0x2ffff) - address(USER), 0x2ffff);
    cr_assert_neq(address(USER + 0x100000), USER + 0x100000);
    cr_assert_eq(address(0), 0);
    cr_assert_eq(address(USER64_LAST), USER64_LAST, "no program has memory at the top");
    cr_assert_eq(address(USER64_LAST & ~UINT64_C(0xFFFF)), USER64_LAST & ~UINT64_C(0xFFFF));
    cr_assert_neq(address((USER64_LAST & ~UINT64_C(0xFFFF)) - 1),
                  (USER64_LAST & ~UINT64_C(0xFFFF)) - 1);
    anonymous_destroy(made);
}

/* A range that reaches into the last granule is noted up to it. */
Test(anonymous_values, memory_is_cut_before_the_top)
{
    const uint64_t top = USER64_LAST & ~UINT64_C(0xFFFF);
    begin(true, YEAR_2000);
    anonymous_note_memory(made, top - 0x20000, UINT64_MAX, 8);
    cr_assert(anonymous_assign(made));
    cr_assert_eq(address(top - 1) - address(top - 0x20000), 0x1ffff);
    cr_assert_eq(address(top), top);
    cr_assert_lt(address(top - 1), top);
    anonymous_destroy(made);
}

Test(anonymous_values, images_of_the_kernel_keep_their_distances)
{
    begin(false, YEAR_2000);
    anonymous_note_memory(made, KERNEL, 0x5000, 8);
    anonymous_note_memory(made, USER, 0x5000, 8);
    anonymous_note_memory(made, KERNEL + 0x100000, 0, 8);
    cr_assert(anonymous_assign(made));
    cr_assert_neq(address(KERNEL), KERNEL);
    cr_assert_eq(address(KERNEL + 0x4fff) - address(KERNEL), 0x4fff);
    cr_assert_eq(address(USER), USER);
    anonymous_destroy(made);
}

Test(anonymous_values, top_of_the_kernel_s_memory_is_an_image_s_end)
{
    begin(false, YEAR_2000);
    anonymous_note_memory(made, UINT64_MAX - 0x1ffff, 0x20000, 8);
    cr_assert(anonymous_assign(made));
    cr_assert_eq(address(UINT64_MAX) - address(UINT64_MAX - 0x1ffff), 0x1ffff);
    anonymous_destroy(made);
}

Test(anonymous_values, an_address_in_no_address_space_has_an_alias_there)
{
    const uint64_t nowhere = UINT64_C(0x0080000000000000);
    begin(true, YEAR_2000);
    anonymous_note_memory(made, nowhere, 64, 8);
    address(nowhere);
    cr_assert(anonymous_assign(made));
    uint64_t alias = address(nowhere);
    cr_assert_neq(alias, nowhere);
    cr_assert_gt(alias, USER64_LAST);
    cr_assert_lt(alias, UINT64_C(0xFFFF800000000000));
    anonymous_destroy(made);
}

/* ---- 32 bits ---- */

/* Programs that are large address aware have memory above 2 GiB, where drivers lie on a 32-bit
 * Windows. */
Test(anonymous_values, upper_half_of_32_bits)
{
    begin(false, YEAR_2000);
    anonymous_note_high_user(made, 0xA0000000, 0x20000);
    anonymous_note_high_user(made, 0xB0000000, 0x40000);
    anonymous_note_driver(made, 0xB0020000, 0x10000, 4);
    anonymous_note_driver(made, 0x70000000, 0x10000, 4);
    anonymous_note_high_user(made, 0x70000000, 8);
    address32(0xA0000000);
    address32(0xA0020000);
    address32(0xB0020000);
    cr_assert(anonymous_assign(made));
    cr_assert_eq(address32(0xA0000000), 0xA0000000);
    cr_assert_eq(address32(0xA001ffff), 0xA001ffff);
    cr_assert_neq(address32(0xA0020000), 0xA0020000, "behind what is the user's");
    cr_assert_eq(address32(0xB0000000), 0xB0000000);
    cr_assert_neq(address32(0xB0020000), 0xB0020000, "a driver's");
    cr_assert_eq(address32(0xB0030000), 0xB0030000);
    cr_assert_eq(address32(0x70000000), 0x70000000, "the lower half is the user's in any case");
    anonymous_destroy(made);
}

/* Records of a 64-bit Windows name drivers by 8 bytes; memory of a 32-bit program stays its own. */
Test(anonymous_values, drivers_of_64_bits_hide_no_memory_of_32_bits)
{
    begin(false, YEAR_2000);
    anonymous_note_driver(made, 0xA0000000, 0x10000, 8);
    anonymous_note_driver(made, 0xA0000000, 0, 4);
    anonymous_note_high_user(made, 0xA0000000, 0x100);
    cr_assert(anonymous_assign(made));
    cr_assert_eq(address32(0xA0000000), 0xA0000000);
    anonymous_destroy(made);
}

/* Of a long buffer the first MiB is surely the user's. */
Test(anonymous_values, a_long_buffer_is_surely_the_user_s_for_a_mib)
{
    begin(false, YEAR_2000);
    anonymous_note_high_user(made, 0xA0000000, UINT32_MAX);
    anonymous_note_high_user(made, 0xC0000000, 0);
    address32(0xA0100000);
    address32(0xC0000000);
    cr_assert(anonymous_assign(made));
    cr_assert_eq(address32(0xA00fffff), 0xA00fffff);
    cr_assert_neq(address32(0xA0100000), 0xA0100000);
    cr_assert_neq(address32(0xC0000000), 0xC0000000);
    anonymous_destroy(made);
}

Test(anonymous_values, with_all_high_memory_moves_within_its_half)
{
    begin(true, YEAR_2000);
    anonymous_note_high_user(made, 0xB0000000, 0x20000);
    cr_assert(anonymous_assign(made));
    uint64_t to = address32(0xB0000000);
    cr_assert_neq(to, 0xB0000000);
    cr_assert_gt(to, 0x7FFFFFFF);
    cr_assert_leq(to, UINT32_MAX);
    cr_assert_eq(address32(0xB001ffff), to + 0x1ffff);
    anonymous_destroy(made);
}

/* ---- other values ---- */

Test(anonymous_values, activities)
{
    uint8_t request[16] = {0x10, 0x20, 0x30}, same[16] = {0x10, 0x20, 0x30};
    uint8_t other[16] = {1, [8] = 1}, again[16] = {1, [8] = 1}, third[16] = {2, [8] = 1};
    begin(false, YEAR_2000);
    anonymous_identity(made, 0x302010);
    for (unsigned pass = 0; pass < 2; pass++) {
        if (pass == 1) {
            cr_assert(anonymous_assign(made));
        }
        memcpy(request, (uint8_t[16]){0x10, 0x20, 0x30}, 16);
        memcpy(other, (uint8_t[16]){1, [8] = 1}, 16);
        memcpy(again, (uint8_t[16]){1, [8] = 1}, 16);
        memcpy(third, (uint8_t[16]){2, [8] = 1}, 16);
        anonymous_activity(made, request);
        anonymous_activity(made, other);
        anonymous_activity(made, again);
        anonymous_activity(made, third);
    }
    uint64_t alias = 0;
    memcpy(&alias, request, sizeof alias);
    cr_assert_eq(alias, anonymous_identity(made, 0x302010), "a request's is its address");
    cr_assert_arr_neq(request, same, 16);
    cr_assert_arr_eq(request + 8, same + 8, 8);
    cr_assert_arr_eq(other, again, 16);
    cr_assert_arr_neq(other, third, 16);
    cr_assert_arr_neq(other, ((uint8_t[16]){1, [8] = 1}), 16);
    anonymous_destroy(made);
}

Test(anonymous_values, socket_addresses)
{
    uint8_t four[4] = {192, 168, 1, 7}, nobody[4] = {0}, six[16] = {0xfe, 0x80, [15] = 1};
    begin(false, YEAR_2000);
    for (unsigned pass = 0; pass < 2; pass++) {
        memcpy(four, (uint8_t[4]){192, 168, 1, 7}, 4);
        memcpy(six, (uint8_t[16]){0xfe, 0x80, [15] = 1}, 16);
        if (pass == 1) {
            cr_assert(anonymous_assign(made));
        }
        anonymous_ip(made, four, 4);
        anonymous_ip(made, six, 16);
        anonymous_ip(made, nobody, 4);
    }
    cr_assert_arr_eq(four, ((uint8_t[4]){10, 0, 0, 1}), 4);
    cr_assert_arr_eq(six, ((uint8_t[16]){0xfd, [15] = 1}), 16);
    cr_assert_arr_eq(nobody, ((uint8_t[4]){0}), 4);
    anonymous_destroy(made);
}

/* An alias of this trace may be an address of it that is replaced: then it is left out. */
Test(anonymous_values, no_alias_is_a_value_of_the_trace)
{
    uint8_t first[4] = {10, 0, 0, 1}, second[4] = {10, 0, 0, 3}, third[4] = {192, 168, 1, 7};
    begin(false, YEAR_2000);
    anonymous_ip(made, (uint8_t[4]){10, 0, 0, 1}, 4);
    anonymous_ip(made, (uint8_t[4]){10, 0, 0, 3}, 4);
    anonymous_ip(made, (uint8_t[4]){192, 168, 1, 7}, 4);
    cr_assert(anonymous_assign(made));
    anonymous_ip(made, first, 4);
    anonymous_ip(made, second, 4);
    anonymous_ip(made, third, 4);
    cr_assert_arr_eq(first, ((uint8_t[4]){10, 0, 0, 2}), 4);
    cr_assert_arr_eq(second, ((uint8_t[4]){10, 0, 0, 4}), 4);
    cr_assert_arr_eq(third, ((uint8_t[4]){10, 0, 0, 5}), 4);
    anonymous_destroy(made);
}

Test(anonymous_values, sids_are_numbered)
{
    static const uint8_t sid[12] = {1, 1, [7] = 5, 18}, other[12] = {1, 1, [7] = 5, 19};
    uint8_t to[ANONYMOUS_SID_LEN], same[ANONYMOUS_SID_LEN], second[ANONYMOUS_SID_LEN];
    begin(false, YEAR_2000);
    anonymous_sid(made, sid, sizeof sid, to);
    anonymous_sid(made, other, sizeof other, second);
    anonymous_sid(made, sid, sizeof sid, same);
    cr_assert_arr_eq(to, same, sizeof to);
    cr_assert_arr_eq(to, ((uint8_t[ANONYMOUS_SID_LEN]){1, 5, [7] = 5, 21, [24] = 0xE9, 3}),
                     sizeof to, "S-1-5-21-0-0-0-1001");
    cr_assert_eq(second[24], 0xEA);
    anonymous_destroy(made);
}
