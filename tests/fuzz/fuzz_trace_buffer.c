/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One trace buffer behind a healthy header: the first bytes say flags, processor and the size that
 * it claims after decompression; the rest is what lies behind its header.
 */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "parsers/etl/etl_format.h"
#include "tests/support/trace.h"

#define INPUT_HEAD_LEN 8
#define BODY_MAX 0x10000

static void store(uint8_t *at, uint64_t value, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

/* Written once: the trace buffer with the log-file header. */
static const struct trace_bytes *healthy_header(void)
{
    static struct trace_bytes image;
    if (image.len == 0) {
        struct trace trace;
        struct trace_errors errors;
        trace_init(&trace);
        trace.header.buffer_size = 1024;
        FUZZ_CHECK(trace_write(&trace, &image, &errors));
        trace_finish(&trace);
    }
    return &image;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct trace_bytes *header = healthy_header();
    if (len < INPUT_HEAD_LEN || len > BODY_MAX) {
        return 0;
    }
    size_t body_len = len - INPUT_HEAD_LEN;
    size_t image_len = header->len + ETL_BUFFER_HEADER_LEN + body_len;
    uint8_t *image = calloc(image_len, 1);
    FUZZ_CHECK(image != NULL);
    uint8_t *buffer = image + header->len;
    uint32_t used = (uint32_t)(ETL_BUFFER_HEADER_LEN + body_len);
    memcpy(image, header->data, header->len);
    store(buffer + ETL_BUFFER_SIZE_AT, used, 4);
    if (data[0] & ETL_BUFFER_COMPRESSED || data[1] & 1) {
        memcpy(buffer + ETL_BUFFER_USED_AT, data + 4, 4);
    } else {
        store(buffer + ETL_BUFFER_USED_AT, used, 4);
    }
    store(buffer + ETL_BUFFER_SEQUENCE_AT, 1, 8);
    store(buffer + ETL_BUFFER_PROCESSOR_AT, data[2], 1);
    store(buffer + ETL_BUFFER_FLAGS_AT, data[0], 2);
    store(buffer + ETL_BUFFER_TYPE_AT, data[3] & 7, 2);
    memcpy(buffer + ETL_BUFFER_HEADER_LEN, data + INPUT_HEAD_LEN, body_len);
    struct fuzz_outcome outcome;
    fuzz_image(image, image_len, &outcome);
    free(image);
    return 0;
}
