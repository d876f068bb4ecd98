#ifndef PARSERS_ETL_ETL_PARTS_H
#define PARSERS_ETL_ETL_PARTS_H

/*
 * Inputs that are numbered parts of one session, and the streams of all inputs. The trace buffers
 * of one processor form one stream over the parts of a session, so that recorded order holds over
 * the border between two of them.
 */

#include <stddef.h>
#include <stdint.h>

#include "parsers/etl/etl_stream.h"

struct etl_parts {
    struct etl_stream *streams; /* owned */
    size_t stream_count, stream_capacity;
};

/*
 * Says of each input whether its end is missing, and links the index's entries into streams.
 * ETL_OK, ETL_NO_MEMORY.
 */
enum etl_status etl_parts_build(struct etl_parts *parts, struct etl_index *index,
                                struct etl_input *inputs, size_t input_count,
                                struct error_chain *errors);

void etl_parts_finish(struct etl_parts *parts);

#endif
