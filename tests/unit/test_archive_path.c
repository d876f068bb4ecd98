/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "base/archive_path.h"

Test(archive_path, ending_says_the_kind)
{
    cr_expect_eq(archive_path_kind("a.zip"), ARCHIVE_KIND_ZIP);
    cr_expect_eq(archive_path_kind("dir/A.ZIP"), ARCHIVE_KIND_ZIP);
    cr_expect_eq(archive_path_kind("a.Cab"), ARCHIVE_KIND_CAB);
    cr_expect_eq(archive_path_kind("a.7z"), ARCHIVE_KIND_7Z);
    cr_expect_eq(archive_path_kind("a.etl.gz"), ARCHIVE_KIND_GZ);
    cr_expect_eq(archive_path_kind("a.tar.xz"), ARCHIVE_KIND_XZ);
    cr_expect_eq(archive_path_kind("a.zst"), ARCHIVE_KIND_ZST);
    cr_expect_eq(archive_path_kind("a.etl"), ARCHIVE_KIND_NONE);
    cr_expect_eq(archive_path_kind("a.zip.etl"), ARCHIVE_KIND_NONE);
    cr_expect_eq(archive_path_kind("zip"), ARCHIVE_KIND_NONE);
    cr_expect_eq(archive_path_kind(".zip"), ARCHIVE_KIND_NONE);
    cr_expect_eq(archive_path_kind(""), ARCHIVE_KIND_NONE);
}

Test(archive_path, first_mark_behind_an_archive_splits)
{
    cr_expect_eq(archive_path_split("a.zip!b.etl"), 5);
    cr_expect_eq(archive_path_split("x!y/a.zip!b.etl"), 9);
    cr_expect_eq(archive_path_split("a.7z!b.zip!c.etl"), 4);
    cr_expect_eq(archive_path_split("a.zip!"), 0);
    cr_expect_eq(archive_path_split("a!b.etl"), 0);
    cr_expect_eq(archive_path_split("!"), 0);
    cr_expect_eq(archive_path_split("a.zip"), 0);
    cr_expect_eq(archive_path_split(""), 0);
}
