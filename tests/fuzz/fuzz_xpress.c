/* SPDX-License-Identifier: Apache-2.0 */

/* The decompressor: at once and through windows of any size, which must give the same. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "tests/support/xpress_whole.h"

#define OUT_MAX 0x20000
#define INPUT_HEAD_LEN 3

/* Decodes with `in_step` bytes of input and `out_step` of room more each time. */
static size_t decode_in_steps(const uint8_t *in, size_t in_len, uint8_t *out, size_t in_step,
                              size_t out_step, enum xpress_status *status)
{
    struct xpress_decoder decoder;
    struct xpress_io io = {.in = in, .in_len = in_step, .out = out, .out_cap = out_step};
    xpress_init(&decoder);
    if (io.in_len >= in_len) {
        io.in_len = in_len;
    }
    for (;;) {
        size_t used = io.in_used, produced = io.out_len, window = io.in_len, room = io.out_cap;
        io.in_final = io.in_len == in_len;
        *status = xpress_decode(&decoder, &io);
        FUZZ_CHECK(io.in_used >= used && io.in_used <= io.in_len);
        FUZZ_CHECK(io.out_len >= produced && io.out_len <= io.out_cap);
        if (*status == XPRESS_NEED_INPUT && !io.in_final) {
            io.in_len = in_len - io.in_len > in_step ? io.in_len + in_step : in_len;
        } else if (*status == XPRESS_OUTPUT_FULL && io.out_cap < OUT_MAX) {
            io.out_cap = OUT_MAX - io.out_cap > out_step ? io.out_cap + out_step : OUT_MAX;
        } else {
            break;
        }
        FUZZ_CHECK(io.in_len > window || io.out_cap > room);
    }
    if (*status == XPRESS_OUTPUT_FULL && xpress_is_complete(&decoder, in_len - io.in_used)) {
        *status = XPRESS_END; /* the windows of xpress_decode_whole() */
    }
    return io.out_len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static uint8_t whole[OUT_MAX], parts[OUT_MAX];
    if (len < INPUT_HEAD_LEN) {
        return 0;
    }
    size_t in_step = 1u + data[0], out_step = 1u + (data[1] | (size_t)data[2] << 8);
    size_t in_len = len - INPUT_HEAD_LEN;
    uint8_t *in = malloc(in_len ? in_len : 1); /* a copy of its exact size, so that overruns show */
    FUZZ_CHECK(in != NULL);
    memcpy(in, data + INPUT_HEAD_LEN, in_len);

    size_t whole_len, parts_len;
    enum xpress_status status, parts_status;
    status = xpress_decode_whole(in, in_len, whole, sizeof whole, &whole_len);
    FUZZ_CHECK(whole_len <= sizeof whole);
    parts_len = decode_in_steps(in, in_len, parts, in_step, out_step, &parts_status);
    FUZZ_CHECK(parts_len == whole_len && parts_status == status);
    FUZZ_CHECK(memcmp(whole, parts, whole_len) == 0);
    free(in);
    return 0;
}
