/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/platform.h"
#include "base/platform_windows.h"

const char platform_list_separator = ';';

/* The pattern of all names in a folder, for the caller to free(). */
static wchar_t *all_names(const char *folder)
{
    size_t len = strlen(folder);
    char *pattern = malloc(len + 3);
    if (pattern == NULL) {
        return NULL;
    }
    memcpy(pattern, folder, len);
    memcpy(pattern + len, "\\*", 3);
    wchar_t *wide = windows_wide_path(pattern);
    free(pattern);
    return wide;
}

static void visit_name(const wchar_t *wide, platform_visit_fn *visit, void *user)
{
    char *name = windows_utf8(wide);
    if (name != NULL && strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
        visit(user, name);
    }
    free(name);
}

bool platform_list(const char *folder, platform_visit_fn *visit, void *user)
{
    WIN32_FIND_DATAW found;
    wchar_t *pattern = all_names(folder);
    if (pattern == NULL) {
        return false;
    }
    HANDLE search = FindFirstFileW(pattern, &found);
    free(pattern);
    if (search == INVALID_HANDLE_VALUE) {
        windows_set_errno();
        return false;
    }
    do {
        visit_name(found.cFileName, visit, user);
    } while (FindNextFileW(search, &found));
    FindClose(search);
    return true;
}

struct name_list {
    struct platform_words *names;
    bool full; /* there was no memory for a name */
};

static void add_name(void *user, const char *name)
{
    struct name_list *list = user;
    struct platform_words *names = list->names;
    char **more = realloc(names->words, (names->count + 1) * sizeof *more);
    char *copy = more != NULL ? _strdup(name) : NULL;
    names->words = more != NULL ? more : names->words;
    if (copy == NULL) {
        list->full = true;
        return;
    }
    names->words[names->count++] = copy;
}

bool platform_folder_names(const char *folder, struct platform_words *names)
{
    struct name_list list = {.names = names};
    *names = (struct platform_words){0};
    if (!platform_list(folder, add_name, &list)) {
        return false;
    }
    if (list.full) {
        platform_words_finish(names);
        errno = ENOMEM;
    }
    return !list.full;
}

/* Turns what a function of the system says into what ours do. */
static bool finish_call(BOOL done, wchar_t *path)
{
    if (!done) {
        windows_set_errno();
    }
    free(path);
    return done != 0;
}

bool platform_make_folder(const char *path)
{
    wchar_t *wide = windows_wide_path(path);
    return wide != NULL && finish_call(CreateDirectoryW(wide, NULL), wide);
}

bool platform_make_unique_folder(char *path)
{
    enum { TRIES = 100 };
    for (int i = 0; i < TRIES && windows_choose_name(path); i++) {
        if (platform_make_folder(path)) {
            return true;
        }
    }
    return false;
}

char *platform_working_folder(void)
{
    DWORD room = GetCurrentDirectoryW(0, NULL);
    wchar_t *wide = malloc((room + 1) * sizeof *wide);
    char *folder = NULL;
    if (wide != NULL && GetCurrentDirectoryW(room + 1, wide) > 0) {
        folder = windows_utf8(wide);
    }
    free(wide);
    return folder;
}

bool platform_is_link(const char *path)
{
    wchar_t *wide = windows_wide_path(path);
    DWORD attributes = wide != NULL ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
    free(wide);
    return attributes != INVALID_FILE_ATTRIBUTES &&
           (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
}

bool platform_remove_folder(const char *path)
{
    wchar_t *wide = windows_wide_path(path);
    return wide != NULL && finish_call(RemoveDirectoryW(wide), wide);
}

/* Links by name need a right that few have; a file has further names on its own volume only. */
bool platform_link(const char *file, const char *link)
{
    wchar_t *wide_file = windows_wide_path(file);
    wchar_t *wide_link = windows_wide_path(link);
    bool done = false;
    if (wide_file != NULL && wide_link != NULL) {
        done = CreateHardLinkW(wide_link, wide_file, NULL) || CopyFileW(wide_file, wide_link, TRUE);
        if (!done) {
            windows_set_errno();
        }
    }
    free(wide_file);
    free(wide_link);
    return done;
}

/* The ending of programs may be left out. */
bool platform_can_run(const char *path)
{
    struct platform_status status;
    char longer[4096];
    if (platform_status_of_path(path, &status)) {
        return status.kind == PLATFORM_REGULAR;
    }
    int len = snprintf(longer, sizeof longer, "%s.exe", path);
    return len > 0 && (size_t)len < sizeof longer && platform_status_of_path(longer, &status) &&
           status.kind == PLATFORM_REGULAR;
}
