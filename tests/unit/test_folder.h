/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_UNIT_TEST_FOLDER_H
#define TESTS_UNIT_TEST_FOLDER_H

/* A folder of a test's own, in $TMPDIR or the working directory. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Makes it and writes its path, which `size` bytes must hold. Whoever makes it removes it. */
static inline void test_folder_make(char *path, size_t size)
{
    char here[256];
    const char *place = getenv("TMPDIR");

    if (place == NULL || place[0] == '\0') {
        place = getcwd(here, sizeof here);
        cr_assert_not_null(place);
    }
    int len = snprintf(path, size, "%s/bufcheck-test-XXXXXX", place);
    cr_assert(len > 0 && (size_t)len < size);
    cr_assert_not_null(mkdtemp(path));
}

/* Removes it with all that it holds. */
static inline void test_folder_remove(const char *path)
{
    char command[512];

    snprintf(command, sizeof command, "rm -r '%s'", path);
    cr_assert_eq(system(command), 0);
}

#endif
