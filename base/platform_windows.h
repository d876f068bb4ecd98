/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_PLATFORM_WINDOWS_H
#define BASE_PLATFORM_WINDOWS_H

/* The ground that both files of the Windows half of platform.h stand on: text as the system wants
 * it, and its errors as an errno. */

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/* UTF-8 to the system's UTF-16 and back, for the caller to free(). NULL and errno: no memory. */
wchar_t *windows_wide(const char *text);
char *windows_utf8(const wchar_t *text);

/* As windows_wide(), of a path: a long one is made absolute and gets the prefix that lifts the
 * system's limit of 260 characters. */
wchar_t *windows_wide_path(const char *path);

/* Replaces the six Xs at the end of `path` by letters, by others at each call. False: errno. */
bool windows_choose_name(char *path);

/* Sets errno to what an error of the system means, by default the one that GetLastError() tells. */
void windows_set_errno(void);
void windows_set_errno_of(unsigned long error);

#endif
