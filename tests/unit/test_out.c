/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"

Test(out, numbers)
{
    static const struct {
        uint64_t value;
        const char *decimal, *hex;
    } numbers[] = {
        {0, "0", "0x0"},
        {9, "9", "0x9"},
        {10, "10", "0xa"},
        {99, "99", "0x63"},
        {100, "100", "0x64"},
        {1234567, "1234567", "0x12d687"},
        {UINT64_MAX, "18446744073709551615", "0xffffffffffffffff"},
    };
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char text[OUT_NUMBER_LEN];
        size_t len = out_format_u64(text, numbers[i].value);
        cr_expect_eq(len, strlen(numbers[i].decimal));
        cr_expect(memcmp(text, numbers[i].decimal, len) == 0, "%s", numbers[i].decimal);
        len = out_format_hex(text, numbers[i].value);
        cr_expect_eq(len, strlen(numbers[i].hex));
        cr_expect(memcmp(text, numbers[i].hex, len) == 0, "%s", numbers[i].hex);
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
