/* SPDX-License-Identifier: Apache-2.0 */

/* bare_decompress FILE: decodes every trace buffer of an .etl and does nothing with the result.
 * What a reader of compressed traces is measured against. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/byte_source.h"
#include "parsers/etl/etl_format.h"
#include "base/load.h"
#include "tests/support/xpress_whole.h"

struct totals {
    uint64_t buffers, compressed, bytes;
};

/* Decodes the data between the header and the end of one trace buffer. False: corrupt data. */
static bool decode(const uint8_t *head, const uint8_t *body, size_t body_len, uint8_t *out,
                   struct totals *totals)
{
    uint32_t used = load_u32(head + ETL_BUFFER_USED_AT);
    totals->buffers++;
    if (used < ETL_BUFFER_HEADER_LEN || used > ETL_DECODED_MAX) {
        return false;
    }
    if ((load_u16(head + ETL_BUFFER_FLAGS_AT) & ETL_BUFFER_COMPRESSED) == 0) {
        totals->bytes += used;
        return true;
    }
    size_t out_len = 0;
    enum xpress_status status =
        xpress_decode_whole(body, body_len, out, used - ETL_BUFFER_HEADER_LEN, &out_len);
    totals->compressed++;
    totals->bytes += out_len;
    return status >= XPRESS_OUTPUT_FULL && out_len == used - ETL_BUFFER_HEADER_LEN;
}

static bool walk(struct byte_source *source, uint8_t *in, uint8_t *out, struct totals *totals,
                 struct error_chain *errors)
{
    uint64_t at = 0;
    while (source->size - at >= ETL_BUFFER_HEADER_LEN) {
        uint8_t head[ETL_BUFFER_HEADER_LEN];
        if (byte_source_read(source, at, head, sizeof head, errors) != BYTE_SOURCE_OK) {
            return false;
        }
        uint32_t size = load_u32(head + ETL_BUFFER_SIZE_AT);
        if (size < ETL_BUFFER_HEADER_LEN || size > ETL_BUFFER_SIZE_MAX ||
            size > source->size - at) {
            return false;
        }
        size_t body_len = size - ETL_BUFFER_HEADER_LEN;
        if (byte_source_read(source, at + ETL_BUFFER_HEADER_LEN, in, body_len, errors) !=
                BYTE_SOURCE_OK ||
            !decode(head, in, body_len, out, totals)) {
            return false;
        }
        at += size;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct error_chain errors;
    struct byte_source *source = NULL;
    error_chain_init(&errors);
    if (argc != 2 || byte_source_open_file(argv[1], NULL, &source, &errors) != BYTE_SOURCE_OK) {
        fprintf(stderr, "usage: bare_decompress FILE (one that can be read)\n");
        return 2;
    }
    uint8_t *in = malloc(ETL_BUFFER_SIZE_MAX);
    uint8_t *out = malloc(ETL_DECODED_MAX);
    struct totals totals = {0};
    bool ok = in != NULL && out != NULL && walk(source, in, out, &totals, &errors);
    printf("buffers %" PRIu64 " compressed %" PRIu64 " bytes %" PRIu64 "%s\n", totals.buffers,
           totals.compressed, totals.bytes, ok ? "" : " (damaged)");
    free(in);
    free(out);
    byte_source_destroy(source);
    return ok ? 0 : 1;
}
