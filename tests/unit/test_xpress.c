/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/xpress_whole.h"

static enum xpress_status decode(const void *in, size_t in_len, uint8_t *out, size_t out_cap,
                                 size_t *out_len)
{
    return xpress_decode_whole(in, in_len, out, out_cap, out_len);
}

/* The two examples of MS-XCA, section 3. */
Test(xpress, published_example_of_literals)
{
    uint8_t out[100];
    size_t len;
    cr_assert_eq(decode("\x3f\0\0\0abcdefghijklmnopqrstuvwxyz", 30, out, 26, &len), XPRESS_END);
    cr_assert_eq(len, 26);
    cr_assert_arr_eq(out, "abcdefghijklmnopqrstuvwxyz", 26);
    /* Room to spare: the end is where the input ends. */
    cr_assert_eq(decode("\x3f\0\0\0abcdefghijklmnopqrstuvwxyz", 30, out, 100, &len), XPRESS_END);
    cr_assert_eq(len, 26);
}

Test(xpress, published_example_of_a_long_match)
{
    uint8_t out[400];
    size_t len;
    const char in[] = "\xff\xff\xff\x1f"
                      "abc\x17\x00\x0f\xff\x26\x01";
    cr_assert_eq(decode(in, sizeof in - 1, out, sizeof out, &len), XPRESS_END);
    cr_assert_eq(len, 300);
    for (size_t i = 0; i < 300; i++) {
        cr_assert_eq(out[i], "abc"[i % 3]);
    }
}

Test(xpress, thirty_two_bit_length)
{
    /* One literal, then a match of 70,000: u16 0, then u32 69,997. */
    static uint8_t out[70001];
    size_t len;
    const char in[] = "\xff\xff\xff\x7f"
                      "z\x07\x00\x0f\xff\x00\x00\x6d\x11\x01\x00";
    cr_assert_eq(decode(in, sizeof in - 1, out, sizeof out, &len), XPRESS_END);
    cr_assert_eq(len, 70001);
    cr_assert_eq(out[70000], 'z');
}

Test(xpress, two_matches_share_a_nibble_byte)
{
    uint8_t out[100];
    size_t len;
    /* a, match 3+7+1, b, match 3+7+2: the nibbles 1 and 2 lie in one byte. */
    const char in[] = "\xff\xff\xff\x5f"
                      "a\x07\x00\x21"
                      "b\x07\x00";
    cr_assert_eq(decode(in, sizeof in - 1, out, sizeof out, &len), XPRESS_END);
    cr_assert_eq(len, 1 + 11 + 1 + 12);
    cr_assert_eq(out[11], 'a');
    cr_assert_eq(out[12], 'b');
    cr_assert_eq(out[24], 'b');
}

Test(xpress, match_before_the_start_is_corrupt)
{
    uint8_t out[100];
    size_t len;
    const char in[] = "\xff\xff\xff\x7f"
                      "a\x08\x00";
    cr_assert_eq(decode(in, sizeof in - 1, out, sizeof out, &len), XPRESS_CORRUPT);
    cr_assert_eq(len, 1);
}

Test(xpress, long_length_that_a_shorter_form_holds_is_corrupt)
{
    uint8_t out[100];
    size_t len;
    const char in[] = "\xff\xff\xff\x7f"
                      "a\x07\x00\x0f\xff\x15\x00";
    cr_assert_eq(decode(in, sizeof in - 1, out, sizeof out, &len), XPRESS_CORRUPT);
}

Test(xpress, every_cut_is_truncated_or_a_clean_end)
{
    const char in[] = "\xff\xff\xff\x1f"
                      "abc\x17\x00\x0f\xff\x26\x01";
    for (size_t cut = 0; cut < sizeof in - 1; cut++) {
        uint8_t out[400];
        size_t len;
        uint8_t *exact = malloc(cut + 1);
        memcpy(exact, in, cut);
        enum xpress_status status = decode(exact, cut, out, sizeof out, &len);
        bool between_tokens = cut == 0 || cut == 7;
        cr_assert_eq(status, between_tokens ? XPRESS_END : XPRESS_TRUNCATED, "cut %zu", cut);
        free(exact);
    }
}

Test(xpress, output_is_never_overrun)
{
    const char in[] = "\xff\xff\xff\x1f"
                      "abc\x17\x00\x0f\xff\x26\x01";
    for (size_t cap = 0; cap < 300; cap++) {
        uint8_t *out = malloc(cap + 1);
        out[cap] = 0xEE;
        size_t len;
        cr_assert_eq(decode(in, sizeof in - 1, out, cap, &len), XPRESS_OUTPUT_FULL);
        cr_assert_eq(len, cap);
        cr_assert_eq(out[cap], 0xEE);
        free(out);
    }
}

/* A plain encoder: longest match in the last `reach` bytes, by trying each. */
struct encoder {
    uint8_t *out;
    size_t len, flags_at, nibble_at;
    uint32_t flags;
    unsigned flag_count;
};

static void put(struct encoder *encoder, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        encoder->out[encoder->len++] = (uint8_t)(value >> (8 * i));
    }
}

static void put_flag(struct encoder *encoder, unsigned flag)
{
    encoder->flags = encoder->flags << 1 | flag;
    if (++encoder->flag_count == 32) {
        memcpy(encoder->out + encoder->flags_at, &encoder->flags, 4);
        encoder->flag_count = 0;
        encoder->flags_at = encoder->len;
        encoder->len += 4;
    }
}

static void put_match(struct encoder *encoder, size_t distance, size_t match_len)
{
    size_t len = match_len - 3;
    put(encoder, (distance - 1) << 3 | (len < 7 ? len : 7), 2);
    if (len < 7) {
        return;
    }
    size_t nibble = len - 7 < 15 ? len - 7 : 15;
    if (encoder->nibble_at == 0) {
        encoder->nibble_at = encoder->len;
        put(encoder, nibble, 1);
    } else {
        encoder->out[encoder->nibble_at] |= (uint8_t)(nibble << 4);
        encoder->nibble_at = 0;
    }
    if (nibble < 15) {
        return;
    }
    if (len - 22 < 255) {
        put(encoder, len - 22, 1);
    } else if (len < 65536) {
        put(encoder, 255 | len << 8, 3);
    } else {
        put(encoder, 255, 3);
        put(encoder, len, 4);
    }
}

static size_t encode(const uint8_t *in, size_t in_len, size_t reach, uint8_t *out)
{
    struct encoder encoder = {.out = out, .len = 4};
    size_t at = 0;
    while (at < in_len) {
        size_t best = 0, best_distance = 0;
        for (size_t distance = 1; distance <= reach && distance <= at; distance++) {
            size_t len = 0;
            while (at + len < in_len && in[at + len] == in[at + len - distance]) {
                len++;
            }
            if (len > best) {
                best = len;
                best_distance = distance;
            }
        }
        /* The flag word is begun before the token's bytes, and closed after them. */
        unsigned is_match = best >= 3;
        if (is_match) {
            put_match(&encoder, best_distance, best);
            at += best;
        } else {
            put(&encoder, in[at++], 1);
        }
        put_flag(&encoder, is_match);
    }
    encoder.flags = encoder.flag_count == 0 ? UINT32_MAX
                                            : encoder.flags << (32 - encoder.flag_count) |
                                                  (UINT32_MAX >> encoder.flag_count);
    memcpy(out + encoder.flags_at, &encoder.flags, 4);
    return encoder.len;
}

static uint64_t state = 88172645463325252u;

static uint32_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

/* Text with repeats at all distances and of all lengths. */
static void make_text(uint8_t *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        if (at > 0 && next_random() % 3 != 0) {
            size_t distance = 1 + next_random() % (at < 8192 ? at : 8192);
            if (next_random() % 2 == 0) {
                distance = 1 + distance % 20 % at;
            }
            size_t run = 3 + (next_random() % 8 == 0 ? next_random() % 2000 : next_random() % 40);
            for (size_t i = 0; i < run && at < len; i++, at++) {
                text[at] = text[at - distance];
            }
        } else {
            for (size_t i = next_random() % 50; i > 0 && at < len; i--) {
                text[at++] = (uint8_t)next_random();
            }
        }
    }
}

/* Decodes with the given windows, as the reader does: history kept, the rest moved on. */
static void decode_in_pieces(const uint8_t *in, size_t in_len, const uint8_t *expected,
                             size_t expected_len, size_t in_piece, size_t out_piece)
{
    struct xpress_decoder decoder;
    xpress_init(&decoder);
    size_t cap = XPRESS_HISTORY + out_piece;
    uint8_t *window = malloc(cap);
    size_t in_at = 0, in_known = 0, done = 0, kept = 0;
    for (;;) {
        uint8_t *piece = malloc(in_known - in_at + 1);
        memcpy(piece, in + in_at, in_known - in_at);
        size_t room = expected_len - done < out_piece ? expected_len - done : out_piece;
        struct xpress_io io = {piece, in_known - in_at, 0, in_known == in_len, window,
                               kept,  kept + room};
        enum xpress_status status = xpress_decode(&decoder, &io);
        size_t produced = io.out_len - kept;
        cr_assert_eq(memcmp(window + kept, expected + done, produced), 0);
        done += produced;
        in_at += io.in_used;
        free(piece);
        cr_assert_geq((int)status, 0);
        if (status == XPRESS_NEED_INPUT) {
            cr_assert_lt(in_known, in_len);
            in_known = in_len - in_known < in_piece ? in_len : in_known + in_piece;
        } else if (done == expected_len) {
            break;
        }
        size_t keep = io.out_len < XPRESS_HISTORY ? io.out_len : XPRESS_HISTORY;
        memmove(window, window + io.out_len - keep, keep);
        kept = keep;
    }
    cr_assert(xpress_is_complete(&decoder, in_len - in_at));
    cr_assert_not(xpress_is_complete(&decoder, in_len - in_at + 1));
    free(window);
}

Test(xpress, round_trips_whole_and_in_pieces)
{
    enum { LEN = 30000 };
    uint8_t *text = malloc(LEN), *packed = malloc(2 * LEN), *out = malloc(LEN);
    for (unsigned round = 0; round < 6; round++) {
        size_t text_len = LEN - next_random() % 2000;
        make_text(text, text_len);
        size_t packed_len = encode(text, text_len, round % 2 == 0 ? 8192 : 40, packed);
        size_t len;
        cr_assert_eq(xpress_decode_whole(packed, packed_len, out, text_len, &len), XPRESS_END);
        cr_assert_eq(len, text_len);
        cr_assert_eq(memcmp(out, text, text_len), 0);
        decode_in_pieces(packed, packed_len, text, text_len, 1, 7);
        decode_in_pieces(packed, packed_len, text, text_len, 13, 4096);
        decode_in_pieces(packed, packed_len, text, text_len, 100000, 300);
    }
    free(text);
    free(packed);
    free(out);
}

Test(xpress, bytes_behind_the_known_length_are_told)
{
    uint8_t out[26];
    size_t len;
    cr_assert_eq(decode("\x3f\0\0\0abcdefghijklmnopqrstuvwxyz?", 31, out, 26, &len),
                 XPRESS_OUTPUT_FULL);
}

Test(xpress, flag_word_that_an_encoder_reserved_is_no_rest)
{
    uint8_t out[32], in[40] = {0};
    size_t len;
    memset(in + 4, 'x', 32);
    memset(in + 36, 0xFF, 4);
    cr_assert_eq(xpress_decode_whole(in, 40, out, 32, &len), XPRESS_END);
    cr_assert_eq(xpress_decode_whole(in, 39, out, 32, &len), XPRESS_OUTPUT_FULL);
}

Test(xpress, noise_is_harmless)
{
    for (unsigned round = 0; round < 3000; round++) {
        size_t in_len = next_random() % 300;
        uint8_t *in = malloc(in_len + 1), *out = malloc(5000);
        for (size_t i = 0; i < in_len; i++) {
            in[i] = (uint8_t)(next_random() % 4 == 0 ? 0xFF : next_random());
        }
        size_t out_cap = next_random() % 5000;
        size_t len;
        xpress_decode_whole(in, in_len, out, out_cap, &len);
        cr_assert_leq(len, out_cap);
        free(in);
        free(out);
    }
}
