/* SPDX-License-Identifier: Apache-2.0 */

#include "base/byte_source_spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/platform.h"

#define CHUNK_LEN (256u << 10)

void spool_finish(struct spool *spool)
{
    if (spool->file != NULL) {
        fclose(spool->file);
    }
    free(spool->bytes);
    *spool = (struct spool){0};
}

/* An input while it is copied. */
struct spool_input {
    spool_read_fn *read;
    void *user;
    byte_source_check_fn *check; /* NULL: nobody looks at the first bytes */
    int file_error;              /* why there is no temporary file */
};

/* Reads until `len` bytes are there or the input ends, and gives their number in *got. */
static enum byte_source_status spool_read(const struct spool *spool,
                                          const struct spool_input *input, uint8_t *bytes,
                                          size_t len, size_t *got, struct error_chain *errors)
{
    *got = 0;
    while (*got < len) {
        int64_t part =
            input->read(input->user, spool->len + *got, bytes + *got, len - *got, errors);
        if (part < 0) {
            return BYTE_SOURCE_ERROR;
        }
        if (part == 0) {
            break;
        }
        *got += (size_t)part;
    }
    return BYTE_SOURCE_OK;
}

static enum byte_source_status spool_fail_write(const struct spool *spool,
                                                struct error_chain *errors)
{
    error_chain_add(errors, spool->len, "can't write the temporary copy: %s",
                    platform_error_text(platform_stream_error()));
    return BYTE_SOURCE_ERROR;
}

/* `file_error`: the reason why there is no temporary file. */
static enum byte_source_status spool_keep(struct spool *spool, const uint8_t *bytes, size_t len,
                                          int file_error, struct error_chain *errors)
{
    if (spool->file != NULL) {
        if (fwrite(bytes, 1, len, spool->file) != len) {
            return spool_fail_write(spool, errors);
        }
        spool->len += len;
        return BYTE_SOURCE_OK;
    }
    if (len > SPOOL_MEMORY_MAX - spool->len) {
        error_chain_add(errors, ERROR_NO_OFFSET,
                        "has more than %u bytes, which is as much of a pipe as is kept in memory, "
                        "and no temporary file can be made in %s: %s",
                        SPOOL_MEMORY_MAX, platform_temporary_folder(),
                        platform_error_text(file_error));
        return BYTE_SOURCE_ERROR;
    }
    if (len > 0) {
        memcpy(spool->bytes + spool->len, bytes, len);
    }
    spool->len += len;
    return BYTE_SOURCE_OK;
}

/* Makes room in memory for a chunk. */
static bool spool_reserve(struct spool *spool, uint64_t *room)
{
    if (spool->file != NULL || *room - spool->len >= CHUNK_LEN || *room >= SPOOL_MEMORY_MAX) {
        return true;
    }
    uint64_t wanted = *room == 0 ? 4 * CHUNK_LEN : *room * 2;
    uint8_t *bytes = realloc(spool->bytes, (size_t)wanted);
    if (bytes == NULL) {
        return false;
    }
    spool->bytes = bytes;
    *room = wanted;
    return true;
}

/* Copies the input, after `check` has looked at its first bytes. */
static enum byte_source_status spool_copy(struct spool *spool, const struct spool_input *input,
                                          uint8_t *chunk, struct error_chain *errors)
{
    size_t want = BYTE_SOURCE_START_LEN;
    uint64_t room = 0;
    for (;;) {
        size_t got;
        enum byte_source_status status = spool_read(spool, input, chunk, want, &got, errors);
        if (status == BYTE_SOURCE_OK && spool->len == 0 && input->check != NULL &&
            !input->check(chunk, got, errors)) {
            return BYTE_SOURCE_ERROR;
        }
        if (status == BYTE_SOURCE_OK && !spool_reserve(spool, &room)) {
            error_chain_add(errors, spool->len, "out of memory");
            return BYTE_SOURCE_NO_MEMORY;
        }
        if (status == BYTE_SOURCE_OK) {
            status = spool_keep(spool, chunk, got, input->file_error, errors);
        }
        if (status != BYTE_SOURCE_OK) {
            return status;
        }
        if (got < want) {
            return BYTE_SOURCE_OK;
        }
        want = CHUNK_LEN;
    }
}

enum byte_source_status spool_fill(struct spool *spool, spool_read_fn *read, void *user,
                                   byte_source_check_fn *check, struct error_chain *errors)
{
    *spool = (struct spool){.file = platform_temporary_file()};
    const struct spool_input input = {read, user, check, spool->file == NULL ? errno : 0};
    uint8_t *chunk = malloc(CHUNK_LEN);
    enum byte_source_status status = BYTE_SOURCE_NO_MEMORY;
    if (chunk == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
    } else {
        status = spool_copy(spool, &input, chunk, errors);
    }
    free(chunk);
    if (status == BYTE_SOURCE_OK && spool->file != NULL && fflush(spool->file) != 0) {
        status = spool_fail_write(spool, errors);
    }
    if (status != BYTE_SOURCE_OK) {
        spool_finish(spool);
    }
    return status;
}
