/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_WINDOWS_WORDS_H
#define BASE_WINDOWS_WORDS_H

/*
 * Paths, wildcards and command lines as Windows has them. Nothing here asks the system, so that
 * these rules are tested wherever the program is built; platform_*windows.c alone use them.
 */

#include <stdbool.h>
#include <wchar.h>

/* Each does what the function of platform.h with its name does on Windows. */
const char *windows_words_base_name(const char *path);
bool windows_words_is_absolute(const char *path);
bool windows_words_is_path(const char *word);
char *windows_words_folder_of(const char *path);

/* True if two characters are the same one where cases don't differ. */
typedef bool windows_words_same_fn(wchar_t a, wchar_t b);

/* True if a whole name fits a pattern, in which * stands for any characters and ? for one. The
 * system's own matching also takes *.etl for old.etlx, by that file's short name. */
bool windows_words_fit(const wchar_t *name, const wchar_t *pattern, windows_words_same_fn *same);

/* The command line that a program splits into `program` and those of `arguments` behind the first
 * one, which NULL ends, for the caller to free(). NULL: errno; E2BIG if it is too long. */
char *windows_words_command_line(const char *program, const char *const *arguments);

#endif
