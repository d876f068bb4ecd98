/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/cli/output_file.h"

/* A folder that took the part's name can't be removed as a file. */
Test(output_file, part_that_stays_is_told)
{
    char name[64], part[128];
    struct output_file output;
    struct error_chain errors;
    error_chain_init(&errors);
    snprintf(name, sizeof name, "bufcheck-output-%ld", (long)getpid());
    cr_assert(output_file_open(&output, name, &errors));
    cr_assert_not_null(output.temporary);
    snprintf(part, sizeof part, "%s", output.temporary);
    cr_assert_eq(unlink(part), 0);
    cr_assert_eq(mkdir(part, 0700), 0);
    output_file_discard(&output, &errors);
    cr_assert_eq(rmdir(part), 0);
    cr_assert_eq(errors.count, 1);
    cr_assert_not_null(strstr(errors.causes[0].text, part));
    cr_assert_not_null(strstr(errors.causes[0].text, "can't be removed, and is incomplete"));
}

Test(output_file, part_that_is_gone_is_no_error)
{
    char name[64];
    struct output_file output;
    struct error_chain errors;
    error_chain_init(&errors);
    snprintf(name, sizeof name, "bufcheck-output-%ld", (long)getpid());
    cr_assert(output_file_open(&output, name, &errors));
    cr_assert_eq(unlink(output.temporary), 0);
    output_file_discard(&output, &errors);
    cr_assert_eq(errors.count, 0);
}
