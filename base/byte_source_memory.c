/* SPDX-License-Identifier: Apache-2.0 */

#include "base/byte_source.h"

#include <stdlib.h>
#include <string.h>

struct memory_source {
    struct byte_source base;
    const uint8_t *bytes;
};

static enum byte_source_status memory_read(struct byte_source *source, uint64_t offset, void *dst,
                                           size_t len, struct error_chain *errors)
{
    (void)errors;
    memcpy(dst, ((const struct memory_source *)(const void *)source)->bytes + offset, len);
    return BYTE_SOURCE_OK;
}

static void memory_destroy(struct byte_source *source)
{
    free(source);
}

static const struct byte_source_ops memory_ops = {memory_read, memory_destroy};

enum byte_source_status byte_source_open_memory(const void *bytes, size_t len,
                                                struct byte_source **source,
                                                struct error_chain *errors)
{
    *source = NULL;
    struct memory_source *memory = calloc(1, sizeof *memory);
    if (memory == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
        return BYTE_SOURCE_NO_MEMORY;
    }
    memory->base.ops = &memory_ops;
    memory->base.size = len;
    memory->bytes = bytes;
    *source = &memory->base;
    return BYTE_SOURCE_OK;
}
