/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/symbols/link_folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/platform.h"

#define IMAGE_LINK "image"

/* A query of llvm-symbolizer is one line with the path in quotes. */
static bool is_plain(const char *path)
{
    for (; *path != '\0'; path++) {
        if (*path == '"' || (unsigned char)*path < 0x20) {
            return false;
        }
    }
    return true;
}

static bool format_path(char out[LINK_FOLDER_PATH_MAX], const char *folder, const char *name)
{
    int len = snprintf(out, LINK_FOLDER_PATH_MAX, "%s/%s", folder, name);
    if ((size_t)len >= LINK_FOLDER_PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    return true;
}

bool link_folder_init(struct link_folder *folder)
{
    const char *parent = platform_temporary_folder();
    folder->count = 0;
    if (!is_plain(parent)) {
        errno = EINVAL;
    } else if (format_path(folder->path, parent, "bufcheck-XXXXXX") &&
               platform_make_unique_folder(folder->path)) {
        return true;
    }
    folder->path[0] = '\0';
    return false;
}

static bool link_to(const char *file, const char *folder, const char *name,
                    char link[LINK_FOLDER_PATH_MAX])
{
    return format_path(link, folder, name) && platform_link(file, link);
}

bool link_folder_add(struct link_folder *folder, const char *image, const char *pdb,
                     const char *pdb_name, char link[LINK_FOLDER_PATH_MAX])
{
    char place[LINK_FOLDER_PATH_MAX], number[24];
    snprintf(number, sizeof number, "%zu", folder->count);
    if (!format_path(place, folder->path, number) || !platform_make_folder(place)) {
        return false;
    }
    folder->count++;
    return (pdb == NULL || link_to(pdb, place, pdb_name, link)) &&
           link_to(image, place, IMAGE_LINK, link);
}

static void remove_entry(void *user, const char *name)
{
    char path[LINK_FOLDER_PATH_MAX];
    const char *place = user;
    if (format_path(path, place, name)) {
        platform_remove(path);
    }
}

void link_folder_finish(struct link_folder *folder)
{
    char place[LINK_FOLDER_PATH_MAX], number[24];
    for (size_t i = 0; folder->path[0] != '\0' && i < folder->count; i++) {
        snprintf(number, sizeof number, "%zu", i);
        if (format_path(place, folder->path, number)) {
            platform_list(place, remove_entry, place);
            platform_remove_folder(place);
        }
    }
    if (folder->path[0] != '\0') {
        platform_remove_folder(folder->path);
    }
    folder->path[0] = '\0';
}
