/* SPDX-License-Identifier: Apache-2.0 */

/* bare_walk FILE: reads every trace buffer of an uncompressed .etl through a byte source and hops
 * over its records by their headers, nothing else. What a reader of traces is measured against. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/byte_source.h"
#include "base/load.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_record.h"

struct totals {
    uint64_t buffers, records, bytes;
};

/* Hops over the records of one trace buffer. False: one of them has no valid header. */
static bool hop(const uint8_t *bytes, size_t size, struct totals *totals)
{
    size_t used = load_u32(bytes + ETL_BUFFER_USED_AT);
    if (used < ETL_BUFFER_HEADER_LEN || used > size) {
        return false;
    }
    size_t at = ETL_BUFFER_HEADER_LEN;
    totals->buffers++;
    totals->bytes += used;
    while (at < used) {
        struct etl_frame frame;
        if (etl_record_frame(bytes + at, used - at, &frame) != ETL_FRAME_OK) {
            return false;
        }
        totals->records++;
        size_t stride = etl_record_stride(frame.size);
        at += stride < used - at ? stride : used - at;
    }
    return true;
}

static bool walk(struct byte_source *source, uint8_t *bytes, struct totals *totals,
                 struct error_chain *errors)
{
    uint64_t at = 0;
    while (source->size - at >= ETL_BUFFER_HEADER_LEN) {
        if (byte_source_read(source, at, bytes, ETL_BUFFER_HEADER_LEN, errors) != BYTE_SOURCE_OK) {
            return false;
        }
        uint32_t size = load_u32(bytes + ETL_BUFFER_SIZE_AT);
        if (size < ETL_BUFFER_HEADER_LEN || size > ETL_BUFFER_SIZE_MAX ||
            size > source->size - at ||
            byte_source_read(source, at, bytes, size, errors) != BYTE_SOURCE_OK ||
            !hop(bytes, size, totals)) {
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
        fprintf(stderr, "usage: bare_walk FILE (one that can be read)\n");
        return 2;
    }
    uint8_t *bytes = malloc(ETL_BUFFER_SIZE_MAX);
    struct totals totals = {0};
    bool ok = bytes != NULL && walk(source, bytes, &totals, &errors);
    printf("buffers %" PRIu64 " records %" PRIu64 " bytes %" PRIu64 "%s\n", totals.buffers,
           totals.records, totals.bytes, ok ? "" : " (damaged)");
    free(bytes);
    byte_source_destroy(source);
    return ok ? 0 : 1;
}
