/* SPDX-License-Identifier: Apache-2.0 */

#include "base/byte_source.h"

#include <inttypes.h>

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

void byte_source_destroy(struct byte_source *source)
{
    if (source != NULL) {
        source->ops->destroy(source);
    }
}
