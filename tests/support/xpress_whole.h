/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_SUPPORT_XPRESS_WHOLE_H
#define TESTS_SUPPORT_XPRESS_WHOLE_H

#include "parsers/etl/xpress.h"

/*
 * Decodes in[0..in_len) in one call. *out_len gets what was decoded, also on failure. XPRESS_END
 * if that is all; XPRESS_OUTPUT_FULL if the input would give more than out_cap bytes.
 */
static inline enum xpress_status xpress_decode_whole(const uint8_t *in, size_t in_len, uint8_t *out,
                                                     size_t out_cap, size_t *out_len)
{
    struct xpress_decoder decoder;
    xpress_init(&decoder);
    struct xpress_io io = {in, in_len, 0, true, out, 0, out_cap};
    enum xpress_status status = xpress_decode(&decoder, &io);
    if (status == XPRESS_OUTPUT_FULL && xpress_is_complete(&decoder, in_len - io.in_used)) {
        status = XPRESS_END;
    }
    *out_len = io.out_len;
    return status;
}

#endif
