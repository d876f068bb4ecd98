/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_PARTS_H
#define PARSERS_ETL_ETL_PARTS_H

/*
 * Makes the streams of a reader. Inputs may be numbered parts of one session: then the trace
 * buffers of one processor form one stream over all parts, so that recorded order holds across
 * their borders.
 */

#include <stddef.h>
#include <stdint.h>

#include "parsers/etl/etl_stream.h"

struct etl_parts {
    struct etl_stream *streams; /* owned */
    size_t stream_count, stream_capacity;
};

/*
 * Decides for each input whether its end is missing, and links the entries of the index into
 * streams. ETL_OK, ETL_NO_MEMORY.
 */
enum etl_status etl_parts_build(struct etl_parts *parts, struct etl_index *index,
                                struct etl_input *inputs, size_t input_count,
                                struct error_chain *errors);

void etl_parts_finish(struct etl_parts *parts);

#endif
