/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_HEADER_H
#define PARSERS_ETL_ETL_HEADER_H

/* The trace buffer header, and the log-file header record that makes a file a trace. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/byte_source.h"
#include "base/error_chain.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_trace.h"

struct etl_buffer_header {
    uint32_t size;         /* bytes in the file, as the header says */
    uint32_t saved_offset; /* used bytes, by an older field */
    uint32_t used;         /* used bytes with this header, as the header says */
    int64_t sequence;
    uint32_t state;
    uint16_t processor;
    uint16_t flags;
    uint16_t type;
};

void etl_buffer_header_parse(const uint8_t bytes[ETL_BUFFER_HEADER_LEN],
                             struct etl_buffer_header *header);

#define ETL_START_LEN 512 /* bytes that etl_header_check() should be given */

/*
 * Looks at the first bytes of a file, up to ETL_START_LEN or all that there are. ETL_OK: it begins
 * as a trace file does. ETL_NOT_ETL, ETL_UNSUPPORTED: the cause says what the file is instead.
 */
enum etl_status etl_header_check(const uint8_t *bytes, size_t len, struct error_chain *errors);

/*
 * Reads the first trace buffer's header into *first, and from the log-file header record what *info
 * can hold of it; all other members of *info are 0. ETL_OK, ETL_NOT_ETL, ETL_UNSUPPORTED,
 * ETL_READ_ERROR, ETL_NO_MEMORY.
 */
enum etl_status etl_header_read(struct byte_source *source, struct etl_trace_info *info,
                                struct etl_buffer_header *first, struct error_chain *errors);

#endif
