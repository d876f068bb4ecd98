/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/cli/output_file.h"
#include "tests/unit/test_folder.h"

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

/* ---- files of a folder ---- */

static char folder[256], path[1024];
static struct error_chain errors;

static void set_up(void)
{
    error_chain_init(&errors);
    test_folder_make(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/report", folder);
}

static void tear_down(void)
{
    test_folder_remove(folder);
}

TestSuite(output_file_in_folder, .init = set_up, .fini = tear_down);

static void write_file(const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
    cr_assert_eq(chmod(path, mode), 0);
}

static void expect_file(const char *want)
{
    char text[100] = "";
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    fclose(file);
    cr_assert_str_eq(text, want);
}

static size_t files_in_folder(void)
{
    size_t count = 0;
    DIR *open = opendir(folder);
    cr_assert_not_null(open);
    for (struct dirent *entry = readdir(open); entry != NULL; entry = readdir(open)) {
        count += entry->d_name[0] != '.';
    }
    closedir(open);
    return count;
}

Test(output_file_in_folder, file_has_its_name_when_it_is_complete)
{
    struct output_file output;
    cr_assert(output_file_open(&output, path, &errors));
    cr_assert_str_eq(output_file_name(&output), path);
    cr_assert_neq(access(path, F_OK), 0);
    fputs("whole", output.file);
    cr_assert(output_file_commit(&output, &errors));
    cr_assert_null(output.file);
    cr_assert_null(output.path);
    cr_assert_null(output.temporary);
    expect_file("whole");
    cr_assert_eq(files_in_folder(), 1);
    cr_assert_eq(errors.count, 0);
}

Test(output_file_in_folder, replaced_file_keeps_its_permissions)
{
    struct output_file output;
    struct stat status;
    write_file("a longer text than the new one", 04640);
    cr_assert(output_file_open(&output, path, &errors));
    fputs("new", output.file);
    expect_file("a longer text than the new one");
    cr_assert(output_file_commit(&output, &errors));
    expect_file("new");
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 07777, 0640, "%o", (unsigned)status.st_mode);
}

Test(output_file_in_folder, discarded_file_stays_as_it_was)
{
    struct output_file output;
    write_file("old", 0600);
    cr_assert(output_file_open(&output, path, &errors));
    fputs("new", output.file);
    output_file_discard(&output, &errors);
    cr_assert_null(output.file);
    expect_file("old");
    cr_assert_eq(files_in_folder(), 1);
    output_file_discard(&output, &errors); /* is not open */
    cr_assert_eq(errors.count, 0);
}

/* The part of a long name is shortened, so that file systems take it. */
Test(output_file_in_folder, names_may_be_as_long_as_file_systems_take)
{
    static const size_t lens[] = {1, 199, 200, 201, 255};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        struct output_file output;
        size_t len = strlen(folder) + 1;
        snprintf(path, sizeof path, "%s/", folder);
        memset(path + len, 'n', lens[i]);
        path[len + lens[i]] = '\0';
        cr_assert(output_file_open(&output, path, &errors), "%zu", lens[i]);
        size_t kept = lens[i] < 200 ? lens[i] : 200;
        cr_assert_eq(strlen(output.temporary), len + kept + strlen(".partial-XXXXXX"));
        cr_assert_eq(strncmp(output.temporary, path, len + kept), 0);
        cr_assert(output_file_commit(&output, &errors));
        expect_file("");
    }
}

Test(output_file_in_folder, a_folder_that_there_is_not)
{
    struct output_file output;
    char want[1200];
    snprintf(path, sizeof path, "%s/none/report", folder);
    cr_assert_not(output_file_open(&output, path, &errors));
    cr_assert_null(output.file);
    snprintf(want, sizeof want, "%s: can't be written: No such file or directory", path);
    cr_assert_str_eq(errors.causes[0].text, want);
}

/* Each open file has a place of its own, which the next one takes when it is closed. */
Test(output_file_in_folder, places_of_open_files)
{
    static struct output_file outputs[OUTPUT_FILES_MAX], one_more;
    char names[OUTPUT_FILES_MAX][320];
    for (int i = 0; i < OUTPUT_FILES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "%s/%d", folder, i);
        cr_assert(output_file_open(&outputs[i], names[i], &errors));
        cr_assert_eq(outputs[i].slot, i);
    }
    output_file_discard(&outputs[3], &errors);
    cr_assert(output_file_commit(&outputs[5], &errors));
    cr_assert(output_file_open(&outputs[5], names[5], &errors));
    cr_assert_eq(outputs[5].slot, 3);
    cr_assert(output_file_open(&outputs[3], names[3], &errors));
    cr_assert_eq(outputs[3].slot, 5);
    cr_assert(output_file_open(&one_more, path, &errors)); /* an interrupt would leave its part */
    cr_assert_lt(one_more.slot, 0);
    cr_assert(output_file_commit(&one_more, &errors));
    for (int i = 0; i < OUTPUT_FILES_MAX; i++) {
        cr_assert(output_file_commit(&outputs[i], &errors));
    }
    cr_assert_eq(files_in_folder(), OUTPUT_FILES_MAX + 1);
}

Test(output_file, standard_output_has_a_name)
{
    struct output_file output;
    error_chain_init(&errors);
    cr_assert(output_file_open(&output, NULL, &errors));
    cr_assert_eq(output.file, stdout);
    cr_assert_str_eq(output_file_name(&output), "standard output");
    output_file_discard(&output, &errors);
    cr_assert(output_file_open(&output, NULL, &errors));
    cr_assert(output_file_commit(&output, &errors));
    cr_assert_eq(errors.count, 0);
    cr_assert_geq(fileno(stdout), 0);
}
