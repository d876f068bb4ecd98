#define _XOPEN_SOURCE 700

#include "analyzer/symbols/link_folder.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    if (len < 0 || len >= LINK_FOLDER_PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    return true;
}

bool link_folder_init(struct link_folder *folder)
{
    const char *parent = getenv("TMPDIR");
    folder->count = 0;
    if (parent == NULL || parent[0] == '\0' || !is_plain(parent)) {
        parent = "/tmp";
    }
    if (format_path(folder->path, parent, "bufcheck-XXXXXX") && mkdtemp(folder->path) != NULL) {
        return true;
    }
    folder->path[0] = '\0';
    return false;
}

/* A link needs an absolute path, because it stands in another folder. */
static bool link_to(const char *file, const char *folder, const char *name,
                    char link[LINK_FOLDER_PATH_MAX])
{
    char *absolute = realpath(file, NULL);
    bool done = absolute != NULL && format_path(link, folder, name) && symlink(absolute, link) == 0;
    free(absolute);
    return done;
}

bool link_folder_add(struct link_folder *folder, const char *image, const char *pdb,
                     const char *pdb_name, char link[LINK_FOLDER_PATH_MAX])
{
    char place[LINK_FOLDER_PATH_MAX], number[24];
    snprintf(number, sizeof number, "%zu", folder->count);
    if (!format_path(place, folder->path, number) || mkdir(place, 0700) != 0) {
        return false;
    }
    folder->count++;
    return (pdb == NULL || link_to(pdb, place, pdb_name, link)) &&
           link_to(image, place, IMAGE_LINK, link);
}

static void empty_folder(const char *place)
{
    char path[LINK_FOLDER_PATH_MAX];
    DIR *listing = opendir(place);
    if (listing == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            format_path(path, place, entry->d_name)) {
            unlink(path);
        }
    }
    closedir(listing);
}

void link_folder_finish(struct link_folder *folder)
{
    char place[LINK_FOLDER_PATH_MAX], number[24];
    for (size_t i = 0; folder->path[0] != '\0' && i < folder->count; i++) {
        snprintf(number, sizeof number, "%zu", i);
        if (format_path(place, folder->path, number)) {
            empty_folder(place);
            rmdir(place);
        }
    }
    if (folder->path[0] != '\0') {
        rmdir(folder->path);
    }
    folder->path[0] = '\0';
}
