/* SPDX-License-Identifier: Apache-2.0 */

/* Fields of processes byte by byte; whole events: test_kernel_events.c. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/etl/etl_event.h"
#include "parsers/kernel/kernel_event.h"
#include "parsers/kernel/kernel_payload.h"
#include "parsers/kernel/kernel_process.h"

Test(kernel_process, the_length_of_a_sid)
{
    static const struct {
        uint8_t revision, authorities;
        size_t len, want;
    } rows[] = {
        {1, 0, 8, 8},     {1, 0, 7, 0},     {1, 1, 12, 12},  {1, 1, 11, 0},  {1, 5, 100, 28},
        {1, 15, 68, 68},  {1, 15, 67, 0},   {1, 16, 100, 0}, {0, 1, 100, 0}, {2, 1, 100, 0},
        {1, 255, 100, 0}, {255, 1, 100, 0}, {1, 0, 100, 8},  {0, 0, 8, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t *bytes = calloc(rows[i].len, 1);
        bytes[0] = rows[i].revision;
        bytes[1] = rows[i].authorities;
        cr_expect_eq(kernel_sid_len(bytes, rows[i].len), rows[i].want, "row %zu", i);
        free(bytes);
    }
    for (size_t len = 0; len < 8; len++) {
        static const uint8_t bytes[8] = {1, 0};
        cr_expect_eq(kernel_sid_len(bytes, len), 0);
    }
}

/* Four bytes of zeros stand for no SID; else two pointers and a SID, also where the first pointer
 * is 0. */
Test(kernel_process, a_user_has_a_sid_or_none)
{
    for (size_t pointer = 4; pointer <= 8; pointer += 4) {
        for (unsigned first = 0; first < 2; first++) {
            for (size_t len = 0; len <= 2 * pointer + 14; len++) {
                uint8_t bytes[40] = {(uint8_t)first};
                bytes[2 * pointer] = 1;
                bytes[2 * pointer + 1] = 1;
                struct kernel_payload payload = {
                    .bytes = bytes, .remaining = len, .pointer_len = pointer};
                size_t sid_len = 77;
                const uint8_t *sid = kernel_process_user_sid(&payload, &sid_len);
                bool whole = len >= 2 * pointer + 12;
                cr_assert_eq(sid != NULL, whole, "%zu bytes of pointers, %zu bytes", pointer, len);
                cr_assert_eq(sid_len, whole ? 12 : 0);
                cr_assert(!whole || sid == bytes + 2 * pointer);
                bool none = first == 0 && len >= 4;
                cr_assert_eq(payload.overrun, !whole && !none, "%zu, %zu", pointer, len);
                cr_assert_eq(payload.remaining, whole     ? len - 2 * pointer - 12
                                                : none    ? len - 4
                                                : len < 4 ? 0
                                                          : len);
            }
        }
    }
}

/* The name follows four zeros at once, and may look like anything. */
Test(kernel_process, no_sid_stands_in_front_of_any_name)
{
    for (unsigned at = 4; at < 16; at++) {
        uint8_t bytes[40] = {0};
        size_t sid_len;
        bytes[at] = 'x';
        bytes[16] = 1;
        struct kernel_payload payload = {.bytes = bytes, .remaining = 40, .pointer_len = 8};
        cr_assert_null(kernel_process_user_sid(&payload, &sid_len));
        cr_assert_eq(payload.remaining, 36, "%u", at);
        cr_assert_not(payload.overrun);
    }
}

Test(kernel_process, nothing_is_taken_behind_the_end)
{
    static const uint8_t bytes[4] = {1, 2, 3, 4};
    struct kernel_payload payload = {.bytes = bytes, .remaining = 4, .pointer_len = 4};
    cr_assert_eq(kernel_payload_take(&payload, 0), bytes);
    cr_assert_eq(kernel_payload_u32(&payload), 0x04030201);
    cr_assert_not(payload.overrun);
    cr_assert_eq(kernel_payload_take(&payload, 0), bytes + 4, "nothing is no overrun");
    cr_assert_not(payload.overrun);
    cr_assert_eq(kernel_payload_pid(&payload), ETL_ID_UNKNOWN);
    cr_assert(payload.overrun);
    payload = (struct kernel_payload){.bytes = bytes, .remaining = 4, .pointer_len = 8};
    cr_assert_eq(kernel_payload_pointer(&payload), 0);
    cr_assert(payload.overrun && payload.remaining == 0);
    cr_assert_eq(kernel_payload_u32(&payload), 0, "an overrun stays");
    char name[KERNEL_TEXT_MAX] = "before";
    kernel_payload_ansi(&payload, name);
    cr_assert_str_eq(name, "before");
}

/* The beginning of a cut text is kept, and its end is missed. */
Test(kernel_process, texts_that_are_cut)
{
    for (size_t len = 0; len <= 7; len++) {
        char name[KERNEL_TEXT_MAX] = "";
        struct kernel_payload payload = {
            .bytes = (const uint8_t *)"ab\0c\0\0\0", .remaining = len, .pointer_len = 8};
        kernel_payload_ansi(&payload, name);
        cr_assert_str_eq(name, len == 0 ? "" : len == 1 ? "a" : "ab");
        cr_assert_eq(payload.overrun, len < 3, "%zu", len);
        cr_assert_eq(payload.remaining, len < 3 ? 0 : len - 3);
    }
    for (size_t len = 0; len <= 8; len++) {
        char name[KERNEL_TEXT_MAX] = "";
        struct kernel_payload payload = {
            .bytes = (const uint8_t *)"a\0b\0\0\0x\0", .remaining = len, .pointer_len = 8};
        kernel_payload_wide(&payload, name);
        cr_assert_eq(payload.overrun, len < 6, "%zu", len);
        cr_assert_eq(payload.remaining, len < 6 ? 0 : len - 6);
        cr_assert_eq(name[0], len == 0 ? '\0' : len == 1 ? '\xEF' : 'a', "%zu: %s", len, name);
    }
}
