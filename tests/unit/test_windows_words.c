/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "base/windows_words.h"

Test(windows_words, names_of_paths)
{
    static const struct {
        const char *path, *base, *folder;
        bool absolute, is_path;
    } rows[] = {
        {"", "", ".", false, false},
        {"name", "name", ".", false, false},
        {"a.etl", "a.etl", ".", false, true},
        {"a\\b", "b", "a\\", false, true},
        {"a/b\\c", "c", "a/b\\", false, true},
        {"a\\b/c", "c", "a\\b/", false, true},
        {"\\a", "a", "\\", true, true},
        {"/a", "a", "/", true, true},
        {"a\\", "", "a\\", false, true},
        {"C:", "", "C:.", true, true},
        {"C:a", "a", "C:.", true, true},
        {"C:\\a", "a", "C:\\", true, true},
        {"C:\\a\\b", "b", "C:\\a\\", true, true},
        {":a", ":a", ".", false, true},
        {"a", "a", ".", false, false},
        {"ab:c", "ab:c", ".", false, true},
        {"\\\\server\\share\\x", "x", "\\\\server\\share\\", true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *path = rows[i].path;
        char *folder = windows_words_folder_of(path);
        cr_expect_str_eq(windows_words_base_name(path), rows[i].base, "%s", path);
        cr_expect_str_eq(folder, rows[i].folder, "%s: %s", path, folder);
        cr_expect_eq(windows_words_is_absolute(path), rows[i].absolute, "%s", path);
        cr_expect_eq(windows_words_is_path(path), rows[i].is_path, "%s", path);
        free(folder);
    }
}

static bool same(wchar_t a, wchar_t b)
{
    return towlower((wint_t)a) == towlower((wint_t)b);
}

Test(windows_words, wildcards)
{
    static const struct {
        const wchar_t *name, *pattern;
        bool fits;
    } rows[] = {
        {L"a.etl", L"*.etl", true},
        {L"A.ETL", L"*.etl", true},
        {L"a.etlx", L"*.etl", false},
        {L".etl", L"*.etl", true},
        {L"a.etl", L"a.etl", true},
        {L"a.etl", L"b.etl", false},
        {L"a.etl", L"?.etl", true},
        {L".etl", L"?.etl", false},
        {L"ab.etl", L"?.etl", false},
        {L"", L"", true},
        {L"", L"*", true},
        {L"", L"**", true},
        {L"", L"?", false},
        {L"a", L"", false},
        {L"a", L"*", true},
        {L"a", L"a*", true},
        {L"a", L"a**", true},
        {L"a", L"a?", false},
        {L"abab", L"*ab", true},
        {L"ababc", L"*abc", true},
        {L"aab", L"*ab", true},
        {L"abc", L"a*b", false},
        {L"abcb", L"a*b", true},
        {L"a1b2c", L"a*b*c", true},
        {L"a1c2b", L"a*b*c", false},
        {L"xay", L"*a?", true},
        {L"xaya", L"*a?", false},
        {L"mississippi", L"m*iss*p?", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(windows_words_fit(rows[i].name, rows[i].pattern, same), rows[i].fits,
                     "row %zu", i);
    }
}

/* Only a quote, and backslashes in front of one, are written differently. */
Test(windows_words, command_lines)
{
    static const struct {
        const char *words[4];
        const char *want;
    } rows[] = {
        {{"p"}, "\"p\" "},
        {{"C:\\a b\\p.exe", "x"}, "\"C:\\a b\\p.exe\" \"x\" "},
        {{"p", "", "a b"}, "\"p\" \"\" \"a b\" "},
        {{"p", "a\"b"}, "\"p\" \"a\\\"b\" "},
        {{"p", "a\\\"b"}, "\"p\" \"a\\\\\\\"b\" "},
        {{"p", "a\\\\"}, "\"p\" \"a\\\\\\\\\" "},
        {{"p", "\\a\\\\b\""}, "\"p\" \"\\a\\\\b\\\"\" "},
        {{"p", "\"\""}, "\"p\" \"\\\"\\\"\" "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const *words = rows[i].words;
        const char *const arguments[] = {"its own name", words[1], words[1] ? words[2] : NULL,
                                         NULL};
        char *line = windows_words_command_line(words[0], arguments);
        cr_assert_not_null(line);
        cr_expect_str_eq(line, rows[i].want, "row %zu: %s", i, line);
        free(line);
    }
    const char *const none[] = {NULL};
    char *line = windows_words_command_line("p", none);
    cr_expect_str_eq(line, "\"p\" ");
    free(line);
}

/* The system takes 32,767 characters with the NUL. */
Test(windows_words, a_command_line_has_a_limit)
{
    static char word[32768];
    const char *const arguments[] = {"name", word, NULL};
    for (size_t len = 32758; len <= 32761; len++) {
        memset(word, 'x', len);
        word[len] = '\0';
        errno = 0;
        char *line = windows_words_command_line("p", arguments);
        cr_assert_eq(line != NULL, len + 7 <= 32766, "%zu", len);
        cr_assert_eq(errno, line != NULL ? 0 : E2BIG);
        cr_assert(line == NULL || strlen(line) == len + 7);
        free(line);
    }
}
