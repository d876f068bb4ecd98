/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "base/byte_reader.h"

static const uint8_t bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88,
                                0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17};

Test(byte_reader, values_are_little_endian_at_any_alignment)
{
    struct byte_reader reader;
    byte_reader_init(&reader, bytes, sizeof bytes);
    cr_assert_eq(byte_reader_u8(&reader), 0x01);
    cr_assert_eq(byte_reader_u16(&reader), 0x0302);
    cr_assert_eq(byte_reader_u32(&reader), 0x07060504);
    cr_assert_eq(byte_reader_u64(&reader), 0x1716151413121188);
    cr_assert_eq(reader.left, 0);
    cr_assert_not(reader.overrun);
}

Test(byte_reader, i64_keeps_the_sign)
{
    const uint8_t minus_two[] = {0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    struct byte_reader reader;
    byte_reader_init(&reader, minus_two, sizeof minus_two);
    cr_assert_eq(byte_reader_i64(&reader), -2);
}

Test(byte_reader, overrun_sticks_and_gives_zero)
{
    struct byte_reader reader;
    byte_reader_init(&reader, bytes, 3);
    cr_assert_eq(byte_reader_u32(&reader), 0);
    cr_assert(reader.overrun);
    /* A byte would have been there: it must not come after the overrun. */
    cr_assert_eq(byte_reader_u8(&reader), 0);
    cr_assert_null(byte_reader_take(&reader, 1));
    cr_assert_null(byte_reader_take(&reader, 0));
}

Test(byte_reader, huge_length_does_not_wrap)
{
    struct byte_reader reader;
    byte_reader_init(&reader, bytes, sizeof bytes);
    cr_assert_null(byte_reader_take(&reader, SIZE_MAX));
    cr_assert(reader.overrun);
}

Test(byte_reader, take_and_skip_move_on)
{
    struct byte_reader reader;
    byte_reader_init(&reader, bytes, sizeof bytes);
    byte_reader_skip(&reader, 2);
    const uint8_t *at = byte_reader_take(&reader, 3);
    cr_assert_eq(at, bytes + 2);
    cr_assert_eq(byte_reader_u8(&reader), 0x06);
}

Test(byte_reader, pointers_have_the_size_asked_for)
{
    struct byte_reader reader;
    byte_reader_init(&reader, bytes, sizeof bytes);
    cr_assert_eq(byte_reader_pointer(&reader, 4), 0x04030201);
    cr_assert_eq(byte_reader_pointer(&reader, 8), 0x1413121188070605);
}
