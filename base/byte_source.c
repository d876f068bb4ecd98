/* SPDX-License-Identifier: Apache-2.0 */

#include "base/byte_source.h"

#include <inttypes.h>

#include "base/least.h"
#include "base/out.h"

#define COPY_LEN 16384 /* bytes that are held at a time */

enum byte_source_status byte_source_read(struct byte_source *source, uint64_t offset, void *dst,
                                         size_t len, struct error_chain *errors)
{
    if (offset > source->size || len > source->size - offset) {
        error_chain_add(errors, offset, "wanted %zu bytes, but the input has %" PRIu64 " in all",
                        len, source->size);
        return BYTE_SOURCE_ERROR;
    }
    return len == 0 ? BYTE_SOURCE_OK : source->ops->read(source, offset, dst, len, errors);
}

bool byte_source_copy(struct byte_source *source, struct out *out, struct error_chain *errors)
{
    uint8_t bytes[COPY_LEN];
    size_t len;

    for (uint64_t at = 0; at < source->size; at += len) {
        uint64_t left = source->size - at;

        len = (size_t)least_u64(left, sizeof bytes);
        if (byte_source_read(source, at, bytes, len, errors) != BYTE_SOURCE_OK) {
            return false;
        }
        out_write(out, bytes, len);
    }
    return true;
}

void byte_source_destroy(struct byte_source *source)
{
    if (source != NULL) {
        source->ops->destroy(source);
    }
}
