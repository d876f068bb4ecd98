/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "analyzer/cut/anonymous_values.h"

/* Of the names of images that a finding has, server.exe is one, and a long one as an older system
 * cuts it to 14 characters. */

static struct anonymous_names names;
static const struct own_code no_own_code;
static struct anonymous *made;

static void begin(bool all)
{
    const struct anonymous_settings settings = {.all = all, .names = &names, .own = &no_own_code};
    const struct etl_trace_info info = {.start_filetime = INT64_C(134117966450000000)};
    made = anonymous_create(&settings);
    cr_assert_not_null(made);
    anonymous_begin(made, &info);
}

static void setup(void)
{
    names = (struct anonymous_names){0};
    cr_assert(anonymous_names_add(&names, "server.exe"));
    cr_assert(anonymous_names_add(&names, "a-long-name-of"));
    begin(false);
}

static void teardown(void)
{
    anonymous_destroy(made);
    anonymous_names_finish(&names);
}

TestSuite(anonymous_text, .init = setup, .fini = teardown);

/* Compares with the text that stands for another, once it was noted. */
static void expect(enum anonymous_text kind, const char *text, const char *wanted)
{
    char to[ANONYMOUS_TEXT_LEN];
    anonymous_text(made, kind, text, to);
    cr_expect_str_eq(to, wanted, "%s: %s", text, to);
}

/* Notes texts in an order, so that each has its number. */
static void note(enum anonymous_text kind, const char *const texts[])
{
    char to[ANONYMOUS_TEXT_LEN];
    for (size_t i = 0; texts[i] != NULL; i++) {
        anonymous_text(made, kind, texts[i], to);
    }
}

static bool same_alias(enum anonymous_text kind, const char *one, const char *other)
{
    char a[ANONYMOUS_TEXT_LEN], b[ANONYMOUS_TEXT_LEN];
    anonymous_text(made, kind, one, a);
    anonymous_text(made, kind, other, b);
    cr_expect_str_neq(a, one);
    return strcmp(a, b) == 0;
}

Test(anonymous_text, names_of_findings_stay)
{
    expect(ANONYMOUS_PATH, "server.exe", "server.exe");
    expect(ANONYMOUS_PATH, "SERVER.exe", "SERVER.exe");
    expect(ANONYMOUS_PATH, "a-long-name-of", "a-long-name-of");
    expect(ANONYMOUS_PATH, "a-long-name-of-14.exe", "a-long-name-of-14.exe");
    expect(ANONYMOUS_PATH, "A-Long-Name-Of-14.EXE", "A-Long-Name-Of-14.EXE");
}

Test(anonymous_text, other_names_have_their_extension)
{
    static const char *const others[] = {
        "server.dll", "server.exe2", "server", "my-server.exe",         "a.sys",
        "a.PDB",      "a.xyz",       "a",      "a-long-name-of-14.dll", "a-long-name-o.exe",
        ".exe",       NULL};
    static const char *const ends[] = {".dll", "", "",     ".exe", ".sys", ".pdb",
                                       "",     "", ".dll", ".exe", ".exe"};
    note(ANONYMOUS_PATH, others);
    cr_assert(anonymous_assign(made));
    for (size_t i = 0; others[i] != NULL; i++) {
        char to[ANONYMOUS_TEXT_LEN];
        anonymous_text(made, ANONYMOUS_PATH, others[i], to);
        cr_expect_eq(strncmp(to, "image-", 6), 0, "%s", to);
        const char *end = to + 6 + strspn(to + 6, "0123456789");
        cr_expect_str_eq(end, ends[i], "%s: %s", others[i], to);
    }
}

Test(anonymous_text, with_all_no_name_stays)
{
    teardown();
    names = (struct anonymous_names){0};
    cr_assert(anonymous_names_add(&names, "server.exe"));
    begin(true);
    note(ANONYMOUS_PATH, (const char *const[]){"server.exe", NULL});
    note(ANONYMOUS_PDB, (const char *const[]){"server.pdb", NULL});
    cr_assert(anonymous_assign(made));
    expect(ANONYMOUS_PATH, "server.exe", "image-1.exe");
    expect(ANONYMOUS_PDB, "server.pdb", "symbols-1.pdb");
}

Test(anonymous_text, folders_have_one_alias)
{
    note(ANONYMOUS_PATH,
         (const char *const[]){"C:\\a\\b\\server.exe", "C:/x/server.exe", "a\\", NULL});
    cr_assert(anonymous_assign(made));
    char one[ANONYMOUS_TEXT_LEN], other[ANONYMOUS_TEXT_LEN];
    anonymous_text(made, ANONYMOUS_PATH, "C:\\a\\b\\server.exe", one);
    anonymous_text(made, ANONYMOUS_PATH, "c:\\A\\B\\server.exe", other);
    cr_assert_str_eq(one, other, "but for case they are one folder");
    anonymous_text(made, ANONYMOUS_PATH, "C:/x/server.exe", other);
    cr_assert_str_neq(one, other);
    cr_assert_eq(strncmp(one, "\\folder-", 8), 0, "%s", one);
    cr_assert_str_eq(strrchr(one, '\\'), "\\server.exe");
    anonymous_text(made, ANONYMOUS_PATH, "a\\", other);
    cr_assert_eq(strncmp(other, "image-", 6), 0, "a separator at the end: %s", other);
}

Test(anonymous_text, pdbs_of_kept_images_stay)
{
    note(ANONYMOUS_PDB,
         (const char *const[]){"serve.pdb", "server2.pdb", "other.pdb", "secret.pdb", NULL});
    cr_assert(anonymous_assign(made));
    expect(ANONYMOUS_PDB, "server.pdb", "server.pdb");
    expect(ANONYMOUS_PDB, "SERVER.dbg", "SERVER.dbg");
    expect(ANONYMOUS_PDB, "server", "server");
    expect(ANONYMOUS_KEPT_PDB, "any.pdb", "any.pdb");
    expect(ANONYMOUS_PDB, "serve.pdb", "symbols-1.pdb");
    expect(ANONYMOUS_PDB, "server2.pdb", "symbols-2.pdb");
    expect(ANONYMOUS_PDB, "secret.pdb", "symbols-4.pdb");
    cr_assert_not(same_alias(ANONYMOUS_PDB, "serve.pdb", "server2.pdb"));
    cr_assert(same_alias(ANONYMOUS_PDB, "other.pdb", "OTHER.pdb"));
    char to[ANONYMOUS_TEXT_LEN];
    anonymous_text(made, ANONYMOUS_PDB, "other.pdb", to);
    cr_assert_eq(strncmp(to, "symbols-", 8), 0, "%s", to);
    cr_assert_str_eq(strrchr(to, '.'), ".pdb");
}

Test(anonymous_text, commands_threads_and_versions)
{
    note(ANONYMOUS_COMMAND, (const char *const[]){"server.exe -p secret", NULL});
    note(ANONYMOUS_THREAD, (const char *const[]){"worker", NULL});
    cr_assert(anonymous_assign(made));
    expect(ANONYMOUS_COMMAND, "server.exe -p secret", "command-1");
    expect(ANONYMOUS_THREAD, "worker", "thread-1");
    expect(ANONYMOUS_VERSION, "1.2.3.4", "1.2.3.4");
    expect(ANONYMOUS_VERSION, "1.2.3.4-mine", "");
    expect(ANONYMOUS_EMPTY, "anything", "");
    for (int kind = ANONYMOUS_PATH; kind <= ANONYMOUS_EMPTY; kind++) {
        expect((enum anonymous_text)kind, "", "");
    }
}

/* ---- where images lie ---- */

Test(anonymous_text, a_place_is_of_a_kept_image_or_not)
{
    anonymous_note_image(made, 7, 0x10000, "C:\\x\\server.exe");
    anonymous_note_image(made, 7, 0x20000, "other.dll");
    anonymous_note_image(made, 7, 0x30000, "server.exe");
    anonymous_note_image(made, 7, 0x30000, "other.dll");
    anonymous_note_image(made, 7, 0x40000, "");
    cr_assert(anonymous_is_kept_image(made, 7, 0x10000));
    cr_assert_not(anonymous_is_kept_image(made, 8, 0x10000));
    cr_assert_not(anonymous_is_kept_image(made, 7, 0x10001));
    cr_assert_not(anonymous_is_kept_image(made, 7, UINT64_C(0x100000000010000)));
    cr_assert_not(anonymous_is_kept_image(made, 7, 0x20000));
    cr_assert_not(anonymous_is_kept_image(made, 7, 0x30000), "another image lay there, too");
    cr_assert_not(anonymous_is_kept_image(made, 7, 0x40000));
}
