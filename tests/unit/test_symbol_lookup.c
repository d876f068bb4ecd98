/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/symbols/link_folder.h"
#include "analyzer/symbols/symbols.h"
#include "tests/unit/symbol_bytes.h"
#include "tests/unit/test_folder.h"

#define SECOND UINT64_C(1000000000)

static char folder[256], program[320], asked[320];
static struct symbols *symbols;
static struct symbols_options options;
static const char *folders[1] = {folder};

static void write_file(const char *name, const void *bytes, size_t len)
{
    char full[384];
    snprintf(full, sizeof full, "%s/%s", folder, name);
    FILE *file = fopen(full, "wb");
    cr_assert_not_null(file, "%s", full);
    cr_assert_eq(fwrite(bytes, 1, len, file), len);
    fclose(file);
    chmod(full, 0700);
}

/* A symbolizer of that release, which notes the queries that it reads. Its answers name the
 * function by the address, and the line; 0x1020 is inlined into 0x1021, and 0x1030 not known. */
static void write_program(const char *version, const char *body)
{
    char text[2000];
    snprintf(
        text, sizeof text,
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo '  LLVM version %s'; exit; fi\n"
        "place() { echo \"{\\\"FunctionName\\\":\\\"f$1\\\",\\\"FileName\\\":\\\"a.c\\\","
        "\\\"Line\\\":$2}\"; }\n"
        "while read -r a b c; do echo $c >>%s; n=${b#\\\"}; n=${n%%\\\"}; case $c in\n"
        "0x1020) p=\"$(place $c 7),$(place 0x1021 8)\";; 0x1030) p=;; *) p=$(place $c 9);;\n"
        "esac\n%s\n"
        "echo \"{\\\"Address\\\":\\\"$c\\\",\\\"ModuleName\\\":\\\"$n\\\",\\\"Symbol\\\":[$p]}\"\n"
        "done\n",
        version, asked, body);
    write_file("symbolizer", text, strlen(text));
    snprintf(program, sizeof program, "%s/symbolizer", folder);
}

static void setup(void)
{
    static uint8_t pe[PE_BYTES_LEN], pdb[PDB_BYTES_LEN];
    test_folder_make(folder, sizeof folder);
    snprintf(asked, sizeof asked, "%s/asked", folder);
    make_pe(pe);
    make_pdb(pdb);
    write_file("app.exe", pe, sizeof pe);
    write_file("app.pdb", pdb, sizeof pdb);
    write_program("19.1.0", "");
    options = (struct symbols_options){
        .folders = folders, .folder_count = 1, .symbolizer = program, .time_ns = 20 * SECOND};
    setenv("TMPDIR", folder, 1);
}

static void teardown(void)
{
    symbols_destroy(symbols);
    symbols = NULL;
    test_folder_remove(folder);
}

TestSuite(symbols, .init = setup, .fini = teardown);

static size_t begin(void)
{
    symbols_destroy(symbols);
    symbols = symbols_create(&options);
    cr_assert_not_null(symbols);
    return symbols_module(symbols, &(struct module_identity){.name = "app.exe", .size = 0x5000});
}

static void expect_problem(const char *wanted)
{
    char text[SYMBOLS_PROBLEM_LEN];
    const char *problem = symbols_next_problem(symbols, text) ? text : "none";
    cr_expect_str_eq(problem, wanted, "%s", problem);
}

/* ---- modules ---- */

Test(symbols, a_module_is_told_by_all_of_its_identity)
{
    const struct module_identity rows[] = {
        {.name = "app.exe", .size = 0x5000},
        {.name = "App.exe", .size = 0x5000},
        {.name = "app.exe", .size = 0x5001},
        {.name = "app.exe", .size = 0x5000, .timestamp = 1},
        {.name = "app.exe", .size = 0x5000, .has_pdb = true, .pdb_age = 1, .pdb_name = "a.pdb"},
        {.name = "app.exe", .size = 0x5000, .has_pdb = true, .pdb_age = 2, .pdb_name = "a.pdb"},
        {.name = "app.exe",
         .size = 0x5000,
         .has_pdb = true,
         .pdb_guid = {{1}},
         .pdb_age = 1,
         .pdb_name = "a.pdb"},
    };
    begin();
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        size_t row = i % (sizeof rows / sizeof rows[0]);
        cr_expect_eq(symbols_module(symbols, &rows[row]), row, "row %zu", i);
    }
}

Test(symbols, modules_are_numbered_beyond_the_first_hundred)
{
    begin();
    for (uint64_t i = 1; i < 100; i++) {
        const struct module_identity identity = {.name = "none.dll", .size = i};
        cr_assert_eq(symbols_module(symbols, &identity), i);
    }
}

/* ---- addresses ---- */

static void want(size_t module, uint64_t offset, bool is_return)
{
    cr_assert(symbols_want(symbols, &(struct symbols_address){module, offset, is_return}));
}

/* The innermost function and line, and how many places there are. */
static const char *place_of(size_t module, uint64_t offset, bool is_return)
{
    static char text[100];
    size_t count;
    const struct symbols_address address = {module, offset, is_return};
    const struct symbol_place *places = symbols_places(symbols, &address, &count);
    if (places == NULL) {
        cr_expect_eq(count, 0);
        return "none";
    }
    snprintf(text, sizeof text, "%s %s:%u of %zu", places[0].function, places[0].file,
             (unsigned)places[0].line, count);
    return text;
}

static void expect_asked(const char *wanted)
{
    char text[400] = "";
    FILE *file = fopen(asked, "r");
    if (file != NULL) {
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
    }
    cr_expect_str_eq(text, wanted, "%s", text);
}

Test(symbols, addresses_have_the_places_of_the_program)
{
    size_t app = begin();
    want(app, 0x1010, false);
    want(app, 0x1020, false);
    want(app, 0x1030, false);
    cr_expect_str_eq(place_of(app, 0x1010, false), "none", "not yet");
    cr_assert(symbols_resolve(symbols));
    cr_expect_str_eq(place_of(app, 0x1010, false), "f0x1010 a.c:9 of 1");
    cr_expect_str_eq(place_of(app, 0x1020, false), "f0x1020 a.c:7 of 2");
    cr_expect_str_eq(place_of(app, 0x1030, false), "none");
    cr_expect_str_eq(place_of(app, 0x1040, false), "none", "nobody asked");
    expect_problem("none");
}

Test(symbols, a_return_address_is_looked_up_one_byte_before)
{
    size_t app = begin();
    want(app, 0x1011, true);
    want(app, 0, true);
    cr_assert(symbols_resolve(symbols));
    expect_asked("0x0\n0x1010\n");
    cr_expect_str_eq(place_of(app, 0x1011, true), "f0x1010 a.c:9 of 1");
    cr_expect_str_eq(place_of(app, 0x1010, false), "f0x1010 a.c:9 of 1");
    cr_expect_str_eq(place_of(app, 0, true), "f0x0 a.c:9 of 1");
    cr_expect_str_eq(place_of(app, 0x1011, false), "none");
}

/* The image has 0x5000 bytes. */
Test(symbols, addresses_outside_of_an_image_are_not_asked)
{
    size_t app = begin();
    want(app, 0x4fff, false);
    want(app, 0x5000, false);
    want(app, 0x5000, true);
    want(app, 0x5001, true);
    want(app, UINT64_MAX, false);
    want(app + 1, 0x1000, false);
    want(SYMBOLS_NO_MODULE, 0x1000, false);
    cr_assert(symbols_resolve(symbols));
    expect_asked("0x4fff\n");
}

Test(symbols, an_address_is_asked_once)
{
    size_t app = begin();
    cr_assert(symbols_resolve(symbols));
    expect_asked("");
    want(app, 0x1010, false);
    want(app, 0x1010, false);
    want(app, 0x1030, false);
    cr_assert(symbols_resolve(symbols));
    cr_assert(symbols_resolve(symbols));
    want(app, 0x1030, false);
    want(app, 0x1020, false);
    cr_assert(symbols_resolve(symbols));
    expect_asked("0x1010\n0x1030\n0x1020\n");
}

/* A module's addresses are asked in a row, from the lowest on. */
Test(symbols, addresses_are_asked_by_module)
{
    size_t first = begin();
    size_t second =
        symbols_module(symbols, &(struct module_identity){.name = "app.exe", .size = 0x4fff});
    cr_assert_neq(first, second);
    want(second, 0x30, false);
    want(first, 0x20, false);
    want(second, 0x10, false);
    want(first, 0x40, false);
    want(first, 0x3, false);
    cr_assert(symbols_resolve(symbols));
    expect_asked("0x3\n0x20\n0x40\n0x10\n0x30\n");
    cr_expect_str_eq(place_of(first, 0x20, false), "f0x20 a.c:9 of 1");
    cr_expect_str_eq(place_of(second, 0x20, false), "none");
    cr_expect_str_eq(place_of(second, 0x30, false), "f0x30 a.c:9 of 1");
}

Test(symbols, texts_of_places_are_kept_once_and_cut)
{
    char text[6000];
    snprintf(text, sizeof text,
             "p=\"{\\\"FunctionName\\\":\\\"$(printf '%%05000d' 7)\\\","
             "\\\"FileName\\\":\\\"\\\",\\\"Line\\\":1}\"");
    write_program("19.1.0", text);
    size_t app = begin(), count;
    want(app, 1, false);
    want(app, 2, false);
    cr_assert(symbols_resolve(symbols));
    const struct symbol_place *one =
        symbols_places(symbols, &(struct symbols_address){app, 1, false}, &count);
    const struct symbol_place *two =
        symbols_places(symbols, &(struct symbols_address){app, 2, false}, &count);
    cr_assert(one != NULL && two != NULL);
    cr_expect_eq(one->function, two->function);
    cr_expect_eq(strlen(one->function), 4096);
    cr_expect_null(one->file);
}

/* ---- links ---- */

static bool is_there(const char *name)
{
    char full[384];
    snprintf(full, sizeof full, "%s/%s", folder, name);
    return access(full, F_OK) == 0;
}

Test(symbols, links_lie_side_by_side_until_the_end)
{
    struct link_folder links;
    char link[LINK_FOLDER_PATH_MAX], image[320], pdb[320], wanted[LINK_FOLDER_PATH_MAX + 20];
    snprintf(image, sizeof image, "%s/app.exe", folder);
    snprintf(pdb, sizeof pdb, "%s/app.pdb", folder);
    cr_assert(link_folder_init(&links));
    cr_assert_eq(strncmp(links.path, folder, strlen(folder)), 0, "%s", links.path);
    const char *name = links.path + strlen(folder) + 1;
    char inside[100];
    for (unsigned i = 0; i < 3; i++) {
        cr_assert(link_folder_add(&links, image, i != 1 ? pdb : NULL, "b.pdb", link));
        snprintf(wanted, sizeof wanted, "%s/%u/image", links.path, i);
        cr_expect_str_eq(link, wanted);
        snprintf(inside, sizeof inside, "%.60s/%u/image", name, i);
        cr_expect(is_there(inside));
        snprintf(inside, sizeof inside, "%.60s/%u/b.pdb", name, i);
        cr_expect_eq(is_there(inside), i != 1);
    }
    cr_expect_eq(links.count, 3);
    snprintf(inside, sizeof inside, "%.60s", name);
    link_folder_finish(&links);
    cr_expect_not(is_there(inside));
    cr_expect_str_eq(links.path, "");
    link_folder_finish(&links);
}

/* A path of a link has at most 4,095 bytes; a link that can't be made is told with its cause. */
Test(symbols, a_link_that_can_not_be_made_fails)
{
    struct link_folder links;
    char link[LINK_FOLDER_PATH_MAX], image[320], command[600];
    static char name[LINK_FOLDER_PATH_MAX];
    snprintf(image, sizeof image, "%s/app.exe", folder);
    cr_assert(link_folder_init(&links));
    memset(name, 'n', sizeof name - 1);
    cr_expect_not(link_folder_add(&links, image, image, name, link));
    cr_expect_eq(errno, ENAMETOOLONG);
    snprintf(command, sizeof command, "rm -r '%.500s'", links.path);
    cr_assert_eq(system(command), 0);
    cr_expect_not(link_folder_add(&links, image, NULL, NULL, link));
    cr_expect_eq(errno, ENOENT);
    cr_expect_eq(links.count, 1);
    link_folder_finish(&links);
}

Test(symbols, no_folder_for_links_has_odd_characters)
{
    struct link_folder links;
    const char *const odd[] = {"a\"b", "a\x1f"};
    char path[400];
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, odd[i]);
        cr_assert_eq(mkdir(path, 0700), 0);
        setenv("TMPDIR", path, 1);
        cr_expect_not(link_folder_init(&links), "%s", odd[i]);
        cr_expect_eq(errno, EINVAL);
        cr_expect_str_eq(links.path, "");
        link_folder_finish(&links);
    }
}

Test(symbols, a_folder_for_links_that_can_not_be_made_is_a_problem)
{
    setenv("TMPDIR", "/nowhere/at/all", 1);
    size_t app = begin();
    expect_problem("no temporary folder for links to binaries can be made: No such file or "
                   "directory");
    expect_problem("none");
    want(app, 0x1010, false);
    cr_assert(symbols_resolve(symbols));
    expect_asked("");
}

/* ---- problems ---- */

static void resolve_one(void)
{
    want(begin(), 0x1010, false);
    cr_assert(symbols_resolve(symbols));
}

Test(symbols, the_release_of_the_program_is_told_once)
{
    char wanted[800];
    write_program("18.1.8", "");
    resolve_one();
    snprintf(wanted, sizeof wanted,
             "%s is release 18: releases before 19 give the next line for functions that were "
             "inlined, where a PDB tells of them",
             program);
    expect_problem(wanted);
    expect_problem("none");
    write_program("of mine", "");
    resolve_one();
    snprintf(wanted, sizeof wanted, "%s does not tell its version", program);
    expect_problem(wanted);
    expect_problem("none");
}

Test(symbols, a_program_that_is_not_there_is_told)
{
    char wanted[500];
    options.symbolizer = "/nowhere/llvm-symbolizer";
    resolve_one();
    snprintf(wanted, sizeof wanted, "%s can't be started: no functions and lines",
             options.symbolizer);
    expect_problem(wanted);
    expect_problem("none");
    options.symbolizer = NULL;
    options.search_path = "/nowhere";
    resolve_one();
    expect_problem("functions and lines need llvm-symbolizer, which is not on the PATH (Debian: "
                   "apt install llvm); --symbolizer PATH names another place");
    expect_problem("none");
}

Test(symbols, a_program_that_fails_is_told)
{
    write_program("19.1.0", "if [ $c = 0x1010 ]; then exit; fi");
    resolve_one();
    expect_problem("llvm-symbolizer ended early or gave answers that can't be read: the frames "
                   "that they were about stay module+offset");
    expect_problem("none");
    cr_expect_not(symbols_are_late(symbols));
}

Test(symbols, a_program_that_takes_too_long_is_told)
{
    write_program("19.1.0", "sleep 60");
    options.time_ns = SECOND / 2;
    resolve_one();
    cr_expect(symbols_are_late(symbols));
    expect_problem("llvm-symbolizer was stopped after 0 s (--symbol-time): the other frames stay "
                   "module+offset, and no fingerprint of this run is made of functions");
    expect_problem("none");
}

/* A module without files is no problem where another one has some, or has a problem itself. */
Test(symbols, no_files_at_all_are_a_problem)
{
    static const char nothing[] = "none of the modules in the stacks was found where binaries and "
                                  "PDBs were looked for";
    const struct module_identity none = {.name = "none.dll", .size = 1};
    const struct module_identity other = {.name = "app.exe", .size = 0x9000};
    char wanted[800];
    symbols = symbols_create(&options);
    expect_problem("none");
    (void)symbols_module(symbols, &none);
    expect_problem(nothing);
    expect_problem("none");
    begin();
    (void)symbols_module(symbols, &none);
    expect_problem("none");
    symbols_destroy(symbols);
    symbols = symbols_create(&options);
    (void)symbols_module(symbols, &other);
    (void)symbols_module(symbols, &none);
    snprintf(wanted, sizeof wanted,
             "%s/app.exe is another build of app.exe: its image has 0x5000 bytes, in the trace "
             "0x9000",
             folder);
    expect_problem(wanted);
    expect_problem("none");
}
