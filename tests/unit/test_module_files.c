/* SPDX-License-Identifier: Apache-2.0 */

/* The image and the PDB of a module, in the folders of a symbol path. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/symbols/module_files.h"
#include "tests/unit/symbol_bytes.h"
#include "tests/unit/test_folder.h"

static uint8_t pe[PE_BYTES_LEN], pdb_bytes[PDB_BYTES_LEN];

static char folder[256];
static struct symbol_path path;
static struct module_identity identity;
static struct module_files files;

static void write_file(const char *name, const void *bytes, size_t len)
{
    char full[384];
    snprintf(full, sizeof full, "%s/%s", folder, name);
    FILE *file = fopen(full, "wb");
    cr_assert(file != NULL, "%s", full);
    fwrite(bytes, 1, len, file);
    fclose(file);
}

static void make_folder(const char *name)
{
    char full[384];
    snprintf(full, sizeof full, "%s/%s", folder, name);
    cr_assert_eq(mkdir(full, 0700), 0);
}

static void make_folders(void)
{
    make_pe(pe);
    make_pdb(pdb_bytes);
    test_folder_make(folder, sizeof folder);
    const char *const folders[] = {folder};
    symbol_path_init(&path, folders, 1, NULL);
    identity = (struct module_identity){.name = "app.exe", .size = 0x5000};
}

static void remove_folders(void)
{
    module_files_finish(&files);
    symbol_path_finish(&path);
    test_folder_remove(folder);
}

static void find(void)
{
    module_files_finish(&files);
    cr_assert(module_files_find(&path, &identity, &files));
}

static void know_pdb(uint32_t age)
{
    identity.has_pdb = true;
    put_guid(identity.pdb_guid.bytes);
    identity.pdb_age = age;
    identity.pdb_name = "C:\\b\\app.pdb";
}

TestSuite(module_files, .init = make_folders, .fini = remove_folders);

Test(module_files, lie_side_by_side_in_any_case)
{
    write_file("App.EXE", pe, sizeof pe);
    write_file("APP.pdb", pdb_bytes, sizeof pdb_bytes);
    find();
    cr_assert(files.image != NULL && files.pdb != NULL && files.usable);
    cr_assert_str_eq(files.pdb_name, "app.pdb");
    cr_assert_str_eq(files.problem, "");
    cr_assert_eq(files.image_size, 0x5000);
}

Test(module_files, lie_as_in_a_symbol_server)
{
    identity.timestamp = 0x12345678;
    make_folder("app.exe");
    make_folder("app.exe/123456785000");
    write_file("app.exe/123456785000/app.exe", pe, sizeof pe);
    make_folder("app.pdb");
    make_folder("app.pdb/A3A2A1A0A5A4A7A6A8A9AAABACADAEAF3");
    write_file("app.pdb/A3A2A1A0A5A4A7A6A8A9AAABACADAEAF3/app.pdb", pdb_bytes, sizeof pdb_bytes);
    find();
    cr_assert(files.image != NULL && files.pdb != NULL, "%s", files.problem);
}

Test(module_files, of_another_size_are_refused)
{
    write_file("app.exe", pe, sizeof pe);
    identity.size = 0x6000;
    find();
    cr_assert(files.image == NULL);
    cr_assert(strstr(files.problem, "0x5000 bytes, in the trace 0x6000") != NULL, "%s",
              files.problem);
}

Test(module_files, of_another_time_stamp_are_refused_unless_none_is_known)
{
    write_file("app.exe", pe, sizeof pe);
    identity.timestamp = 0x12345679;
    find();
    cr_assert(files.image == NULL);
    cr_assert(strstr(files.problem, "time stamp is 0x12345678") != NULL);
    identity.timestamp = 0;
    find();
    cr_assert(files.image != NULL);
}

Test(module_files, of_another_pdb_are_refused)
{
    write_file("app.exe", pe, sizeof pe);
    know_pdb(4);
    find();
    cr_assert(files.image == NULL);
    cr_assert(strstr(files.problem, "age 3, the trace PDB") != NULL, "%s", files.problem);
    know_pdb(3);
    find();
    cr_assert(files.image != NULL);
}

Test(module_files, with_a_pdb_of_another_build_have_none)
{
    pdb_bytes[6 * 512 + 8] = 4;
    write_file("app.exe", pe, sizeof pe);
    write_file("app.pdb", pdb_bytes, sizeof pdb_bytes);
    find();
    cr_assert(files.image != NULL && files.pdb == NULL && !files.usable);
    cr_assert(strstr(files.problem, "app.pdb is of another build of app.exe") != NULL, "%s",
              files.problem);
}

Test(module_files, name_a_pdb_without_its_image)
{
    know_pdb(3);
    write_file("app.pdb", pdb_bytes, sizeof pdb_bytes);
    find();
    cr_assert(strstr(files.problem, "without which it can't be read") != NULL, "%s", files.problem);
}

Test(module_files, that_are_no_images_are_told)
{
    write_file("app.exe", "<html>", 6);
    find();
    cr_assert(files.image == NULL);
    cr_assert(strstr(files.problem, "app.exe can't be used") != NULL);
}

/* Folders are looked through in their order, up to the first file that fits. */
Test(module_files, of_several_folders_are_the_first_that_fit)
{
    char two[300], three[300], wanted[320];
    make_folder("two");
    make_folder("three");
    snprintf(two, sizeof two, "%s/two", folder);
    snprintf(three, sizeof three, "%s/three", folder);
    const char *const folders[] = {folder, two, three};
    symbol_path_finish(&path);
    symbol_path_init(&path, folders, 3, NULL);
    write_file("two/app.exe", pe, sizeof pe);
    write_file("three/app.exe", pe, sizeof pe);
    find();
    snprintf(wanted, sizeof wanted, "%s/app.exe", two);
    cr_assert_str_eq(files.image, wanted);
    pe[0x98 + 56 + 1] = 0x60; /* SizeOfImage */
    write_file("app.exe", pe, sizeof pe);
    find();
    cr_assert_str_eq(files.image, wanted, "the first is of another build");
    pe[0x98 + 56 + 1] = 0x50;
    write_file("app.exe", pe, sizeof pe);
    find();
    snprintf(wanted, sizeof wanted, "%s/app.exe", folder);
    cr_assert_str_eq(files.image, wanted);
}

/* A PDB of another build hides none in a later folder. */
Test(module_files, a_pdb_is_looked_for_in_every_folder)
{
    char two[300];
    make_folder("two");
    snprintf(two, sizeof two, "%s/two", folder);
    const char *const folders[] = {folder, two};
    symbol_path_finish(&path);
    symbol_path_init(&path, folders, 2, NULL);
    write_file("app.exe", pe, sizeof pe);
    write_file("two/app.pdb", pdb_bytes, sizeof pdb_bytes);
    pdb_bytes[6 * 512 + 8] = 4;
    write_file("app.pdb", pdb_bytes, sizeof pdb_bytes);
    find();
    cr_assert_not_null(files.pdb);
    cr_expect_str_eq(files.pdb + strlen(two), "/app.pdb");
    cr_expect_str_eq(files.problem, "");
    write_file("app.pdb", "<html>", 6);
    find();
    cr_assert_not_null(files.pdb);
}

/* Of names that differ in case the one that is written as asked for wins, else the first by its
 * bytes. */
Test(module_files, of_several_cases_are_chosen_alike_everywhere)
{
    char wanted[320];
    write_file("APP.EXE", pe, sizeof pe);
    write_file("App.exe", pe, sizeof pe);
    write_file("aPP.exe", pe, sizeof pe);
    write_file("app.exe2", pe, sizeof pe);
    find();
    snprintf(wanted, sizeof wanted, "%s/APP.EXE", folder);
    cr_assert_str_eq(files.image, wanted);
    write_file("app.exe", pe, sizeof pe);
    find();
    snprintf(wanted, sizeof wanted, "%s/app.exe", folder);
    cr_assert_str_eq(files.image, wanted);
}

Test(module_files, names_have_their_characters)
{
    static const char *const bad[] = {"",    ".",    "..",    "a/b",  "a\\b",
                                      "a:b", "a\"b", "a\x1f", "a\x7f"};
    static const char *const good[] = {"...", ".a", "a..", "a b", "a~\x80"};
    char longest[300];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_not(symbol_path_is_name(bad[i]), "%s", bad[i]);
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        cr_assert(symbol_path_is_name(good[i]), "%s", good[i]);
    }
    memset(longest, 'a', sizeof longest);
    longest[255] = '\0';
    cr_assert(symbol_path_is_name(longest));
    longest[255] = 'a';
    longest[256] = '\0';
    cr_assert_not(symbol_path_is_name(longest));
}

Test(module_files, have_bare_names)
{
    identity.name = "../app.exe";
    find();
    cr_assert(files.image == NULL);
    cr_assert_not(symbol_path_is_name(".."));
    cr_assert_not(symbol_path_is_name(""));
    cr_assert_not(symbol_path_is_name("a\\b"));
    cr_assert(symbol_path_is_name("app.exe"));
}

Test(module_files, symbol_path_of_windows)
{
    struct symbol_path nt;
    const char *const folders[] = {"own"};
    symbol_path_init(&nt, folders, 1,
                     "C:\\syms;srv*/cache*https://msdl.microsoft.com/download/symbols;"
                     "cache*/c2;symsrv*symsrv.dll*/c3;;https://x/y");
    cr_assert_eq(nt.folder_count, 5);
    cr_assert_str_eq(nt.folders[0], "own");
    cr_assert_str_eq(nt.folders[1], "C:\\syms");
    cr_assert_str_eq(nt.folders[2], "/cache");
    cr_assert_str_eq(nt.folders[3], "/c2");
    cr_assert_str_eq(nt.folders[4], "/c3");
    symbol_path_finish(&nt);
}

/* Words that look like keywords or addresses are folders. */
Test(module_files, symbol_path_of_odd_words)
{
    static const char *const wanted[] = {"abc", "cachx", "symsrx",  "srvx",     "sr",  "/a",
                                         "/b",  "http",  "htt://x", "httpx:/y", "SRV2"};
    struct symbol_path nt;
    symbol_path_init(&nt, NULL, 0,
                     "abc;cachx;symsrx;srvx;sr;SRV*/a*HTTP://x;Cache*/b;http;htt://x;httpx:/y;"
                     "https:/z;SRV2;srv;;");
    size_t count = sizeof wanted / sizeof wanted[0];
    cr_assert_eq(nt.folder_count, count, "%zu", nt.folder_count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_str_eq(nt.folders[i], wanted[i]);
    }
    symbol_path_finish(&nt);
}

/* ---- problems ---- */

/* The problem of the module; one that begins with a slash, with the folder before that. */
static void expect_problem(const char *problem)
{
    char wanted[1000];
    snprintf(wanted, sizeof wanted, "%s%s", problem[0] == '/' ? folder : "", problem);
    cr_expect_str_eq(files.problem, wanted, "%s", files.problem);
}

#define GUID_WORDS "a3a2a1a0-a5a4-a7a6-a8a9-aaabacadaeaf"
#define GUID_ID "A3A2A1A0A5A4A7A6A8A9AAABACADAEAF"

Test(module_files, problems_name_files_and_both_builds)
{
    write_file("app.exe", pe, sizeof pe);
    find();
    expect_problem("/app.exe was found, but not its PDB: app.pdb/" GUID_ID "3/app.pdb");
    write_file("app.pdb", "<html>", 6);
    find();
    expect_problem("/app.pdb can't be used: 56 bytes of a PDB file are wanted here, but the "
                   "file has 6 (offset 0)");
    pdb_bytes[6 * 512 + 8] = 4;
    write_file("app.pdb", pdb_bytes, sizeof pdb_bytes);
    find();
    expect_problem("/app.pdb is of another build of app.exe: it is PDB " GUID_WORDS
                   " age 4, the image names PDB " GUID_WORDS " age 3");
    identity.timestamp = 7;
    find();
    expect_problem("/app.exe is another build of app.exe: its time stamp is 0x12345678, in the "
                   "trace 0x7");
    identity.size = 0x5001;
    find();
    expect_problem("/app.exe is another build of app.exe: its image has 0x5000 bytes, in the "
                   "trace 0x5001");
    know_pdb(4);
    find();
    expect_problem("/app.exe is another build of app.exe: it has PDB " GUID_WORDS
                   " age 3, the trace PDB " GUID_WORDS " age 4");
    memset(pe + 0x98 + 112 + 48, 0, 8);
    write_file("app.exe", pe, sizeof pe);
    find();
    expect_problem("/app.exe is another build of app.exe: it has no PDB, the trace PDB " GUID_WORDS
                   " age 4");
    write_file("app.exe", "MZ", 2);
    find();
    expect_problem("/app.exe can't be used: 64 bytes of a PE file are wanted here, but the "
                   "file has 2 (offset 0)");
}

Test(module_files, of_another_guid_are_refused)
{
    write_file("app.exe", pe, sizeof pe);
    write_file("app.pdb", pdb_bytes, sizeof pdb_bytes);
    know_pdb(3);
    find();
    cr_expect(files.image != NULL && files.pdb != NULL);
    identity.pdb_guid.bytes[15] ^= 1;
    find();
    cr_expect_null(files.image);
    know_pdb(3);
    put_guid(pdb_bytes + 5 * 512 + 12);
    pdb_bytes[5 * 512 + 12] ^= 1;
    write_file("app.pdb", pdb_bytes, sizeof pdb_bytes);
    find();
    cr_expect(files.image != NULL && files.pdb == NULL);
}

Test(module_files, a_pdb_alone_is_told)
{
    know_pdb(3);
    write_file("app.pdb", pdb_bytes, sizeof pdb_bytes);
    find();
    expect_problem("/app.pdb was found, but not app.exe itself, without which it can't be read");
    identity.has_pdb = false;
    find();
    expect_problem("");
}

/* A loader tells sizes in whole pages, a header may tell the bytes. */
Test(module_files, have_their_size_in_whole_pages)
{
    static const struct {
        uint64_t size;
        bool fits;
    } rows[] = {{0, true},       {0x4000, false}, {0x4001, true},     {0x5000, true},
                {0x5001, false}, {1, false},      {UINT64_MAX, false}};
    write_file("app.exe", pe, sizeof pe);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        identity.size = rows[i].size;
        find();
        cr_expect_eq(files.image != NULL, rows[i].fits, "row %zu", i);
    }
}

/* The folder's name in a symbol server is made of time stamp and size: both must be known. */
Test(module_files, of_a_symbol_server_need_an_identity)
{
    make_folder("app.exe");
    make_folder("app.exe/123456785000");
    write_file("app.exe/123456785000/app.exe", pe, sizeof pe);
    make_folder("app.exe/123456780");
    write_file("app.exe/123456780/app.exe", pe, sizeof pe);
    make_folder("app.exe/000000005000");
    write_file("app.exe/000000005000/app.exe", pe, sizeof pe);
    for (unsigned i = 0; i < 4; i++) {
        identity.timestamp = (i & 1) != 0 ? 0x12345678 : 0;
        identity.size = (i & 2) != 0 ? 0x5000 : 0;
        find();
        cr_expect_eq(files.image != NULL, i == 3, "%u", i);
    }
}

/* An image with a table of symbols of its own needs no PDB, but for one that it names by a path
 * which is there: llvm-symbolizer would read that. */
Test(module_files, with_symbols_of_their_own_need_no_pdb)
{
    char there[40];
    put_u32(pe + 0x80 + 12, 1);
    put_u32(pe + 0x80 + 16, 1);
    write_file("app.exe", pe, sizeof pe);
    find();
    cr_expect(files.usable && files.pdb == NULL);
    expect_problem("");
    snprintf(there, sizeof there, "/dev/null");
    memset(pe + 0x518, 0, 13);
    memcpy(pe + 0x518, there, strlen(there));
    write_file("app.exe", pe, sizeof pe);
    find();
    cr_expect_not(files.usable);
    expect_problem("/app.exe was found, but not its PDB: null/" GUID_ID "3/null");
    memset(pe + 0x98 + 112 + 48, 0, 8);
    write_file("app.exe", pe, sizeof pe);
    find();
    cr_expect(files.usable);
    put_u32(pe + 0x80 + 16, 0);
    write_file("app.exe", pe, sizeof pe);
    find();
    cr_expect_not(files.usable);
    expect_problem("/app.exe has no debug information and names no PDB");
}

#define VISITED_LEN 400

static bool note_visit(void *user, const char *file)
{
    char *visited = user;
    size_t len = strlen(visited);
    snprintf(visited + len, VISITED_LEN - len, "%s ", file + strlen(folder));
    return strstr(visited, "last") == NULL;
}

/* Files of each folder in their order; a folder of that name is one of a symbol server. */
Test(module_files, are_visited_until_one_is_taken)
{
    char visited[VISITED_LEN] = "", second[300];
    make_folder("two");
    make_folder("two/a.exe");
    make_folder("two/a.exe/ID");
    write_file("a.exe", "", 0);
    write_file("two/a.exe/ID/a.exe", "", 0);
    snprintf(second, sizeof second, "%s/two", folder);
    const char *const folders[] = {folder, second, folder};
    struct symbol_path searched;
    cr_assert(symbol_path_init(&searched, folders, 3, NULL));
    symbol_path_find(&searched, "a.exe", "ID", note_visit, visited);
    cr_expect_str_eq(visited, "/a.exe /two/a.exe/ID/a.exe /a.exe ");
    visited[0] = '\0';
    symbol_path_find(&searched, "a.exe", NULL, note_visit, visited);
    cr_expect_str_eq(visited, "/a.exe /a.exe ");
    visited[0] = '\0';
    symbol_path_find(&searched, "a.exe", "other", note_visit, visited);
    cr_expect_str_eq(visited, "/a.exe /a.exe ");
    write_file("last", "", 0);
    visited[0] = '\0';
    symbol_path_find(&searched, "last", NULL, note_visit, visited);
    cr_expect_str_eq(visited, "/last ");
    symbol_path_finish(&searched);
    cr_expect_eq(searched.folder_count, 0);
}
