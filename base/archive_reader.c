/* SPDX-License-Identifier: Apache-2.0 */

#include "base/archive_reader.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/archive_cursor.h"
#include "base/byte_source_spool.h"
#include "base/platform.h"

/* An archive that a thread has read up to one of its members. Whoever opens the next member reads
 * on there, so that an archive of many traces is not unpacked anew from its start for each. */
struct parked {
    struct archive_cursor *cursor; /* owned; NULL: the place is free */
    struct platform_status status; /* of the archive */
};

#define PARKED_MAX 8 /* threads that read archives at once; a further one begins anew */

static struct parked parked[PARKED_MAX];
static size_t parked_next; /* the place that is given up when all are taken */
static pthread_mutex_t parked_lock = PTHREAD_MUTEX_INITIALIZER;

/* NULL: nobody reads this archive, or all its readers are at work. */
static struct archive_cursor *parked_take(const struct platform_status *status)
{
    struct archive_cursor *cursor = NULL;
    pthread_mutex_lock(&parked_lock);
    for (size_t i = 0; i < PARKED_MAX && cursor == NULL; i++) {
        if (parked[i].cursor != NULL && platform_same_file(&parked[i].status, status) &&
            parked[i].status.size == status->size) {
            cursor = parked[i].cursor;
            parked[i].cursor = NULL;
        }
    }
    pthread_mutex_unlock(&parked_lock);
    return cursor;
}

static void parked_put(struct archive_cursor *cursor, const struct platform_status *status)
{
    pthread_mutex_lock(&parked_lock);
    size_t place = 0;
    while (place < PARKED_MAX && parked[place].cursor != NULL) {
        place++;
    }
    if (place == PARKED_MAX) {
        place = parked_next;
        parked_next = (parked_next + 1) % PARKED_MAX;
    }
    struct archive_cursor *given_up = parked[place].cursor;
    parked[place] = (struct parked){cursor, *status};
    pthread_mutex_unlock(&parked_lock);
    archive_cursor_destroy(given_up);
}

static struct archive_cursor *open_cursor(const char *path, const struct archive_limits *limits,
                                          struct error_chain *errors)
{
    struct byte_source *source = NULL;
    if (byte_source_open_file(path, NULL, &source, errors) != BYTE_SOURCE_OK) {
        return NULL;
    }
    return archive_cursor_create(source, archive_path_kind(path), limits, errors);
}

static enum byte_source_status list_members(struct archive_cursor *cursor, archive_member_fn *tell,
                                            void *user, struct error_chain *errors)
{
    enum archive_step step;
    while ((step = archive_cursor_next(cursor, errors)) == ARCHIVE_STEP_MEMBER) {
        if (!archive_cursor_count(cursor, errors)) {
            return BYTE_SOURCE_ERROR;
        }
        const char *name = archive_cursor_name(cursor);
        tell(user, name);
        if (name == NULL) {
            return BYTE_SOURCE_OK;
        }
    }
    return step == ARCHIVE_STEP_END ? BYTE_SOURCE_OK : BYTE_SOURCE_ERROR;
}

enum byte_source_status archive_reader_list(const char *path, const struct archive_limits *limits,
                                            archive_member_fn *tell, void *user,
                                            struct error_chain *errors)
{
    void *locale = platform_utf8_begin();
    struct archive_cursor *cursor = open_cursor(path, limits, errors);
    enum byte_source_status status =
        cursor != NULL ? list_members(cursor, tell, user, errors) : BYTE_SOURCE_ERROR;
    archive_cursor_destroy(cursor);
    platform_utf8_end(locale);
    return status;
}

/* Goes on to the member. */
static enum archive_step find_member(struct archive_cursor *cursor, const char *member,
                                     struct error_chain *errors)
{
    enum archive_step step;
    while ((step = archive_cursor_next(cursor, errors)) == ARCHIVE_STEP_MEMBER) {
        const char *name = archive_cursor_name(cursor);
        if (member == NULL ? name == NULL : name != NULL && strcmp(name, member) == 0) {
            break;
        }
        if (member == NULL && !archive_cursor_count(cursor, errors)) {
            return ARCHIVE_STEP_ERROR;
        }
    }
    return step;
}

/* A cursor that stands at the member; NULL after a cause. */
static struct archive_cursor *seek_member(const char *path, const char *member,
                                          const struct archive_limits *limits,
                                          const struct platform_status *status,
                                          struct error_chain *errors)
{
    struct archive_cursor *cursor = parked_take(status);
    if (cursor != NULL && find_member(cursor, member, NULL) == ARCHIVE_STEP_MEMBER) {
        return cursor;
    }
    archive_cursor_destroy(cursor);
    cursor = open_cursor(path, limits, errors);
    if (cursor == NULL) {
        return NULL;
    }
    enum archive_step step = find_member(cursor, member, errors);
    if (step == ARCHIVE_STEP_MEMBER) {
        return cursor;
    }
    if (step == ARCHIVE_STEP_END && member != NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "the archive holds no such file");
    } else if (step == ARCHIVE_STEP_END) {
        error_chain_add(errors, ERROR_NO_OFFSET, "holds files with names: give one, ARCHIVE!NAME");
    }
    archive_cursor_destroy(cursor);
    return NULL;
}

enum byte_source_status archive_reader_open(const char *path, const char *member,
                                            const struct archive_limits *limits,
                                            byte_source_check_fn *check,
                                            struct byte_source **source, struct error_chain *errors)
{
    struct platform_status file = {0};
    *source = NULL;
    if (!platform_status_of_path(path, &file)) {
        return byte_source_open_file(path, check, source, errors); /* fails, and says why */
    }
    void *locale = platform_utf8_begin();
    struct archive_cursor *cursor = seek_member(path, member, limits, &file, errors);
    enum byte_source_status status = BYTE_SOURCE_ERROR;
    if (cursor != NULL) {
        status = byte_source_open_spool(archive_cursor_read, cursor, check, source, errors);
    }
    if (status == BYTE_SOURCE_OK) {
        parked_put(cursor, &file);
    } else {
        archive_cursor_destroy(cursor);
    }
    platform_utf8_end(locale);
    return status;
}
