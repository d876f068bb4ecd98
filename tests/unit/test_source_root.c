#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/symbols/source_root.h"

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
    char folder[] = "/tmp/test_source_root-XXXXXX", path[128], command[64];
    cr_assert(mkdtemp(folder) != NULL);
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
    cr_assert_eq(chdir("/tmp"), 0);
    cr_assert_str_eq(find(folder, "net.c"), path + strlen("/tmp/"));
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
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
