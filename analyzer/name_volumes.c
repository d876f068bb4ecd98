/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/name_volumes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocated.h"
#include "base/hash_table.h"

#define VOLUMES_MAX                                                                                \
    1024                   /* drives, network redirectors and the like: some dozens on any machine \
                            */
#define PREFIX_PARTS_MAX 4 /* folders of a volume's NT path: "\Device\HarddiskVolume2\" has two */

struct volume {
    UT_hash_handle hh;
    char target[KERNEL_TEXT_MAX]; /* "C:\" */
    char path[KERNEL_TEXT_MAX];   /* the NT path in lower case, the end of its last folder too */
};

struct name_volumes {
    struct volume *table;
    size_t count;
};

struct name_volumes *name_volumes_create(void)
{
    return calloc(1, sizeof(struct name_volumes));
}

size_t name_volumes_bytes(const struct name_volumes *volumes)
{
    return HASH_COUNT(volumes->table) * (allocated_len(sizeof(struct volume)) + HASH_TABLE_SHARE);
}

void name_volumes_destroy(struct name_volumes *volumes)
{
    if (volumes == NULL) {
        return;
    }
    struct volume *volume = volumes->table;
    HASH_CLEAR(hh, volumes->table); /* frees the table; the items stay linked */
    while (volume != NULL) {
        struct volume *next = volume->hh.next;
        free(volume);
        volume = next;
    }
    free(volumes);
}

/* Windows compares paths without regard to case. Copies at most KERNEL_TEXT_MAX - 1 bytes. */
static size_t path_fold(const char *path, size_t len, char folded[KERNEL_TEXT_MAX])
{
    size_t count = len < KERNEL_TEXT_MAX - 1 ? len : KERNEL_TEXT_MAX - 1;
    for (size_t i = 0; i < count; i++) {
        char c = path[i];
        folded[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    folded[count] = '\0';
    return count;
}

/* The folder of all drives stands for nothing, and has no target. */
bool name_volumes_add(struct name_volumes *volumes, const struct kernel_event *event)
{
    char path[KERNEL_TEXT_MAX];
    size_t len = path_fold(event->name, strlen(event->name), path);
    if (event->extra[0] == '\0' || event->truncated) {
        return true;
    }
    struct volume *volume;
    HASH_FIND(hh, volumes->table, path, len, volume);
    if (volume == NULL) {
        if (HASH_COUNT(volumes->table) >= VOLUMES_MAX) {
            return true;
        }
        volume = malloc(sizeof *volume);
        if (volume == NULL) {
            return false;
        }
        memcpy(volume->path, path, len + 1);
        HASH_ADD(hh, volumes->table, path, len, volume);
        if (volume->hh.tbl == NULL) {
            free(volume);
            return false;
        }
    }
    memcpy(volume->target, event->extra, strlen(event->extra) + 1);
    volumes->count++;
    return true;
}

size_t name_volumes_count(const struct name_volumes *volumes)
{
    return volumes->count;
}

/* The volume with the longest NT path that the path begins with; *len is that path's length. A
 * volume's NT path ends in a separator, so that volume 3 is not taken for volume 33. */
static const struct volume *volume_of(const struct name_volumes *volumes, const char *path,
                                      size_t *len)
{
    char folded[KERNEL_TEXT_MAX];
    const struct volume *longest = NULL;
    const char *end = strchr(path + 1, '\\'); /* no volume is the first separator alone */
    path_fold(path, strlen(path), folded);
    for (unsigned part = 0; end != NULL && part < PREFIX_PARTS_MAX; part++) {
        size_t prefix_len = (size_t)(end - path) + 1;
        if (prefix_len >= sizeof folded) {
            break;
        }
        struct volume *volume;
        HASH_FIND(hh, volumes->table, folded, prefix_len, volume);
        if (volume != NULL) {
            longest = volume;
            *len = prefix_len;
        }
        end = strchr(end + 1, '\\');
    }
    return longest;
}

static bool is_drive_path(const char *path)
{
    char letter = path[0];
    bool is_letter = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
    return is_letter && path[1] == ':' && path[2] == '\\';
}

/* "\??\" is the folder of drive letters, whether or not a record says so. */
bool name_volumes_drive_path(const struct name_volumes *volumes, const char *path,
                             char drive_path[NAME_PATH_MAX])
{
    static const char drives[] = "\\??\\";
    size_t len = 0;
    if (path[0] != '\\') {
        return false;
    }
    if (strncmp(path, drives, sizeof drives - 1) == 0 && is_drive_path(path + sizeof drives - 1)) {
        snprintf(drive_path, NAME_PATH_MAX, "%s", path + sizeof drives - 1);
        return true;
    }
    const struct volume *volume = volume_of(volumes, path, &len);
    if (volume == NULL) {
        return false;
    }
    snprintf(drive_path, NAME_PATH_MAX, "%s%s", volume->target, path + len);
    return true;
}
