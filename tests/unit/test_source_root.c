/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/symbols/source_root.h"
#include "tests/unit/test_folder.h"

static struct source_roots roots;
static struct source_file file;

static const char *find(const char *root, const char *built)
{
    roots.count = 0;
    cr_assert(source_roots_add(&roots, root), "%s", root);
    return source_roots_find(&roots, built, &file) ? file.name : "none";
}

Test(source_root, prefix_stands_for_the_folder)
{
    cr_assert_str_eq(find(".=C:\\build\\chat", "c:\\BUILD\\chat\\net\\net.c"), "net/net.c");
    cr_assert_str_eq(find("src=C:/build/chat/", "C:\\build\\chat\\net.c"), "src/net.c");
    cr_assert_str_eq(find("./src/=/b", "/b/x/y.c"), "src/x/y.c");
    cr_assert_str_eq(file.path, "src/x/y.c");
    cr_assert_str_eq(find("src=C:\\build\\chat", "C:\\build\\chatter\\net.c"), "none");
    cr_assert_str_eq(find("src=C:\\build\\chat", "D:\\build\\chat\\net.c"), "none");
    cr_assert_str_eq(find("src=/b", "/b"), "none");
}

Test(source_root, never_leads_out)
{
    cr_assert_str_eq(find("src=/b", "/b/../../etc/passwd"), "none");
    cr_assert_str_eq(find("src=/b", "/b/x/../y.c"), "none");
    cr_assert_str_eq(find("src=/b", "/b/./y.c"), "none");
    cr_assert_str_eq(find("src=/b", "/b/C:y.c"), "none");
    cr_assert_str_eq(find("src=/b", "/b/x\n.c"), "none");
    cr_assert_str_eq(find("src=/b", "/b/..x/y..c"), "src/..x/y..c");
}

Test(source_root, without_a_prefix_takes_the_longest_end_that_is_there)
{
    char folder[256], elsewhere[256], path[320];
    test_folder_make(folder, sizeof folder);
    test_folder_make(elsewhere, sizeof elsewhere);
    cr_assert_eq(chdir(elsewhere), 0);
    snprintf(path, sizeof path, "%s/net", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/net/net.c", folder);
    fclose(fopen(path, "w"));
    snprintf(path, sizeof path, "%s/net.c", folder);
    fclose(fopen(path, "w"));
    cr_assert_str_eq(find(folder, "C:\\build\\chat\\net\\net.c"), "net/net.c");
    cr_assert_str_eq(find(folder, "C:\\build\\chat\\other\\net.c"), "net.c");
    cr_assert_str_eq(find(folder, "C:\\build\\chat\\other.c"), "none");
    cr_assert_str_eq(find(folder, "net.c"), "net.c");
    char *name = strrchr(folder, '/');
    *name = '\0'; /* the folder that it lies in */
    cr_assert_eq(chdir(folder), 0);
    *name = '/';
    snprintf(path, sizeof path, "%s/net.c", name + 1);
    cr_assert_str_eq(find(folder, "net.c"), path);
    test_folder_remove(folder);
    test_folder_remove(elsewhere);
}

Test(source_root, needs_a_folder)
{
    roots.count = 0;
    cr_assert_not(source_roots_add(&roots, ""));
    cr_assert_not(source_roots_add(&roots, "=C:\\x"));
    for (size_t i = 0; i < SOURCE_ROOTS_MAX; i++) {
        cr_assert(source_roots_add(&roots, "x"));
    }
    cr_assert_not(source_roots_add(&roots, "x"));
}
