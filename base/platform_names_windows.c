/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/platform.h"
#include "base/platform_windows.h"
#include "base/windows_words.h"

#define SHORT_PATH_MAX                                                                             \
    240 /* characters; the system's limit is 260, and names are added to folders */

/* ---- names ---- */

/* A full path with the prefix of long paths, for the caller to free(). */
static wchar_t *long_path(const wchar_t *path)
{
    DWORD room = GetFullPathNameW(path, 0, NULL, NULL);
    wchar_t *full = malloc((room + 8) * sizeof *full);
    if (room == 0 || full == NULL) {
        free(full);
        return NULL;
    }
    wcscpy(full, L"\\\\?\\");
    GetFullPathNameW(path, room, full + 4, NULL);
    if (full[4] == L'\\' && full[5] == L'\\') { /* \\server\share becomes \\?\UNC\server\share */
        GetFullPathNameW(path, room, full + 6, NULL);
        wmemcpy(full + 4, L"UNC", 3);
    }
    return full;
}

wchar_t *windows_wide_path(const char *path)
{
    wchar_t *wide = windows_wide(path);
    if (wide == NULL || wcslen(wide) < SHORT_PATH_MAX || wcsncmp(wide, L"\\\\?\\", 4) == 0) {
        return wide;
    }
    wchar_t *full = long_path(wide);
    if (full == NULL) {
        return wide;
    }
    free(wide);
    return full;
}

const char *platform_base_name(const char *path)
{
    return windows_words_base_name(path);
}

bool platform_is_absolute(const char *path)
{
    return windows_words_is_absolute(path);
}

bool platform_same_name(const char *a, const char *b)
{
    wchar_t *first = windows_wide(a);
    wchar_t *second = windows_wide(b);
    bool same = first != NULL && second != NULL &&
                CompareStringOrdinal(first, -1, second, -1, TRUE) == CSTR_EQUAL;
    free(first);
    free(second);
    return same;
}

bool platform_is_path(const char *word)
{
    return windows_words_is_path(word);
}

char *platform_folder_of(const char *path)
{
    return windows_words_folder_of(path);
}

bool windows_choose_name(char *path)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    unsigned char random[6];
    size_t len = strlen(path);
    if (!platform_random(random, sizeof random)) {
        errno = EIO;
        return false;
    }
    for (size_t i = 0; i < sizeof random; i++) {
        path[len - sizeof random + i] = letters[random[i] % 32];
    }
    return true;
}

/* ---- wildcards ---- */

static bool same_character(wchar_t a, wchar_t b)
{
    return CompareStringOrdinal(&a, 1, &b, 1, TRUE) == CSTR_EQUAL;
}

/* Takes `word` over, also where it fails. */
static bool add_word(struct platform_words *words, char *word)
{
    char **more = word != NULL ? realloc(words->words, (words->count + 1) * sizeof *more) : NULL;
    if (more == NULL) {
        free(word);
        return false;
    }
    words->words = more;
    words->words[words->count++] = word;
    return true;
}

/* A name behind the first `folder_len` bytes of `word`. */
static char *join_name(const char *word, size_t folder_len, const wchar_t *name)
{
    char *base = windows_utf8(name);
    char *path = base != NULL ? malloc(folder_len + strlen(base) + 1) : NULL;
    if (path != NULL) {
        memcpy(path, word, folder_len);
        memcpy(path + folder_len, base, strlen(base) + 1);
    }
    free(base);
    return path;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_found(struct platform_words *words, HANDLE search, WIN32_FIND_DATAW *found,
                      const char *word, size_t folder_len, const wchar_t *pattern)
{
    bool added = true;
    do {
        if ((found->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0 &&
            windows_words_fit(found->cFileName, pattern, same_character)) {
            added = add_word(words, join_name(word, folder_len, found->cFileName));
        }
    } while (added && FindNextFileW(search, found));
    return added;
}

/* Takes back what was added behind the first `count` words. */
static void drop_words(struct platform_words *words, size_t count)
{
    while (words->count > count) {
        free(words->words[--words->count]);
    }
}

/* `wide` is the path, `pattern` its last part. */
static bool add_files(struct platform_words *words, const char *word, const wchar_t *wide,
                      const wchar_t *pattern)
{
    size_t before = words->count;
    size_t folder_len = (size_t)(platform_base_name(word) - word);
    WIN32_FIND_DATAW found;
    HANDLE search = FindFirstFileW(wide, &found);
    if (search == INVALID_HANDLE_VALUE) {
        return true;
    }
    bool added = add_found(words, search, &found, word, folder_len, pattern);
    FindClose(search);
    if (!added) {
        drop_words(words, before);
        return false;
    }
    if (words->count > before) {
        qsort(words->words + before, words->count - before, sizeof *words->words, compare_words);
    }
    return true;
}

bool platform_expand(struct platform_words *words, const char *word)
{
    size_t before = words->count;
    const char *base = platform_base_name(word);
    if (strpbrk(base, "*?") != NULL) {
        wchar_t *wide = windows_wide_path(word);
        wchar_t *pattern = windows_wide(base);
        bool done = wide != NULL && pattern != NULL && add_files(words, word, wide, pattern);
        free(wide);
        free(pattern);
        if (!done) {
            return false;
        }
    }
    return words->count > before || add_word(words, _strdup(word));
}

void platform_words_finish(struct platform_words *words)
{
    drop_words(words, 0);
    free(words->words);
    *words = (struct platform_words){0};
}
