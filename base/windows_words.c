/* SPDX-License-Identifier: Apache-2.0 */

#include "base/windows_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"

#define COMMAND_LINE_MAX 32766 /* bytes; the system takes as many characters */

/* ---- paths ---- */

static bool has_drive(const char *path)
{
    return path[0] != '\0' && path[1] == ':';
}

const char *windows_words_base_name(const char *path)
{
    const char *base = has_drive(path) ? path + 2 : path;
    for (const char *at = strpbrk(base, "/\\"); at != NULL; at = strpbrk(base, "/\\")) {
        base = at + 1;
    }
    return base;
}

bool windows_words_is_absolute(const char *path)
{
    return path[0] == '/' || path[0] == '\\' || has_drive(path);
}

bool windows_words_is_path(const char *word)
{
    return strpbrk(word, ".\\/:") != NULL;
}

char *windows_words_folder_of(const char *path)
{
    size_t len = (size_t)(windows_words_base_name(path) - path);
    char *folder = malloc(len + 2);
    if (folder == NULL) {
        return NULL;
    }
    memcpy(folder, path, len);
    /* Without a separator it is the current folder, of a drive. */
    bool current = len == 0 || path[len - 1] == ':';
    memcpy(folder + len, current ? "." : "", current ? 2 : 1);
    return folder;
}

/* ---- wildcards ---- */

bool windows_words_fit(const wchar_t *name, const wchar_t *pattern, windows_words_same_fn *same)
{
    const wchar_t *star = NULL, *star_name = NULL;
    while (*name != L'\0') {
        if (*pattern == L'*') {
            star = pattern++;
            star_name = name;
        } else if (*pattern == L'?' || same(*pattern, *name)) {
            pattern++;
            name++;
        } else if (star != NULL) { /* the star takes one more character */
            pattern = star + 1;
            name = ++star_name;
        } else {
            return false;
        }
    }
    while (*pattern == L'*') {
        pattern++;
    }
    return *pattern == L'\0';
}

/* ---- command lines ---- */

/* Writes a word in quotes: backslashes in front of a quote count double. */
static void put_word(struct out *line, const char *word)
{
    size_t backslashes = 0;
    out_char(line, '"');
    for (; *word != '\0'; word++) {
        if (*word == '"') {
            out_repeat(line, '\\', backslashes + 1);
        }
        backslashes = *word == '\\' ? backslashes + 1 : 0;
        out_char(line, *word);
    }
    out_repeat(line, '\\', backslashes);
    out_str(line, "\" ");
}

char *windows_words_command_line(const char *program, const char *const *arguments)
{
    struct out line;
    out_init_memory(&line, COMMAND_LINE_MAX);
    put_word(&line, program);
    for (size_t i = 1; arguments[0] != NULL && arguments[i] != NULL; i++) {
        put_word(&line, arguments[i]);
    }
    size_t len;
    char *text = out_take(&line, &len);
    if (text == NULL) {
        errno = line.status == OUT_TOO_LARGE ? E2BIG : ENOMEM;
    }
    return text;
}
