/* SPDX-License-Identifier: Apache-2.0 */

#include "base/archive_cursor.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/least.h"

#define CHUNK_LEN (64u << 10)

struct archive_cursor {
    struct archive *archive;     /* owned */
    struct byte_source *source;  /* owned */
    struct archive_entry *entry; /* borrowed of `archive` */
    struct error_chain *errors;  /* of the call that is running */
    uint64_t at;                 /* offset of the next byte that libarchive reads */
    uint64_t allowed;            /* bytes that the archive may unpack to */
    uint64_t unpacked;           /* bytes so far */
    bool over;                   /* `unpacked` is more than `allowed` */
    bool unreadable;             /* the source failed, and said why */
    uint8_t chunk[CHUNK_LEN];
};

/* ---- limits ---- */

static uint64_t cursor_allowed(const struct archive_limits *limits, uint64_t len)
{
    uint64_t allowed = limits->free_len;
    if (len > UINT64_MAX / limits->ratio_max) {
        allowed = UINT64_MAX;
    } else if (len * limits->ratio_max > allowed) {
        allowed = len * limits->ratio_max;
    }
    return least_u64(allowed, limits->unpacked_max);
}

/* False: the archive unpacks to more than it may. */
static bool cursor_add_unpacked(struct archive_cursor *cursor, uint64_t len)
{
    cursor->unpacked = len > UINT64_MAX - cursor->unpacked ? UINT64_MAX : cursor->unpacked + len;
    cursor->over = cursor->over || cursor->unpacked > cursor->allowed;
    return !cursor->over;
}

static void cursor_fail(struct archive_cursor *cursor, struct error_chain *errors)
{
    const char *text = archive_error_string(cursor->archive);
    if (cursor->over) {
        error_chain_add(errors, ERROR_NO_OFFSET,
                        "unpacks to %" PRIu64 " bytes or more, where %" PRIu64
                        " are allowed for an archive of %" PRIu64
                        "; unpack it yourself if you trust it",
                        cursor->unpacked, cursor->allowed, cursor->source->size);
    } else if (!cursor->unreadable) {
        error_chain_add(errors, cursor->at, "the archive, of %" PRIu64 " bytes, is damaged: %s",
                        cursor->source->size, text != NULL ? text : "no cause is known");
    }
}

/* ---- the archive's own bytes ---- */

/* Compressed tar archives unpack while libarchive passes over members that nobody wants. */
static bool cursor_may_go_on(struct archive_cursor *cursor)
{
    int64_t decoded =
        archive_filter_count(cursor->archive) > 1 ? archive_filter_bytes(cursor->archive, 0) : 0;
    if (decoded > 0 && (uint64_t)decoded > cursor->allowed) {
        cursor->unpacked = (uint64_t)decoded;
        cursor->over = true;
    }
    return !cursor->over;
}

static la_ssize_t cursor_give_bytes(struct archive *archive, void *user, const void **bytes)
{
    struct archive_cursor *cursor = user;
    uint64_t left = cursor->source->size - cursor->at;
    size_t len = (size_t)least_u64(left, CHUNK_LEN);
    if (!cursor_may_go_on(cursor)) {
        archive_set_error(archive, EIO, "the limit is reached");
        return -1;
    }
    if (byte_source_read(cursor->source, cursor->at, cursor->chunk, len, cursor->errors) !=
        BYTE_SOURCE_OK) {
        cursor->unreadable = true;
        archive_set_error(archive, EIO, "can't read");
        return -1;
    }
    cursor->at += len;
    *bytes = cursor->chunk;
    return (la_ssize_t)len;
}

static la_int64_t cursor_skip(struct archive *archive, void *user, la_int64_t len)
{
    struct archive_cursor *cursor = user;
    uint64_t left = cursor->source->size - cursor->at;
    uint64_t step = len < 0 ? 0 : least_u64((uint64_t)len, left);
    (void)archive;
    cursor->at += step;
    return (la_int64_t)step;
}

static la_int64_t cursor_seek(struct archive *archive, void *user, la_int64_t offset, int whence)
{
    struct archive_cursor *cursor = user;
    uint64_t size = cursor->source->size;
    uint64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? cursor->at : size;
    uint64_t step = offset < 0 ? 0 - (uint64_t)offset : (uint64_t)offset;
    (void)archive;
    if (step > (offset < 0 ? from : size - from)) {
        return ARCHIVE_FATAL;
    }
    cursor->at = offset < 0 ? from - step : from + step;
    return (la_int64_t)cursor->at;
}

/* ---- the cursor ---- */

/* A filter that libarchive would leave to another program is not there. Compressed files may be tar
 * archives. */
static bool cursor_choose(struct archive *archive, enum archive_kind kind)
{
    static int (*const supports[])(struct archive *) = {
        [ARCHIVE_KIND_ZIP] = archive_read_support_format_zip,
        [ARCHIVE_KIND_CAB] = archive_read_support_format_cab,
        [ARCHIVE_KIND_7Z] = archive_read_support_format_7zip,
        [ARCHIVE_KIND_GZ] = archive_read_support_filter_gzip,
        [ARCHIVE_KIND_XZ] = archive_read_support_filter_xz,
        [ARCHIVE_KIND_ZST] = archive_read_support_filter_zstd,
    };
    if (kind == ARCHIVE_KIND_NONE || supports[kind](archive) != ARCHIVE_OK) {
        return false;
    }
    return kind < ARCHIVE_KIND_GZ || (archive_read_support_format_tar(archive) == ARCHIVE_OK &&
                                      archive_read_support_format_raw(archive) == ARCHIVE_OK);
}

static bool cursor_open(struct archive_cursor *cursor, enum archive_kind kind)
{
    struct archive *archive = cursor->archive;
    if (!cursor_choose(archive, kind)) {
        archive_set_error(archive, EIO, "libarchive was built without its format");
        return false;
    }
    archive_read_set_read_callback(archive, cursor_give_bytes);
    archive_read_set_skip_callback(archive, cursor_skip);
    archive_read_set_seek_callback(archive, cursor_seek);
    archive_read_set_callback_data(archive, cursor);
    return archive_read_open1(archive) == ARCHIVE_OK;
}

struct archive_cursor *archive_cursor_create(struct byte_source *source, enum archive_kind kind,
                                             const struct archive_limits *limits,
                                             struct error_chain *errors)
{
    struct archive_cursor *cursor = calloc(1, sizeof *cursor);
    struct archive *archive = archive_read_new();
    if (cursor == NULL || archive == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
        archive_read_free(archive);
        free(cursor);
        byte_source_destroy(source);
        return NULL;
    }
    cursor->archive = archive;
    cursor->source = source;
    cursor->errors = errors;
    cursor->allowed = cursor_allowed(limits, source->size);
    if (!cursor_open(cursor, kind)) {
        cursor_fail(cursor, errors);
        archive_cursor_destroy(cursor);
        return NULL;
    }
    return cursor;
}

void archive_cursor_destroy(struct archive_cursor *cursor)
{
    if (cursor != NULL) {
        cursor->errors = NULL;
        archive_read_free(cursor->archive);
        byte_source_destroy(cursor->source);
        free(cursor);
    }
}

static bool cursor_is_raw(const struct archive_cursor *cursor)
{
    return archive_format(cursor->archive) == ARCHIVE_FORMAT_RAW;
}

/* False: the entry can't be a trace. */
static bool cursor_at_file(const struct archive_cursor *cursor)
{
    return cursor_is_raw(cursor) || (archive_entry_filetype(cursor->entry) == AE_IFREG &&
                                     archive_entry_hardlink(cursor->entry) == NULL);
}

/* libarchive takes any bytes for one compressed file, also those that nobody compressed. */
static bool cursor_is_compressed(struct archive_cursor *cursor, struct error_chain *errors)
{
    if (cursor_is_raw(cursor) && archive_filter_count(cursor->archive) < 2) {
        error_chain_add(errors, 0, "is not compressed as its name says");
        return false;
    }
    return true;
}

enum archive_step archive_cursor_next(struct archive_cursor *cursor, struct error_chain *errors)
{
    cursor->errors = errors;
    do {
        int result = archive_read_next_header(cursor->archive, &cursor->entry);
        if (result == ARCHIVE_EOF) {
            return ARCHIVE_STEP_END;
        }
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
            cursor_fail(cursor, errors);
            return ARCHIVE_STEP_ERROR;
        }
        if (!cursor_is_compressed(cursor, errors)) {
            return ARCHIVE_STEP_ERROR;
        }
    } while (!cursor_at_file(cursor));
    return ARCHIVE_STEP_MEMBER;
}

const char *archive_cursor_name(const struct archive_cursor *cursor)
{
    const char *name = archive_entry_pathname_utf8(cursor->entry);
    if (cursor_is_raw(cursor)) {
        return NULL;
    }
    name = name != NULL ? name : archive_entry_pathname(cursor->entry);
    return name != NULL ? name : "";
}

bool archive_cursor_count(struct archive_cursor *cursor, struct error_chain *errors)
{
    int64_t len = archive_entry_size_is_set(cursor->entry) ? archive_entry_size(cursor->entry) : 0;
    if (!cursor_add_unpacked(cursor, len > 0 ? (uint64_t)len : 0)) {
        cursor_fail(cursor, errors);
        return false;
    }
    return true;
}

int64_t archive_cursor_read(void *user, uint64_t offset, uint8_t *bytes, size_t len,
                            struct error_chain *errors)
{
    struct archive_cursor *cursor = user;
    cursor->errors = errors;
    la_ssize_t got = -1;
    if (archive_entry_is_encrypted(cursor->entry)) {
        error_chain_add(errors, ERROR_NO_OFFSET,
                        "is encrypted, and no password is asked for: unpack it yourself");
        return -1;
    }
    got = archive_read_data(cursor->archive, bytes, len);
    if (got < 0 || !cursor_add_unpacked(cursor, (uint64_t)got)) {
        cursor_fail(cursor, errors);
        error_chain_add(errors, offset, "%" PRIu64 " bytes could be unpacked", offset);
        return -1;
    }
    return got;
}
