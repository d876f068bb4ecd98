/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/xpress.h"

#include <string.h>

#include "base/byte_reader.h"
#include "base/load.h"

#define FLAG_WORD_LEN 4
#define FLAGS_A_WORD 32
#define MATCH_LEN_MIN 3
#define TOKEN_LEN_MAX 10 /* u16, nibble byte, u8, u16, u32 */
#define WIDE 16          /* bytes that the fast copies move at a time */

void xpress_init(struct xpress_decoder *decoder)
{
    memset(decoder, 0, sizeof *decoder);
}

/* Number of zero bits in front of the highest set bit; 32 for 0. */
static unsigned leading_zeros(uint32_t value)
{
#if defined(__GNUC__)
    return value == 0 ? 32 : (unsigned)__builtin_clz(value);
#else
    unsigned count = 0;
    for (uint32_t bit = UINT32_C(1) << 31; bit != 0 && (value & bit) == 0; bit >>= 1) {
        count++;
    }
    return count;
#endif
}

/* Copies `len` bytes from `distance` bytes before `at`. `room`: bytes that may be written, at least
 * `len`. */
static void match_copy(uint8_t *at, size_t distance, size_t len, size_t room)
{
    const uint8_t *from = at - distance;
    if (distance >= WIDE && len + WIDE <= room) {
        for (size_t done = 0; done < len; done += WIDE) {
            memcpy(at + done, from + done, WIDE);
        }
    } else if (distance >= 8 && len + 8 <= room) {
        for (size_t done = 0; done < len; done += 8) {
            memcpy(at + done, from + done, 8);
        }
    } else if (distance == 1) {
        memset(at, *from, len);
    } else {
        for (size_t i = 0; i < len; i++) {
            at[i] = from[i];
        }
    }
}

/* Copies as much of the pending match as fits. False: the output is full. */
static bool match_flush(struct xpress_decoder *decoder, struct xpress_io *io)
{
    size_t room = io->out_cap - io->out_len;
    size_t len = decoder->match_left < room ? (size_t)decoder->match_left : room;
    match_copy(io->out + io->out_len, decoder->match_distance, len, room);
    io->out_len += len;
    decoder->match_left -= len;
    return decoder->match_left == 0;
}

/* Copies `count` literals, fewer where input or output end. Returns their number. */
static size_t literals_copy(struct xpress_io *io, size_t count)
{
    size_t in_left = io->in_len - io->in_used;
    size_t room = io->out_cap - io->out_len;
    const uint8_t *from = io->in + io->in_used;
    uint8_t *to = io->out + io->out_len;
    if (in_left >= FLAGS_A_WORD && room >= FLAGS_A_WORD) {
        memcpy(to, from, WIDE);
        if (count > WIDE) {
            memcpy(to + WIDE, from + WIDE, WIDE);
        }
    } else {
        count = count < in_left ? count : in_left;
        count = count < room ? count : room;
        memcpy(to, from, count);
    }
    io->in_used += count;
    io->out_len += count;
    return count;
}

/* Reads the long form of a match length, which follows where all three bits of the short form are
 * set. 0: corrupt. */
static uint64_t match_read_long_len(struct xpress_decoder *decoder, struct byte_reader *reader)
{
    uint64_t len;
    if (decoder->has_nibble) {
        len = decoder->nibble;
        decoder->has_nibble = false;
    } else {
        uint8_t pair = byte_reader_u8(reader);
        len = pair & 0x0F;
        decoder->nibble = pair >> 4;
        decoder->has_nibble = true;
    }
    if (len != 15) {
        return len + 7;
    }
    len = byte_reader_u8(reader);
    if (len != 255) {
        return len + 15 + 7;
    }
    len = byte_reader_u16(reader);
    if (len == 0) {
        len = byte_reader_u32(reader);
    }
    /* The longest form counts from 0 again. A length that a shorter form could hold is corrupt. */
    return len < 15 + 7 ? 0 : len;
}

/* Decodes a match token. XPRESS_OUTPUT_FULL: done. Otherwise nothing is consumed. */
static enum xpress_status match_read(struct xpress_decoder *decoder, struct xpress_io *io)
{
    size_t left = io->in_len - io->in_used;
    if (left < TOKEN_LEN_MAX && !io->in_final) {
        return XPRESS_NEED_INPUT;
    }
    if (left == 0) {
        return XPRESS_END;
    }
    struct byte_reader reader;
    byte_reader_init(&reader, io->in + io->in_used, left);
    uint16_t token = byte_reader_u16(&reader);
    uint64_t len = token & 7;
    if (len == 7) {
        len = match_read_long_len(decoder, &reader);
        if (len == 0 && !reader.overrun) {
            return XPRESS_CORRUPT;
        }
    }
    if (reader.overrun) {
        return XPRESS_TRUNCATED;
    }
    decoder->match_distance = (uint32_t)(token >> 3) + 1;
    if (decoder->match_distance > io->out_len) {
        return XPRESS_CORRUPT;
    }
    decoder->match_left = len + MATCH_LEN_MIN;
    io->in_used = io->in_len - reader.left;
    return XPRESS_OUTPUT_FULL;
}

static enum xpress_status flags_read(struct xpress_decoder *decoder, struct xpress_io *io)
{
    size_t left = io->in_len - io->in_used;
    if (left < FLAG_WORD_LEN) {
        if (!io->in_final) {
            return XPRESS_NEED_INPUT;
        }
        return left == 0 ? XPRESS_END : XPRESS_TRUNCATED;
    }
    decoder->flags = load_u32(io->in + io->in_used);
    decoder->flag_count = FLAGS_A_WORD;
    io->in_used += FLAG_WORD_LEN;
    return XPRESS_OUTPUT_FULL;
}

/* Copies the run of literals with which the flags begin. XPRESS_OUTPUT_FULL: the whole run was
 * copied, or the output is full. */
static enum xpress_status literals_take(struct xpress_decoder *decoder, struct xpress_io *io)
{
    unsigned run = leading_zeros(decoder->flags);
    run = run < decoder->flag_count ? run : decoder->flag_count;
    if (run == 0) {
        return XPRESS_OUTPUT_FULL;
    }
    unsigned copied = (unsigned)literals_copy(io, run);
    decoder->flags = copied < FLAGS_A_WORD ? decoder->flags << copied : 0;
    decoder->flag_count -= copied;
    if (copied < run && io->out_len < io->out_cap) {
        return io->in_final ? XPRESS_TRUNCATED : XPRESS_NEED_INPUT;
    }
    return XPRESS_OUTPUT_FULL;
}

/* A match whose token is short: at most a length byte follows it. */
struct token {
    size_t distance, len; /* bytes */
    size_t token_len;     /* bytes of input */
};

/* Reads the token at `in`, of which TOKEN_LEN_MAX bytes are there. `history`: bytes of output so
 * far. False: it is unusual, and nothing was taken. */
static inline bool token_take(struct xpress_decoder *decoder, const uint8_t *in, size_t history,
                              struct token *token)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): the caller has the bytes */
    uint16_t word = load_u16(in);
    size_t len = word & 7;

    token->distance = (size_t)(word >> 3) + 1;
    token->token_len = 2;
    if (token->distance > history) {
        return false;
    }
    if (len == 7) {
        uint8_t nibble = decoder->has_nibble ? decoder->nibble : in[2] & 0x0F;
        if (nibble == 15) {
            return false;
        }
        if (!decoder->has_nibble) {
            decoder->nibble = in[2] >> 4;
            token->token_len = 3;
        }
        decoder->has_nibble = !decoder->has_nibble;
        len += nibble;
    }
    token->len = len + MATCH_LEN_MIN;
    return true;
}

#define OUT_MARGIN 128 /* bytes of room that a step of decode_fast() needs */

/* Copies a match of a short token, where a step's room is left. */
static inline void match_copy_near(uint8_t *out, size_t distance, size_t len)
{
    if (distance >= WIDE) {
        memcpy(out, out - distance, WIDE);
        memcpy(out + WIDE, out - distance + WIDE, WIDE);
    } else {
        match_copy(out, distance, len, OUT_MARGIN - FLAGS_A_WORD);
    }
}

/*
 * Decodes while all tokens of a flag word surely fit, with no checks but those that guard memory.
 * Stops with a consistent state at anything unusual, which the careful loop then takes.
 */
static void decode_fast(struct xpress_decoder *decoder, struct xpress_io *io)
{
    /* A step takes at most a flag word, 32 literals and a short token. It produces 41 bytes at
     * most, and may write as many behind them. */
    const size_t in_margin = FLAG_WORD_LEN + FLAGS_A_WORD + TOKEN_LEN_MAX;
    if (io->in_len < in_margin || io->out_cap < OUT_MARGIN) {
        return;
    }
    const uint8_t *in = io->in + io->in_used;
    uint8_t *out = io->out + io->out_len;
    uint32_t flags = decoder->flags;
    unsigned flag_count = decoder->flag_count;
    const uint8_t *in_stop = io->in + (io->in_len - in_margin);
    uint8_t *out_stop = io->out + (io->out_cap - OUT_MARGIN);

    while (in <= in_stop && out <= out_stop) {
        if (flag_count == 0) {
            flags = load_u32(in);
            flag_count = FLAGS_A_WORD;
            in += FLAG_WORD_LEN;
        }
        /* Used flags are shifted out, and zeros in: 0 means that only literals are left. */
        if (flags == 0) {
            memcpy(out, in, WIDE);
            memcpy(out + WIDE, in + WIDE, WIDE);
            in += flag_count;
            out += flag_count;
            flag_count = 0;
            continue;
        }
        unsigned run = leading_zeros(flags);
        memcpy(out, in, WIDE);
        if (run > WIDE) {
            memcpy(out + WIDE, in + WIDE, WIDE);
        }
        in += run;
        out += run;
        flags <<= run;
        flag_count -= run;

        struct token token;
        if (!token_take(decoder, in, (size_t)(out - io->out), &token)) {
            break;
        }
        in += token.token_len;
        flags <<= 1;
        flag_count--;
        match_copy_near(out, token.distance, token.len);
        out += token.len;
    }
    decoder->flags = flags;
    decoder->flag_count = flag_count;
    io->in_used = (size_t)(in - io->in);
    io->out_len = (size_t)(out - io->out);
}

enum xpress_status xpress_decode(struct xpress_decoder *decoder, struct xpress_io *io)
{
    for (;;) {
        if (decoder->match_left != 0 && !match_flush(decoder, io)) {
            return XPRESS_OUTPUT_FULL;
        }
        decode_fast(decoder, io);
        if (io->out_len == io->out_cap) {
            return XPRESS_OUTPUT_FULL;
        }
        enum xpress_status status = XPRESS_OUTPUT_FULL;
        if (decoder->flag_count == 0) {
            status = flags_read(decoder, io);
        }
        if (status == XPRESS_OUTPUT_FULL) {
            status = literals_take(decoder, io);
        }
        if (status != XPRESS_OUTPUT_FULL) {
            return status;
        }
        if (io->out_len == io->out_cap) {
            return XPRESS_OUTPUT_FULL;
        }
        if (decoder->flag_count == 0) {
            continue;
        }
        status = match_read(decoder, io);
        if (status != XPRESS_OUTPUT_FULL) {
            return status;
        }
        decoder->flags <<= 1;
        decoder->flag_count--;
    }
}

bool xpress_is_complete(const struct xpress_decoder *decoder, size_t rest_len)
{
    return decoder->match_left == 0 &&
           (rest_len == 0 || (rest_len == FLAG_WORD_LEN && decoder->flag_count == 0));
}
