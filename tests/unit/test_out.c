/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"

static void expect_number(uint64_t value, const char *decimal, const char *hex)
{
    char text[OUT_NUMBER_LEN];
    size_t len = out_format_u64(text, value);
    cr_expect_eq(len, strlen(decimal), "%s", decimal);
    cr_expect(memcmp(text, decimal, len) == 0, "%s", decimal);
    len = out_format_hex(text, value);
    cr_expect_eq(len, strlen(hex), "%s", hex);
    cr_expect(memcmp(text, hex, len) == 0, "%s", hex);
}

/* The last number of each length, and the first one of the next. */
Test(out, numbers_of_each_length)
{
    char decimal[32], hex[32];
    for (uint64_t value = 1; value <= UINT64_MAX / 10; value *= 10) {
        for (uint64_t at = value - 1; at <= value + 1; at++) {
            snprintf(decimal, sizeof decimal, "%llu", (unsigned long long)at);
            snprintf(hex, sizeof hex, "0x%llx", (unsigned long long)at);
            expect_number(at, decimal, hex);
        }
    }
    for (unsigned bit = 0; bit < 64; bit++) {
        for (uint64_t at = (UINT64_C(1) << bit) - 1; at <= UINT64_C(1) << bit; at++) {
            snprintf(decimal, sizeof decimal, "%llu", (unsigned long long)at);
            snprintf(hex, sizeof hex, "0x%llx", (unsigned long long)at);
            expect_number(at, decimal, hex);
        }
    }
}

Test(out, the_last_digits_of_a_number)
{
    char text[8];
    static const char *const want[] = {"", "7", "67", "567", "4567", "34567", "034567", "0034567"};
    for (size_t count = 0; count < 8; count++) {
        memset(text, 'x', sizeof text);
        out_format_digits(text, count, 34567);
        cr_expect(memcmp(text, want[count], count) == 0, "%zu", count);
        cr_expect_eq(text[count], 'x');
    }
}

Test(out, signed_numbers)
{
    static const struct {
        int64_t value;
        const char *want;
    } rows[] = {{0, "0"}, {-1, "-1"}, {9, "9"}, {-10, "-10"}, {INT64_MAX, "9223372036854775807"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[OUT_NUMBER_LEN];
        size_t len = out_format_i64(text, rows[i].value);
        cr_expect_eq(len, strlen(rows[i].want));
        cr_expect(memcmp(text, rows[i].want, len) == 0, "%s", rows[i].want);
    }
}

Test(out, numbers)
{
    static const struct {
        uint64_t value;
        const char *decimal, *hex;
    } numbers[] = {
        {0, "0", "0x0"},
        {1234567, "1234567", "0x12d687"},
        {UINT64_C(0x0123456789ABCDEF), "81985529216486895", "0x123456789abcdef"},
        {UINT64_C(0xFEDCBA9876543210), "18364758544493064720", "0xfedcba9876543210"},
        {UINT64_MAX, "18446744073709551615", "0xffffffffffffffff"},
    };
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        expect_number(numbers[i].value, numbers[i].decimal, numbers[i].hex);
    }
    char text[OUT_NUMBER_LEN];
    size_t len = out_format_i64(text, INT64_MIN);
    cr_expect(len == 20 && memcmp(text, "-9223372036854775808", 20) == 0);
}

Test(out, memory_takes_what_was_written)
{
    struct out out;
    size_t len;
    out_init_memory(&out, 1u << 20);
    out_str(&out, "a ");
    out_u64(&out, 12);
    out_char(&out, ' ');
    out_i64(&out, -3);
    out_char(&out, ' ');
    out_hex(&out, 255);
    out_repeat(&out, '.', 600);
    out_printf(&out, " %s %d", "b", 7);
    cr_assert_eq(out_written(&out), 2 + 2 + 1 + 2 + 1 + 4 + 600 + 4);
    char *text = out_take(&out, &len);
    cr_assert_not_null(text);
    cr_assert_eq(len, strlen(text));
    cr_assert(strncmp(text, "a 12 -3 0xff....", 16) == 0);
    cr_assert_str_eq(text + len - 5, ". b 7");
    free(text);
}

Test(out, memory_without_text_is_an_empty_string)
{
    struct out out;
    size_t len = 1;
    out_init_memory(&out, 10);
    char *text = out_take(&out, &len);
    cr_assert_str_eq(text, "");
    cr_assert_eq(len, 0);
    free(text);
}

Test(out, memory_is_capped_and_the_error_sticks)
{
    struct out out;
    size_t len;
    out_init_memory(&out, 10);
    out_str(&out, "0123456789");
    cr_assert_not(out_failed(&out));
    out_char(&out, 'x');
    cr_assert(out_failed(&out));
    out_str(&out, "");
    out_str(&out, "y");
    cr_assert_null(out_reserve(&out, 4));
    cr_assert_null(out_take(&out, &len));
    cr_assert_eq(out.status, OUT_TOO_LARGE);
}

/* Memory of exactly the cap is taken in pieces of any length, and not a byte more. */
Test(out, memory_is_filled_to_its_cap)
{
    for (size_t cap = 0; cap <= 600; cap += 100) {
        for (size_t piece = 1; piece <= 7; piece += 3) {
            struct out out;
            size_t len, written = 0;
            out_init_memory(&out, cap);
            for (; written + piece <= cap; written += piece) {
                out_write(&out, "0123456", piece);
            }
            out_write(&out, "0123456", cap - written);
            cr_assert_not(out_failed(&out));
            cr_assert_eq(out_written(&out), cap);
            cr_assert_eq(out.room <= cap, true);
            cr_assert_eq(out_flush(&out), OUT_OK);
            char *text = out_take(&out, &len);
            cr_assert_eq(len, cap);
            cr_assert_eq(strlen(text), cap);
            cr_assert(cap == 0 || text[0] == '0');
            free(text);
        }
    }
}

/* Room that is asked for is there, and a mere question writes nothing. */
Test(out, room_is_reserved)
{
    struct out out;
    size_t len;
    out_init_memory(&out, 300);
    char *at = out_reserve(&out, 300);
    cr_assert_not_null(at);
    memset(at, 'r', 300);
    out_advance(&out, 299);
    cr_assert_null(out_reserve(&out, 2));
    cr_assert_eq(out.status, OUT_TOO_LARGE);
    cr_assert_null(out_take(&out, &len));
    cr_assert_eq(len, 0);
    cr_assert_eq(out_finish(&out), OUT_TOO_LARGE);
    FILE *file = tmpfile();
    out_init_file(&out, file);
    out_repeat(&out, 'x', OUT_STAGING_LEN - 1);
    cr_assert_not_null(out_reserve(&out, OUT_STAGING_LEN), "the staging area is emptied");
    cr_assert_eq(out_written(&out), OUT_STAGING_LEN - 1);
    cr_assert_eq(ftell(file), OUT_STAGING_LEN - 1);
    cr_assert_null(out_reserve(&out, OUT_STAGING_LEN + 1), "more than it has");
    cr_assert_eq(out_finish(&out), OUT_OK);
    fclose(file);
}

Test(out, characters_are_repeated)
{
    static const size_t counts[] = {0, 1, 255, 256, 257, 512, 700};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct out out;
        size_t len;
        out_init_memory(&out, 1000);
        out_repeat(&out, 'y', counts[i]);
        char *text = out_take(&out, &len);
        cr_assert_eq(len, counts[i]);
        cr_assert_eq(strspn(text, "y"), counts[i]);
        free(text);
    }
}

/* The first error stays. */
Test(out, a_writer_may_fail)
{
    struct out out;
    FILE *file = tmpfile();
    out_init_file(&out, file);
    out_str(&out, "lost");
    out_fail(&out, OUT_NO_MEMORY, ENOMEM);
    out_fail(&out, OUT_WRITE_ERROR, EIO);
    cr_assert(out_failed(&out));
    cr_assert_eq(out_written(&out), 0);
    out_printf(&out, "%s", "nothing");
    cr_assert_eq(out_finish(&out), OUT_NO_MEMORY);
    cr_assert_eq(out.error_number, ENOMEM);
    cr_assert_eq(ftell(file), 0);
    fclose(file);
}

/* Both sides of the room that a short text has. */
Test(out, printf_of_any_length)
{
    for (size_t count = 510; count <= 513; count++) {
        struct out out;
        size_t len;
        static char text[600];
        memset(text, 'p', count);
        text[count] = '\0';
        out_init_memory(&out, 1000);
        out_printf(&out, "%s", text);
        char *got = out_take(&out, &len);
        cr_assert_eq(len, count);
        cr_assert_str_eq(got, text);
        free(got);
    }
}

Test(out, file_gets_every_byte_in_order_whatever_the_pieces)
{
    FILE *file = tmpfile();
    cr_assert_not_null(file);
    static char big[3 * OUT_STAGING_LEN];
    for (size_t i = 0; i < sizeof big; i++) {
        big[i] = (char)('a' + i % 26);
    }
    struct out out;
    out_init_file(&out, file);
    size_t at = 0;
    for (size_t piece = 1; at < sizeof big; piece = piece * 3 + 1) {
        size_t len = piece < sizeof big - at ? piece : sizeof big - at;
        out_write(&out, big + at, len);
        at += len;
    }
    cr_assert_eq(out_written(&out), sizeof big);
    cr_assert_eq(out_finish(&out), OUT_OK);
    rewind(file);
    static char back[sizeof big + 1];
    cr_assert_eq(fread(back, 1, sizeof back, file), sizeof big);
    cr_assert(memcmp(back, big, sizeof big) == 0);
    fclose(file);
}

Test(out, long_printf_is_whole)
{
    struct out out;
    size_t len;
    static char longer[5000];
    memset(longer, 'z', sizeof longer - 1);
    out_init_memory(&out, 1u << 20);
    out_printf(&out, "<%s>", longer);
    char *text = out_take(&out, &len);
    cr_assert_eq(len, sizeof longer + 1);
    cr_assert_eq(text[0], '<');
    cr_assert_eq(text[len - 1], '>');
    free(text);
}

Test(out, full_disk_is_told_with_its_errno)
{
    FILE *full = fopen("/dev/full", "w");
    if (!full) {
        cr_skip_test("no /dev/full here");
    }
    struct out out;
    out_init_file(&out, full);
    out_str(&out, "x");
    cr_assert_eq(out.status, OUT_OK, "still in the staging area");
    cr_assert_eq(out_finish(&out), OUT_WRITE_ERROR);
    cr_assert_eq(out.error_number, ENOSPC);
    fclose(full);

    full = fopen("/dev/full", "w");
    out_init_file(&out, full);
    for (unsigned i = 0; i < 40000; i++) {
        out_str(&out, "0123456789");
    }
    cr_assert(out_failed(&out), "noticed on the way");
    cr_assert_eq(out_flush(&out), OUT_WRITE_ERROR);
    cr_assert_eq(out_finish(&out), OUT_WRITE_ERROR);
    cr_assert_eq(out.error_number, ENOSPC);
    fclose(full);
}
