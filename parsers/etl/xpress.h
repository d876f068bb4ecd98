/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_XPRESS_H
#define PARSERS_ETL_XPRESS_H

/*
 * A decoder of plain XPRESS LZ77 (MS-XCA 2.3 and 2.4). Input and output come in pieces, and nothing
 * is allocated. A match reaches back at most XPRESS_HISTORY bytes, so the caller keeps that much
 * output in front of the output position.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XPRESS_HISTORY 8192

enum xpress_status {
    XPRESS_END = 1,         /* the input ended where a match or a flag word could have begun */
    XPRESS_NEED_INPUT = 2,  /* call again with the input from in_used on, and more behind it */
    XPRESS_OUTPUT_FULL = 0, /* call again with more room */
    XPRESS_CORRUPT = -1,    /* the input can't go on like this; the output so far is valid */
    XPRESS_TRUNCATED = -2,  /* the input ended inside a token; the output so far is valid */
};

struct xpress_decoder {
    uint32_t flags; /* flags yet to be used, from bit 31 down */
    unsigned flag_count;
    bool has_nibble;
    uint8_t nibble;      /* high half of a length byte whose low half was used */
    uint64_t match_left; /* bytes of a match that found no room in the output */
    uint32_t match_distance;
};

/* Input and output of one call, which moves in_used and out_len. */
struct xpress_io {
    const uint8_t *in;
    size_t in_len, in_used;
    bool in_final; /* no input follows in[in_len) */
    uint8_t *out;  /* out[0..out_len): earlier output, all or at least XPRESS_HISTORY bytes */
    size_t out_len;
    size_t out_cap; /* the decoder may overwrite any byte from out_len to out_cap */
};

void xpress_init(struct xpress_decoder *decoder);

enum xpress_status xpress_decode(struct xpress_decoder *decoder, struct xpress_io *io);

/* After XPRESS_OUTPUT_FULL at the output's known length: whether the `rest_len` bytes of input
 * that remain are those that an encoder leaves behind its last token: none, or a flag word that it
 * had reserved. */
bool xpress_is_complete(const struct xpress_decoder *decoder, size_t rest_len);

#endif
