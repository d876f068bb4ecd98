/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/cli/output_target.h"
#include "tests/unit/test_folder.h"

static char folder[256];
static struct error_chain errors;

/* The folder holds a file and its hard and symbolic links, another file, a link to nothing, a
 * folder with a link to the first, and a named pipe. */
static void set_up(void)
{
    error_chain_init(&errors);
    test_folder_make(folder, sizeof folder);
    cr_assert_eq(chdir(folder), 0);
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen(i == 0 ? "file" : "other", "w");
        cr_assert_not_null(file);
        fclose(file);
    }
    cr_assert_eq(link("file", "hard"), 0);
    cr_assert_eq(symlink("file", "soft"), 0);
    cr_assert_eq(symlink("new", "dangling"), 0);
    cr_assert_eq(mkdir("sub", 0700), 0);
    cr_assert_eq(symlink("..", "sub/up"), 0);
    cr_assert_eq(mkfifo("pipe", 0600), 0);
}

static void tear_down(void)
{
    cr_assert_eq(chdir("/"), 0);
    test_folder_remove(folder);
}

TestSuite(output_target, .init = set_up, .fini = tear_down);

static void find(struct output_target *target, const char *path)
{
    cr_assert(output_target_find(target, path, &errors), "%s", path);
}

Test(output_target, kinds)
{
    static const struct {
        const char *path;
        enum output_kind kind;
        int descriptor;
        bool exists;
    } rows[] = {{"file", OUTPUT_FILE, -1, true},         {"soft", OUTPUT_FILE, -1, true},
                {"new", OUTPUT_FILE, -1, false},         {"dangling", OUTPUT_FILE, -1, false},
                {"pipe", OUTPUT_DEVICE, -1, true},       {"/dev/null", OUTPUT_DEVICE, -1, true},
                {"sub", OUTPUT_DEVICE, -1, true},        {"/dev/stdout", OUTPUT_STREAM, 1, true},
                {"/dev/stderr", OUTPUT_STREAM, 2, true}, {"/dev/fd/0", OUTPUT_STREAM, 0, true},
                {NULL, OUTPUT_STREAM, 1, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct output_target target;
        const char *name = rows[i].path != NULL ? rows[i].path : "standard output";
        find(&target, rows[i].path);
        cr_expect_eq(target.kind, rows[i].kind, "%s", name);
        cr_expect_eq(target.descriptor, rows[i].descriptor, "%s", name);
        cr_expect_eq(target.exists, rows[i].exists, "%s", name);
        cr_expect_eq(target.path == NULL, rows[i].kind == OUTPUT_STREAM, "%s", name);
        output_target_finish(&target);
        cr_expect_null(target.path);
    }
}

static bool same(const char *a, const char *b)
{
    struct output_target first, second;
    find(&first, a);
    find(&second, b);
    bool is_same = output_target_same(&first, &second);
    cr_expect_eq(output_target_same(&second, &first), is_same, "%s, %s", a, b);
    output_target_finish(&first);
    output_target_finish(&second);
    return is_same;
}

Test(output_target, names_of_one_file)
{
    static const char *const names[] = {"file", "./file",      "hard",
                                        "soft", "sub/up/file", "sub/../hard"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (size_t j = 0; j < sizeof names / sizeof names[0]; j++) {
            cr_expect(same(names[i], names[j]), "%s, %s", names[i], names[j]);
        }
        cr_expect_not(same(names[i], "other"), "%s", names[i]);
        cr_expect_not(same(names[i], "new"), "%s", names[i]);
        cr_expect_not(same(names[i], "pipe"), "%s", names[i]);
        cr_expect_not(same(names[i], "/dev/null"), "%s", names[i]);
    }
}

Test(output_target, names_of_one_file_that_there_is_not_yet)
{
    cr_expect(same("new", "new"));
    cr_expect(same("new", "./new"));
    cr_expect(same("new", "sub/up/new"));
    cr_expect(same("new", "dangling"));
    cr_expect_not(same("new", "new2"));
    cr_expect_not(same("new", "sub/new"));
    cr_expect_not(same("dangling", "sub/new"));
}

/* Two reports to a terminal or to /dev/null do no harm; to a pipe they are mixed. */
Test(output_target, streams_and_devices)
{
    cr_expect(same("pipe", "./pipe"));
    cr_expect_not(same("/dev/null", "/dev/null"));
    cr_expect(same("/dev/stdout", "/dev/fd/1"));
    cr_expect_not(same("/dev/stdout", "new"));
}

static bool is_input(const char *path, const char *input)
{
    struct output_target target;
    find(&target, path);
    bool found = output_target_is_input(&target, input);
    output_target_finish(&target);
    return found;
}

Test(output_target, inputs)
{
    cr_expect(is_input("file", "file"));
    cr_expect(is_input("hard", "soft"));
    cr_expect(is_input("soft", "sub/up/hard"));
    cr_expect_not(is_input("other", "file"));
    cr_expect_not(is_input("new", "file"));
    cr_expect_not(is_input("file", "new"));
    cr_expect_not(is_input("new", "new"));
    cr_expect_not(is_input("pipe", "pipe"), "a pipe is read and written");
    cr_expect_not(is_input("/dev/null", "/dev/null"));
}

Test(output_target, standard_input_may_be_a_file)
{
    cr_assert_not_null(freopen("file", "r", stdin));
    cr_expect(is_input("hard", "-"));
    cr_expect_not(is_input("other", "-"));
    cr_expect_not(is_input("new", "-"));
}

Test(output_target, places_that_there_are_not)
{
    static const char *const wrong[] = {"none/new", "file/new", "/dev/fd/199"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct output_target target;
        char begin[100];
        error_chain_init(&errors);
        cr_expect_not(output_target_find(&target, wrong[i], &errors), "%s", wrong[i]);
        cr_expect_null(target.path);
        snprintf(begin, sizeof begin, "%s: can't be written: ", wrong[i]);
        cr_assert_eq(errors.count, 1);
        cr_expect_eq(strncmp(errors.causes[0].text, begin, strlen(begin)), 0, "%s",
                     errors.causes[0].text);
    }
}
