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

Test(source_root, a_path_is_whole_or_not_there)
{
    char built[SOURCE_PATH_MAX + 8], want[SOURCE_PATH_MAX + 8];
    /* "s/" stands in front of the relative path, and a NUL behind. */
    for (size_t len = SOURCE_PATH_MAX - 4; len < SOURCE_PATH_MAX + 3; len++) {
        memset(built, 'x', sizeof built);
        memcpy(built, "/b/", 3);
        built[3 + len] = '\0';
        snprintf(want, sizeof want, "s/%s", built + 3);
        cr_expect_str_eq(find("s=/b", built), len + 2 < SOURCE_PATH_MAX ? want : "none", "%zu",
                         len);
    }
}

/* ---- the folder ---- */

Test(source_root, folders_lose_what_says_nothing)
{
    static const struct {
        const char *given, *folder;
    } rows[] = {{"src", "src"},       {"./src", "src"},  {".\\src", "src"}, {"./././src//", "src"},
                {".", "."},           {"./", "."},       {".src", ".src"},  {"/", "/"},
                {"//", "/"},          {"/src/", "/src"}, {"src\\", "src"},  {"..", ".."},
                {"../src", "../src"}, {"./a=b=c", "a"},  {"a/./b", "a/./b"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        roots.count = 0;
        cr_assert(source_roots_add(&roots, rows[i].given), "%s", rows[i].given);
        cr_expect_str_eq(roots.roots[0].folder, rows[i].folder, "%s: %s", rows[i].given,
                         roots.roots[0].folder);
    }
    cr_expect_str_eq(find("./a=b=c", "b=c/d.c"), "a/d.c", "the first = ends the folder");
}

/* Files of a folder in the working directory are named from there, all others from the folder. */
Test(source_root, names_begin_at_the_repository)
{
    static const struct {
        const char *root, *name;
    } rows[] = {{"src", "src/x.c"}, {".", "x.c"},           {"..", "x.c"},        {"../src", "x.c"},
                {"..\\src", "x.c"}, {"..src", "..src/x.c"}, {".src", ".src/x.c"}, {"/src", "x.c"}};
    char text[100], here[300], root[400];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "%s=/b", rows[i].root);
        cr_expect_str_eq(find(text, "/b/x.c"), rows[i].name, "%s: %s", rows[i].root, file.name);
        snprintf(text, sizeof text, "%s/x.c", rows[i].root);
        cr_expect_str_eq(file.path, text);
    }
    cr_assert_not_null(getcwd(here, sizeof here));
    snprintf(root, sizeof root, "%s/src=/b", here);
    cr_expect_str_eq(find(root, "/b/x.c"), "src/x.c");
    snprintf(root, sizeof root, "%s=/b", here);
    cr_expect_str_eq(find(root, "/b/x.c"), "x.c");
    snprintf(root, sizeof root, "%s-src=/b", here);
    cr_expect_str_eq(find(root, "/b/x.c"), "x.c");
    snprintf(root, sizeof root, "%s\\src=/b", here);
    cr_expect_str_eq(find(root, "/b/x.c"), "src/x.c");
}

Test(source_root, prefixes_end_where_names_do)
{
    static const struct {
        const char *prefix, *built, *name;
    } rows[] = {
        {"/b", "/b/x.c", "s/x.c"},    {"/b/", "/b/x.c", "s/x.c"},  {"/b", "/b//x.c", "s/x.c"},
        {"/b", "/bc/x.c", "none"},    {"/b", "/b", "none"},        {"/b/", "/b", "none"},
        {"/b/", "/b/", "none"},       {"/b/c", "/b", "none"},      {"/B\\", "\\b/x.c", "s/x.c"},
        {"b", "b/x.c", "s/x.c"},      {"b", "/b/x.c", "none"},     {"/", "/x.c", "s/x.c"},
        {"C:", "c:x.c", "none"},      {"C:", "c:\\x.c", "s/x.c"},  {"/b", "/b/x.c/", "none"},
        {"/b", "/b/.", "none"},       {"/b", "/b/..", "none"},     {"/b", "/b/...", "s/..."},
        {"/b", "/b/x\x1f.c", "none"}, {"/b", "/b/x .c", "s/x .c"}, {"/b", "/b/x/./y", "none"},
        {"/b", "/b/x//y", "none"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char root[100];
        snprintf(root, sizeof root, "s=%s", rows[i].prefix);
        cr_expect_str_eq(find(root, rows[i].built), rows[i].name, "%s of %s: %s", rows[i].built,
                         root, file.name);
    }
}

/* A root's folder has at most 1,023 bytes, and a path 4,095. */
Test(source_root, lengths_have_their_limits)
{
    static char text[5000], built[5000];
    for (size_t len = 1022; len <= 1025; len++) {
        memset(text, 'a', len);
        memcpy(text + len, "=b", 3);
        roots.count = 0;
        cr_expect_eq(source_roots_add(&roots, text), len <= 1023, "%zu", len);
    }
    for (size_t len = 4090; len <= 4097; len++) {
        memcpy(built, "/b/", 3);
        memset(built + 3, 'c', len);
        built[3 + len] = '\0';
        bool fits = len + strlen("s/") <= 4095;
        cr_expect_eq(strcmp(find("s=/b", built), "none") != 0, fits, "%zu", len);
        cr_expect_eq(!fits || strlen(file.name) == len + 2, true, "%zu", len);
    }
}

Test(source_root, the_first_root_that_has_a_file_wins)
{
    roots.count = 0;
    cr_assert(source_roots_add(&roots, "one=/b"));
    cr_assert(source_roots_add(&roots, "two=/c"));
    cr_assert(source_roots_add(&roots, "three=/c/d"));
    cr_assert(source_roots_find(&roots, "/c/d/x.c", &file));
    cr_expect_str_eq(file.name, "two/d/x.c");
    cr_expect_not(source_roots_find(&roots, "/d/x.c", &file));
}

/* Only a regular file is found by trying; an empty prefix is none. */
Test(source_root, folders_are_no_source_files)
{
    char folder[256], path[320], root[300];
    test_folder_make(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/a.c", folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_expect_str_eq(find(folder, "/b/a.c"), "none");
    snprintf(path, sizeof path, "%s/a.c/b.c", folder);
    fclose(fopen(path, "w"));
    snprintf(root, sizeof root, "%s=", folder);
    cr_expect_str_neq(find(root, "/x/a.c/b.c"), "none");
    cr_expect_str_eq(file.path, path);
    cr_expect_str_eq(find(root, "a.c/b.c/"), "none");
    cr_expect_str_eq(find(root, ""), "none");
    test_folder_remove(folder);
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
