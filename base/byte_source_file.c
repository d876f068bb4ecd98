/* SPDX-License-Identifier: Apache-2.0 */

#include "base/byte_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/byte_source_spool.h"
#include "base/least.h"
#include "base/platform.h"

#define READ_ONCE_MAX (1u << 30) /* no system reads more in one call */

struct file_source {
    struct byte_source base;
    int descriptor;
    struct spool spool; /* of an input that can't seek; else empty */
    bool close;         /* the descriptor is this source's; standard input stays open */
    uint64_t start;     /* where the input begins: a shell may hand over a half-read file */
};

static enum byte_source_status file_read(struct byte_source *source, uint64_t offset, void *dst,
                                         size_t len, struct error_chain *errors)
{
    const struct file_source *file = (const struct file_source *)(const void *)source;
    if (file->spool.bytes != NULL) {
        memcpy(dst, file->spool.bytes + offset, len);
        return BYTE_SOURCE_OK;
    }
    size_t done = 0;
    while (done < len) {
        size_t want = least_size(len - done, READ_ONCE_MAX);
        int64_t got = platform_read_at(file->descriptor, file->start + offset + done,
                                       (uint8_t *)dst + done, want);
        if (got < 0) {
            error_chain_add(errors, offset + done, "can't read %zu bytes: %s", want,
                            platform_error_text(errno));
            return BYTE_SOURCE_ERROR;
        }
        if (got == 0) {
            error_chain_add(errors, offset,
                            "wanted %zu bytes, got %zu: the file became shorter while it was read",
                            len, done);
            return BYTE_SOURCE_ERROR;
        }
        done += (size_t)got;
    }
    return BYTE_SOURCE_OK;
}

static void file_destroy(struct byte_source *source)
{
    struct file_source *file = (struct file_source *)(void *)source;
    spool_finish(&file->spool);
    if (file->close) {
        platform_close(file->descriptor);
    }
    free(file);
}

static const struct byte_source_ops file_ops = {file_read, file_destroy};

static int64_t descriptor_read(void *user, uint64_t offset, uint8_t *bytes, size_t len,
                               struct error_chain *errors)
{
    const int *descriptor = user;
    int64_t got = platform_read(*descriptor, bytes, len);
    if (got < 0) {
        error_chain_add(errors, offset, "can't read: %s", platform_error_text(errno));
    }
    return got;
}

/* Reads from the copy from here on. */
static void file_use_spool(struct file_source *file)
{
    if (file->spool.file != NULL) {
        file->descriptor = platform_descriptor(file->spool.file);
    }
    file->base.size = file->spool.len;
}

/* Replaces an input that can't seek by a copy. */
static enum byte_source_status file_spool(struct file_source *file, byte_source_check_fn *check,
                                          struct error_chain *errors)
{
    enum byte_source_status status =
        spool_fill(&file->spool, descriptor_read, &file->descriptor, check, errors);
    if (status != BYTE_SOURCE_OK) {
        return status;
    }
    if (file->close) {
        platform_close(file->descriptor);
        file->close = false;
    }
    file_use_spool(file);
    return BYTE_SOURCE_OK;
}

static enum byte_source_status fail_folder(struct error_chain *errors)
{
    error_chain_add(errors, ERROR_NO_OFFSET, "is a directory");
    return BYTE_SOURCE_ERROR;
}

static enum byte_source_status file_measure(struct file_source *file, byte_source_check_fn *check,
                                            struct error_chain *errors)
{
    struct platform_status status;
    if (!platform_status_of_descriptor(file->descriptor, &status)) {
        error_chain_add(errors, ERROR_NO_OFFSET, "can't stat: %s", platform_error_text(errno));
        return BYTE_SOURCE_ERROR;
    }
    if (status.kind == PLATFORM_FOLDER) {
        return fail_folder(errors);
    }
    int64_t start = status.kind == PLATFORM_REGULAR ? platform_position(file->descriptor) : -1;
    if (start < 0) {
        return file_spool(file, check, errors);
    }
    file->start = (uint64_t)start;
    file->base.size = status.size > file->start ? status.size - file->start : 0;
    return BYTE_SOURCE_OK;
}

enum byte_source_status byte_source_open_file(const char *path, byte_source_check_fn *check,
                                              struct byte_source **source,
                                              struct error_chain *errors)
{
    *source = NULL;
    struct file_source *file = calloc(1, sizeof *file);
    if (file == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
        return BYTE_SOURCE_NO_MEMORY;
    }
    file->base.ops = &file_ops;
    file->close = strcmp(path, "-") != 0;
    file->descriptor = file->close ? platform_open_read(path) : 0;
    if (file->descriptor < 0) {
        int number = errno;
        free(file);
        if (number == EISDIR) {
            return fail_folder(errors);
        }
        error_chain_add(errors, ERROR_NO_OFFSET, "can't open: %s", platform_error_text(number));
        return BYTE_SOURCE_ERROR;
    }
    enum byte_source_status status = file_measure(file, check, errors);
    if (status != BYTE_SOURCE_OK) {
        file_destroy(&file->base);
        return status;
    }
    *source = &file->base;
    return BYTE_SOURCE_OK;
}

enum byte_source_status byte_source_open_spool(spool_read_fn *read, void *user,
                                               byte_source_check_fn *check,
                                               struct byte_source **source,
                                               struct error_chain *errors)
{
    *source = NULL;
    struct file_source *file = calloc(1, sizeof *file);
    if (file == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
        return BYTE_SOURCE_NO_MEMORY;
    }
    file->base.ops = &file_ops;
    enum byte_source_status status = spool_fill(&file->spool, read, user, check, errors);
    if (status != BYTE_SOURCE_OK) {
        file_destroy(&file->base);
        return status;
    }
    file_use_spool(file);
    *source = &file->base;
    return BYTE_SOURCE_OK;
}

/* Flushes a stream and returns how many bytes it has written. -1: errno says why. */
static int64_t written_len(FILE *file)
{
    return fflush(file) == 0 ? platform_position(platform_descriptor(file)) : -1;
}

enum byte_source_status byte_source_open_temporary(FILE *file, struct byte_source **source,
                                                   struct error_chain *errors)
{
    *source = NULL;
    int64_t len = written_len(file);
    if (len < 0) {
        error_chain_add(errors, ERROR_NO_OFFSET, "can't write the temporary copy: %s",
                        platform_error_text(errno));
        fclose(file);
        return BYTE_SOURCE_ERROR;
    }
    struct file_source *copy = calloc(1, sizeof *copy);
    if (copy == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
        fclose(file);
        return BYTE_SOURCE_NO_MEMORY;
    }
    copy->base.ops = &file_ops;
    copy->spool = (struct spool){.file = file, .len = (uint64_t)len};
    file_use_spool(copy);
    *source = &copy->base;
    return BYTE_SOURCE_OK;
}
