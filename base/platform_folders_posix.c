/* SPDX-License-Identifier: Apache-2.0 */

/* realpath(), mkdtemp() */
#define _XOPEN_SOURCE 700

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/platform.h"

const char platform_list_separator = ':';

bool platform_list(const char *folder, platform_visit_fn *visit, void *user)
{
    DIR *listing = opendir(folder);
    if (listing == NULL) {
        return false;
    }
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            visit(user, entry->d_name);
        }
    }
    closedir(listing);
    return true;
}

bool platform_make_folder(const char *path)
{
    return mkdir(path, 0700) == 0;
}

bool platform_make_unique_folder(char *path)
{
    return mkdtemp(path) != NULL;
}

bool platform_remove_folder(const char *path)
{
    return rmdir(path) == 0;
}

/* A link needs an absolute path, because it may stand in another folder. */
bool platform_link(const char *file, const char *link)
{
    char *absolute = realpath(file, NULL);
    bool done = absolute != NULL && symlink(absolute, link) == 0;
    free(absolute);
    return done;
}

bool platform_can_run(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}
