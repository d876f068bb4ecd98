#ifndef PARSERS_ETL_XPRESS_H
#define PARSERS_ETL_XPRESS_H

/*
 * Plain XPRESS LZ77 (MS-XCA 2.3 and 2.4), decoded through windows: input and output come in
 * pieces, and nothing is allocated. A match reaches back at most XPRESS_HISTORY bytes, so that
 * much output must stay in front of the output position.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XPRESS_HISTORY 8192

enum xpress_status {
    XPRESS_END = 1,         /* the input ended where a match or a flag word could have begun */
    XPRESS_NEED_INPUT = 2,  /* call again with the input from in_used on, and more behind it */
    XPRESS_OUTPUT_FULL = 0, /* call again with more room */
    XPRESS_CORRUPT = -1,    /* what was decoded so far is valid */
    XPRESS_TRUNCATED = -2,  /* the same; the input ended inside a token */
};

struct xpress_decoder {
    uint32_t flags; /* those not yet used, from bit 31 down */
    unsigned flag_count;
    bool has_nibble;
    uint8_t nibble;      /* the half-used length byte's high half */
    uint64_t match_left; /* of a match that did not fit the output */
    uint32_t match_distance;
};

/* The windows of one call. Positions are moved by what was consumed and produced. */
struct xpress_io {
    const uint8_t *in;
    size_t in_len, in_used;
    bool in_final; /* no input follows in[in_len) */
    uint8_t *out;  /* out[0..out_len) is earlier output: all of it, or XPRESS_HISTORY at least */
    size_t out_len;
    size_t out_cap; /* bytes between out_len and out_cap may be overwritten at will */
};

void xpress_init(struct xpress_decoder *decoder);

enum xpress_status xpress_decode(struct xpress_decoder *decoder, struct xpress_io *io);

/* After XPRESS_OUTPUT_FULL at the output's known length: whether the `rest_len` bytes of input
 * that remain are what an encoder leaves behind its last token (nothing, or a flag word that it
 * had reserved). */
bool xpress_is_complete(const struct xpress_decoder *decoder, size_t rest_len);

#endif
