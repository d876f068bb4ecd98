/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_UNIT_CAPTURE_PATH_H
#define TESTS_UNIT_CAPTURE_PATH_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Fills `path` with that of a real capture. The environment variable BUFCHECK_CAPTURES names their
 * folder; `meson test` sets it from the option `captures`. Where the variable is not set or the
 * file is not there, the test is skipped and standard error says so: Criterion alone is silent
 * about it.
 */
static inline void capture_path(const char *name, char *path, size_t size)
{
    const char *folder = getenv("BUFCHECK_CAPTURES");
    snprintf(path, size, "%s/%s", folder != NULL ? folder : "", name);
    FILE *file = folder != NULL ? fopen(path, "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "SKIPPED: no %s in the folder of real captures, BUFCHECK_CAPTURES=%s\n",
                name, folder != NULL ? folder : "");
        cr_skip_test("no %s", name);
    }
    fclose(file);
}

#endif
