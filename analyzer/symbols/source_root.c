/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/symbols/source_root.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/platform.h"

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

bool source_roots_add(struct source_roots *roots, const char *text)
{
    const char *equals = strchr(text, '=');
    size_t len = equals != NULL ? (size_t)(equals - text) : strlen(text);
    struct source_root *root = &roots->roots[roots->count];
    if (roots->count == SOURCE_ROOTS_MAX || len == 0 || len >= sizeof root->folder) {
        return false;
    }
    while (len > 1 && is_slash(text[len - 1])) {
        len--;
    }
    while (len > 2 && text[0] == '.' && is_slash(text[1])) {
        text += 2;
        len -= 2;
    }
    memcpy(root->folder, text, len);
    root->folder[len] = '\0';
    root->prefix = equals != NULL && equals[1] != '\0' ? equals + 1 : NULL;
    roots->count++;
    return true;
}

/* ---- paths of a build ---- */

/* The rest of the path behind the prefix, without slashes in front; NULL where the path begins
 * otherwise, or goes on in the middle of a name. */
static const char *behind_prefix(const char *path, const char *prefix)
{
    for (; *prefix != '\0'; path++, prefix++) {
        bool same = is_slash(*prefix) ? is_slash(*path) : strncasecmp(path, prefix, 1) == 0;
        if (!same) {
            return prefix[1] == '\0' && is_slash(*prefix) && *path == '\0' ? path : NULL;
        }
    }
    if (*path != '\0' && !is_slash(*path) && !is_slash(path[-1])) {
        return NULL;
    }
    while (is_slash(*path)) {
        path++;
    }
    return path;
}

/* Copies a relative path with slashes. False: it is empty, too long, or has a component ".." or
 * ".", a drive letter or a control character. */
static bool copy_relative(const char *path, char out[SOURCE_PATH_MAX])
{
    size_t len = 0, start = 0;
    for (;; path++) {
        bool ends = *path == '\0' || is_slash(*path);
        if (ends && (len == start || strncmp(out + start, "..", len - start) == 0)) {
            return false; /* also "." */
        }
        if (*path == '\0') {
            out[len] = '\0';
            return true;
        }
        if (len + 1 == SOURCE_PATH_MAX || *path == ':' || (unsigned char)*path < 0x20) {
            return false;
        }
        out[len++] = ends ? '/' : *path;
        start = ends ? len : start;
    }
}

/* ---- paths of the repository ---- */

/* The part of the folder's path that files of the repository have in front; "" where the folder is
 * the repository itself. */
static const char *name_of_folder(const struct source_root *root, const char *here)
{
    const char *folder = root->folder;
    size_t len = strlen(here);
    if (!platform_is_absolute(folder)) {
        bool above = strncmp(folder, "..", 2) == 0 && (folder[2] == '\0' || is_slash(folder[2]));
        return above || strcmp(folder, ".") == 0 ? "" : folder;
    }
    if (strncmp(folder, here, len) == 0 && is_slash(folder[len])) {
        return folder + len + 1;
    }
    return "";
}

static bool make_file(const struct source_root *root, const char *relative,
                      struct source_file *file)
{
    char *here = platform_working_folder();
    const char *folder = name_of_folder(root, here != NULL ? here : "");
    free(here); /* the name is a part of the root's */
    int path_len = snprintf(file->path, sizeof file->path, "%s/%s", root->folder, relative);
    int name_len = snprintf(file->name, sizeof file->name, "%s%s%s", folder,
                            folder[0] != '\0' ? "/" : "", relative);
    return (size_t)path_len < sizeof file->path && (size_t)name_len < sizeof file->name;
}

static bool is_file(const char *path)
{
    struct platform_status status;
    return platform_status_of_path(path, &status) && status.kind == PLATFORM_REGULAR;
}

/* Tries the path below the folder, then without its first component, and so on. */
static bool find_by_trying(const struct source_root *root, const char *built,
                           struct source_file *file)
{
    char relative[SOURCE_PATH_MAX];
    for (const char *at = built; *at != '\0';) {
        if (!is_slash(*at) && copy_relative(at, relative) && make_file(root, relative, file) &&
            is_file(file->path)) {
            return true;
        }
        at += strcspn(at, "/\\");
        at += *at != '\0';
    }
    return false;
}

static bool find_by_prefix(const struct source_root *root, const char *built,
                           struct source_file *file)
{
    char relative[SOURCE_PATH_MAX];
    const char *rest = behind_prefix(built, root->prefix);
    return rest != NULL && copy_relative(rest, relative) && make_file(root, relative, file);
}

bool source_roots_find(const struct source_roots *roots, const char *built,
                       struct source_file *file)
{
    for (size_t i = 0; i < roots->count; i++) {
        const struct source_root *root = &roots->roots[i];
        if (root->prefix != NULL ? find_by_prefix(root, built, file)
                                 : find_by_trying(root, built, file)) {
            return true;
        }
    }
    return false;
}
