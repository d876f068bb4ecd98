/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tries on Windows, or under Wine, what base/platform.h and base/child_process.h promise. Criterion
 * is not there, so that this is a plain program:
 *
 *     platform_test.exe            tries everything in the current folder, which is empty
 *     platform_test.exe WORD...    is a child of the tests: echo, hang, say WORD..., show NAME...
 *
 * Exit status 0: everything holds; 1: what does not was told.
 */

#include <errno.h>
#include <io.h>
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/child_process.h"
#include "base/platform.h"
#include "base/platform_windows.h"

#define GIB (UINT64_C(1) << 30)
#define SECOND UINT64_C(1000000000) /* nanoseconds */

static unsigned checks, failures;
static char *self; /* the path of this program */

#define CHECK(condition) check((condition), #condition, __LINE__)
#define CHECK_FAILS(call, number) (errno = 0, CHECK(!(call)), check_errno((number), __LINE__))
#define CHECK_TEXT(text, wanted) check_text((text), (wanted), __LINE__)

static void check(bool holds, const char *condition, int line)
{
    checks++;
    if (!holds) {
        failures++;
        printf("line %d: does not hold: %s\n", line, condition);
    }
}

static void check_errno(int number, int line)
{
    int found = errno;

    checks++;
    if (found != number) {
        failures++;
        printf("line %d: errno is %d, not %d\n", line, found, number);
    }
}

static void check_text(const char *text, const char *wanted, int line)
{
    checks++;
    if (text == NULL || strcmp(text, wanted) != 0) {
        failures++;
        printf("line %d: \"%s\", not \"%s\"\n", line, text != NULL ? text : "NULL", wanted);
    }
}

static void put_file(const char *path, const char *text)
{
    FILE *file = platform_fopen(path, "wb");

    CHECK(file != NULL);
    if (file != NULL) {
        fputs(text, file);
        fclose(file);
    }
}

static void expect_file(const char *path, const char *wanted)
{
    char text[64] = "";
    int descriptor = platform_open_read(path);
    int64_t len = platform_read(descriptor, text, sizeof text - 1);

    CHECK(descriptor >= 0);
    CHECK(len == (int64_t)strlen(wanted));
    CHECK_TEXT(text, wanted);
    platform_close(descriptor);
}

static bool is_there(const char *path)
{
    struct platform_status status;

    return platform_status_of_path(path, &status);
}

/* ---- text and errors ---- */

static void try_text(void)
{
    wchar_t *wide = windows_wide("a\xC3\xA4\xE2\x82\xAC");
    char *text = windows_utf8(L"a\x00E4\x20AC");

    CHECK(wide != NULL && wcscmp(wide, L"a\x00E4\x20AC") == 0);
    CHECK_TEXT(text, "a\xC3\xA4\xE2\x82\xAC");
    free(wide);
    free(text);
    wide = windows_wide("");
    CHECK(wide != NULL && wide[0] == L'\0');
    free(wide);
}

static void try_errors(void)
{
    static const struct {
        DWORD error;
        int number;
    } rows[] = {{ERROR_FILE_NOT_FOUND, ENOENT},
                {ERROR_PATH_NOT_FOUND, ENOENT},
                {ERROR_INVALID_NAME, ENOENT},
                {ERROR_BAD_NETPATH, ENOENT},
                {ERROR_DIRECTORY, ENOTDIR},
                {ERROR_ACCESS_DENIED, EACCES},
                {ERROR_WRITE_PROTECT, EROFS},
                {ERROR_SHARING_VIOLATION, EBUSY},
                {ERROR_LOCK_VIOLATION, EBUSY},
                {ERROR_FILE_EXISTS, EEXIST},
                {ERROR_ALREADY_EXISTS, EEXIST},
                {ERROR_DISK_FULL, ENOSPC},
                {ERROR_NOT_ENOUGH_MEMORY, ENOMEM},
                {ERROR_TOO_MANY_OPEN_FILES, EMFILE},
                {ERROR_BROKEN_PIPE, EPIPE},
                {ERROR_NO_DATA, EPIPE},
                {ERROR_INVALID_HANDLE, EBADF},
                {ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG},
                {ERROR_CRC, EIO} /* no row of the table */};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        errno = 0;
        windows_set_errno_of(rows[i].error);
        check_errno(rows[i].number, __LINE__);
    }
    SetLastError(ERROR_DISK_FULL);
    windows_set_errno();
    check_errno(ENOSPC, __LINE__);
    CHECK_TEXT(platform_error_text(EBUSY), "Another program has it open");
    CHECK_TEXT(platform_error_text(ENOENT), strerror(ENOENT));
}

/* ---- the machine ---- */

static void try_machine(void)
{
    unsigned char one[16] = {0}, two[16] = {0}, zeros[16] = {0};
    uint64_t began = platform_now_ms(), first = child_process_now();
    void *memory = platform_aligned_alloc(4096, 8192);

    CHECK(platform_processors() >= 1 && platform_processors() < 100000);
    CHECK(platform_memory() > 64 << 20);
    child_process_pause(60);
    CHECK(platform_now_ms() - began >= 30 && platform_now_ms() - began < 60000);
    CHECK(child_process_now() - first >= SECOND / 30 && child_process_now() - first < 60 * SECOND);
    CHECK(platform_random(one, sizeof one) && platform_random(two, sizeof two));
    CHECK(memcmp(one, two, sizeof one) != 0 && memcmp(one, zeros, sizeof one) != 0);
    CHECK(memory != NULL && (uintptr_t)memory % 4096 == 0);
    platform_aligned_free(memory);
    platform_aligned_free(NULL);
    CHECK(!platform_is_terminal(stdout) && !platform_has_colors(stdout));
    CHECK(!platform_is_terminal(stdin));
}

/* ---- files ---- */

static void try_status(void)
{
    struct platform_status file, same, other, folder;
    int descriptor;

    put_file("file", "12345");
    put_file("other", "");
    CHECK(platform_make_folder("folder"));
    CHECK(platform_status_of_path("file", &file));
    CHECK(file.kind == PLATFORM_REGULAR && file.size == 5 && file.mode == 0);
    descriptor = platform_open_read("file");
    CHECK(platform_status_of_descriptor(descriptor, &same));
    CHECK(same.kind == PLATFORM_REGULAR && same.size == 5);
    CHECK(platform_same_file(&file, &same));
    platform_close(descriptor);
    CHECK(platform_status_of_path("other", &other) && other.size == 0);
    CHECK(!platform_same_file(&file, &other));
    CHECK(platform_status_of_path("folder", &folder));
    CHECK(folder.kind == PLATFORM_FOLDER && folder.size == 0);
    CHECK(platform_same_file(&folder, &folder) && !platform_same_file(&folder, &file));
    CHECK(platform_status_of_path("\\\\.\\pipe\\nobody", &other) && other.kind == PLATFORM_OTHER);
    CHECK(platform_status_of_path("//./PIPE/nobody", &other) && other.kind == PLATFORM_OTHER);
    CHECK(!platform_same_file(&other, &other));
    CHECK_FAILS(platform_status_of_path("missing", &other), ENOENT);
    CHECK_FAILS(platform_status_of_descriptor(-1, &other), EBADF);
    CHECK_FAILS(platform_status_of_descriptor(99, &other), EBADF);
    CHECK(platform_remove("file") && platform_remove("other"));
    CHECK(platform_remove_folder("folder"));
}

static void try_names_of_files(void)
{
    int descriptor = 7;
    char *end = NULL;

    put_file("one", "first");
    put_file("two", "second");
    end = platform_follow("one", &descriptor);
    CHECK_TEXT(end, "one");
    CHECK(descriptor == -1);
    free(end);
    end = platform_follow("not there", &descriptor);
    CHECK_TEXT(end, "not there");
    free(end);
    CHECK(!platform_is_link("one") && !platform_is_link("missing"));
    CHECK(platform_replace("one", "two"));
    CHECK(!is_there("one"));
    expect_file("two", "first");
    CHECK_FAILS(platform_replace("one", "two"), ENOENT);
    expect_file("two", "first");
    CHECK(platform_link("two", "three"));
    expect_file("three", "first");
    CHECK(!platform_link("two", "three"));
    CHECK(!platform_link("missing", "four") && !is_there("four"));
    CHECK(platform_remove("two") && platform_remove("three"));
    CHECK_FAILS(platform_remove("two"), ENOENT);
}

static void try_opening(void)
{
    int descriptor, second;
    FILE *stream;

    CHECK_FAILS(platform_open_read("missing") >= 0, ENOENT);
    CHECK_FAILS(platform_open_write("missing") >= 0, ENOENT);
    CHECK(platform_make_folder("folder"));
    CHECK_FAILS(platform_open_read("folder") >= 0, EISDIR);
    CHECK(platform_remove_folder("folder"));
    CHECK(platform_fopen("missing", "rb") == NULL && errno == ENOENT);
    put_file("file", "12345");
    descriptor = platform_open_write("file");
    CHECK(descriptor >= 0);
    CHECK_FAILS(platform_open_write("file") >= 0, EBUSY); /* one writes at a time */
    second = platform_open_read("file");
    CHECK(second >= 0); /* and everybody reads */
    platform_close(second);
    second = platform_duplicate(descriptor);
    CHECK(second >= 0 && second != descriptor);
    platform_set_mode(second, NULL);
    stream = platform_stream(descriptor);
    CHECK(stream != NULL && platform_descriptor(stream) == descriptor);
    fputs("\n", stream);
    fclose(stream);
    platform_close(second);
    expect_file("file", "\n2345"); /* no line end is translated, and the rest stays */
    CHECK(platform_remove("file"));
}

static void try_reading(void)
{
    char bytes[8] = "";
    int descriptor;

    put_file("file", "0123456789");
    descriptor = platform_open_read("file");
    CHECK(platform_position(descriptor) == 0);
    CHECK(platform_read(descriptor, bytes, 3) == 3 && memcmp(bytes, "012", 3) == 0);
    CHECK(platform_position(descriptor) == 3);
    CHECK(platform_read_at(descriptor, 8, bytes, 8) == 2 && memcmp(bytes, "89", 2) == 0);
    CHECK(platform_read_at(descriptor, 10, bytes, 8) == 0);
    CHECK(platform_read_at(descriptor, 4 * GIB + 2, bytes, 8) == 0);
    platform_close(descriptor);
    descriptor = platform_open_write("file");
    CHECK(platform_read_at(descriptor, 0, bytes, 1) == -1);
    CHECK(platform_cut(descriptor, 4));
    platform_close(descriptor);
    expect_file("file", "0123");
    descriptor = platform_open_read("file");
    CHECK(!platform_cut(descriptor, 1));
    platform_close(descriptor);
    CHECK(platform_remove("file"));
}

/* Beyond 4 GiB, in a file that takes no room: only its last bytes are written. */
static void try_a_large_file(void)
{
    char path[] = "large-XXXXXX", byte = 'x', found = 0;
    struct platform_status status;
    int descriptor = platform_create_unique(path);

    CHECK(descriptor >= 0);
    CHECK(platform_cut(descriptor, 5 * GIB));
    CHECK(platform_position(descriptor) == (int64_t)(5 * GIB));
    CHECK(_write(descriptor, &byte, 1) == 1);
    CHECK(platform_status_of_descriptor(descriptor, &status) && status.size == 5 * GIB + 1);
    CHECK(platform_read_at(descriptor, 5 * GIB, &found, 1) == 1 && found == 'x');
    CHECK(platform_read_at(descriptor, GIB, &found, 1) == 1 && found == '\0');
    platform_close(descriptor);
    CHECK(platform_remove(path));
}

static void try_new_files(void)
{
    char one[] = "new-XXXXXX", two[] = "new-XXXXXX", nowhere[] = "missing\\new-XXXXXX";
    int first = platform_create_unique(one), second = platform_create_unique(two);

    CHECK(first >= 0 && second >= 0);
    CHECK(strncmp(one, "new-", 4) == 0 && strchr(one, 'X') == NULL && strcmp(one, two) != 0);
    CHECK(is_there(one) && is_there(two));
    CHECK(platform_remove(one)); /* while it is open */
    platform_close(first);
    CHECK(!is_there(one));
    platform_close(second);
    CHECK(platform_remove(two));
    CHECK_FAILS(platform_create_unique(nowhere) >= 0, ENOENT);
}

static void count_name(void *user, const char *name)
{
    unsigned *count = user;

    *count += strncmp(name, "bufcheck-", 9) == 0;
}

static unsigned temporary_files(const char *folder)
{
    unsigned count = 0;

    CHECK(platform_list(folder, count_name, &count));
    return count;
}

static void try_temporary_files(void)
{
    FILE *file;
    char text[8] = "";

    CHECK(strlen(platform_temporary_folder()) > 2);
    CHECK(platform_make_folder("tmp"));
    _putenv("TMPDIR=tmp");
    CHECK_TEXT(platform_temporary_folder(), "tmp");
    file = platform_temporary_file();
    CHECK(file != NULL);
    CHECK(temporary_files("tmp") == 1);
    fputs("kept", file);
    rewind(file);
    CHECK(fread(text, 1, 7, file) == 4);
    CHECK_TEXT(text, "kept");
    fclose(file);
    CHECK(temporary_files("tmp") == 0);
    _putenv("TMPDIR=");
    CHECK(strcmp(platform_temporary_folder(), "tmp") != 0);
    CHECK(platform_remove_folder("tmp"));
    _putenv("TMPDIR=tmp");
    CHECK(platform_temporary_file() == NULL);
    _putenv("TMPDIR=");
}

/* ---- folders and names ---- */

static void try_folders(void)
{
    char one[] = "made-XXXXXX", two[] = "made-XXXXXX";
    struct platform_words names;
    char *folder = platform_working_folder();

    CHECK(folder != NULL && platform_is_absolute(folder) && is_there(folder));
    free(folder);
    CHECK(platform_make_unique_folder(one) && platform_make_unique_folder(two));
    CHECK(strcmp(one, two) != 0 && is_there(one) && is_there(two));
    CHECK_FAILS(platform_make_folder(one), EEXIST);
    CHECK_FAILS(platform_make_folder("missing\\folder"), ENOENT);
    CHECK(platform_remove_folder(two));
    CHECK_FAILS(platform_remove_folder(two), ENOENT);
    CHECK(SetCurrentDirectoryA(one));
    put_file("\xC3\xA4", "");
    CHECK(platform_make_folder("sub"));
    CHECK(platform_folder_names(".", &names));
    CHECK(names.count == 2);
    if (names.count == 2) {
        bool turned = strcmp(names.words[0], "sub") == 0;

        CHECK_TEXT(names.words[turned], "\xC3\xA4");
        CHECK_TEXT(names.words[!turned], "sub");
    }
    platform_words_finish(&names);
    CHECK(names.count == 0 && names.words == NULL);
    CHECK_FAILS(platform_folder_names("missing", &names), ENOENT);
    CHECK(platform_remove("\xC3\xA4") && platform_remove_folder("sub"));
    CHECK(SetCurrentDirectoryA(".."));
    CHECK(platform_remove_folder(one));
    CHECK(platform_list_separator == ';');
}

static void try_names(void)
{
    char *folder = platform_folder_of("C:\\a\\b");

    CHECK_TEXT(folder, "C:\\a\\");
    free(folder);
    CHECK_TEXT(platform_base_name("C:\\a/b.etl"), "b.etl");
    CHECK(platform_is_absolute("C:\\a") && !platform_is_absolute("a\\b"));
    CHECK(platform_is_path("a.etl") && !platform_is_path("cut"));
    CHECK(platform_same_name("TRACE\xC3\x84.ETL", "trace\xC3\xA4.etl"));
    CHECK(!platform_same_name("a", "b") && !platform_same_name("a", "aa"));
    CHECK(platform_can_run(self) && !platform_can_run(".") && !platform_can_run("missing"));
    self[strlen(self) - strlen(".exe")] = '\0'; /* the ending may be left out */
    CHECK(platform_can_run(self));
    self[strlen(self)] = '.';
}

static void append(char *text, size_t room, const char *more)
{
    size_t len = strlen(text);

    snprintf(text + len, room - len, "%s", more);
}

static void expect_words(const char *pattern, const char *wanted)
{
    struct platform_words words = {0};
    char text[200] = "";

    CHECK(platform_expand(&words, "before"));
    CHECK(platform_expand(&words, pattern));
    for (size_t i = 0; i < words.count; i++) {
        append(text, sizeof text, words.words[i]);
        append(text, sizeof text, " ");
    }
    CHECK_TEXT(text, wanted);
    platform_words_finish(&words);
}

static void try_wildcards(void)
{
    CHECK(platform_make_folder("a3.etl") && platform_make_folder("sub"));
    put_file("a2.etl", "");
    put_file("a1.etl", "");
    put_file("b.etl", "");
    put_file("sub\\c.etl", "");
    expect_words("a?.etl", "before a1.etl a2.etl ");
    expect_words("*.ETL", "before a1.etl a2.etl b.etl ");
    expect_words("sub/*", "before sub/c.etl ");
    expect_words("no*", "before no* ");
    expect_words("b.etl", "before b.etl ");
    expect_words("missing", "before missing ");
    CHECK(platform_remove("a1.etl") && platform_remove("a2.etl") && platform_remove("b.etl"));
    CHECK(platform_remove("sub\\c.etl") && platform_remove_folder("sub"));
    CHECK(platform_remove_folder("a3.etl"));
}

/* `drive`: expects `start`, a drive, and ":\\" behind it. */
static void expect_wide(const char *path, const wchar_t *start, bool drive)
{
    wchar_t *wide = windows_wide_path(path);
    size_t len = wcslen(start);

    CHECK(wide != NULL && wcsncmp(wide, start, len) == 0);
    CHECK(!drive || (wide != NULL && wcsncmp(wide + len + 1, L":\\", 2) == 0));
    free(wide);
}

/* Paths beyond the 260 characters that old functions take. */
static void try_long_paths(void)
{
    char path[600] = "", server[600] = "\\\\server\\share\\";
    char name[101];
    unsigned made = 0;

    memset(name, 'n', 100);
    name[100] = '\0';
    for (; made < 3; made++) {
        append(path, sizeof path, made > 0 ? "/" : "");
        append(path, sizeof path, name);
        CHECK(platform_make_folder(path));
    }
    expect_wide(path, L"\\\\?\\", true);
    append(server, sizeof server, path);
    expect_wide(server, L"\\\\?\\UNC\\server\\share\\n", false);
    path[239] = '\0';
    expect_wide(path, L"nnnn", false);
    path[239] = 'n';
    append(path, sizeof path, "/file");
    put_file(path, "deep");
    expect_file(path, "deep");
    CHECK(platform_remove(path));
    for (; made > 0; made--) {
        *strrchr(path, '/') = '\0';
        CHECK(platform_remove_folder(path));
    }
}

/* ---- programs that are started ---- */

static struct child_process *start(const char *first, const char *second, const char *third)
{
    const char *arguments[] = {"name", first, second, third, NULL};

    return child_process_start(self, arguments);
}

/* Reads until the child closes its output, which must be soon. */
static void read_all(struct child_process *child, char *text, size_t room)
{
    size_t len = 0;
    enum child_status status = CHILD_OK;

    while (status == CHILD_OK) {
        struct child_exchange exchange = {.in = text + len, .in_room = room - 1 - len};

        status = child_process_exchange(child, &exchange, child_process_now() + 30 * SECOND);
        len += exchange.read;
    }
    text[len] = '\0';
    CHECK(status == CHILD_CLOSED);
}

static void expect_said(const char *first, const char *second, const char *third,
                        const char *wanted)
{
    struct child_process *child = start(first, second, third);
    char text[500];

    CHECK(child != NULL);
    if (child != NULL) {
        read_all(child, text, sizeof text);
        CHECK_TEXT(text, wanted);
    }
    child_process_stop(child);
}

static void try_echo(void)
{
    struct child_process *child = start("echo", NULL, NULL);
    static char out[20000], in[20001];
    struct child_exchange exchange = {.out = out, .out_len = sizeof out};
    size_t len = 0;

    CHECK(child != NULL);
    memset(out, 'o', sizeof out);
    out[0] = 'f';
    out[sizeof out - 1] = 'l';
    while (len < sizeof out) {
        exchange.in = in + len;
        exchange.in_room = sizeof in - len;
        enum child_status status =
            child_process_exchange(child, &exchange, child_process_now() + 30 * SECOND);

        if (status != CHILD_OK) {
            CHECK(status == CHILD_OK);
            break;
        }
        exchange.out += exchange.written;
        exchange.out_len -= exchange.written;
        len += exchange.read;
    }
    CHECK(len == sizeof out && memcmp(in, out, len) == 0 && exchange.out_len == 0);
    child_process_end_input(child);
    read_all(child, in, sizeof in);
    CHECK_TEXT(in, "");
    exchange = (struct child_exchange){.out = "x", .out_len = 1, .in = in, .in_room = 1};
    CHECK(child_process_exchange(child, &exchange, 0) == CHILD_CLOSED);
    CHECK(exchange.written == 0 && exchange.read == 0);
    child_process_stop(child);
}

static void try_deadline(void)
{
    struct child_process *child = start("hang", NULL, NULL);
    char byte;
    struct child_exchange exchange = {.in = &byte, .in_room = 1};
    uint64_t began = child_process_now(), taken;

    CHECK(child != NULL);
    CHECK(child_process_exchange(child, &exchange, began + SECOND / 4) == CHILD_LATE);
    taken = child_process_now() - began;
    CHECK(taken >= SECOND / 4 && taken < 20 * SECOND);
    began = child_process_now();
    child_process_stop(child); /* the child would stay for a minute */
    CHECK(child_process_now() - began < 20 * SECOND);
}

static void try_children(void)
{
    const char *arguments[] = {"name", NULL};

    expect_said("say", "two words", "quo\"te\\", "two words\nquo\"te\\\n");
    expect_said("say", "\xC3\xA4 \xE2\x82\xAC", "", "\xC3\xA4 \xE2\x82\xAC\n\n");
    _putenv("DEBUGINFOD_URLS=http://nobody");
    _putenv("LLVM_SYMBOLIZER_OPTS=--help");
    _putenv("KEPT=yes");
    expect_said("show", "DEBUGINFOD_URLS", "KEPT", "nothing\nyes\n");
    expect_said("show", "LLVM_SYMBOLIZER_OPTS", "PATH_THAT_NOBODY_SET", "nothing\nnothing\n");
    try_echo();
    try_deadline();
    CHECK(child_process_start("missing.exe", arguments) == NULL && errno == ENOENT);
    child_process_stop(NULL);
}

/* ---- this program as a child ---- */

static int be_child(int argc, char **argv)
{
    char bytes[4096];
    int len;

    if (strcmp(argv[1], "hang") == 0) {
        child_process_pause(60000);
    } else if (strcmp(argv[1], "echo") == 0) {
        while ((len = _read(0, bytes, sizeof bytes)) > 0) {
            (void)!_write(1, bytes, (unsigned)len);
        }
    } else {
        fputs("This goes nowhere.\n", stderr);
        for (int i = 2; i < argc; i++) {
            const char *value = strcmp(argv[1], "show") == 0 ? getenv(argv[i]) : argv[i];

            printf("%s\n", value != NULL ? value : "nothing");
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    wchar_t path[MAX_PATH];

    if (!platform_start(&argc, &argv)) {
        return 1;
    }
    if (argc > 1) {
        return be_child(argc, argv);
    }
    GetModuleFileNameW(NULL, path, MAX_PATH);
    self = windows_utf8(path);
    try_text();
    try_errors();
    try_machine();
    try_status();
    try_names_of_files();
    try_opening();
    try_reading();
    try_a_large_file();
    try_new_files();
    try_temporary_files();
    try_folders();
    try_names();
    try_wildcards();
    try_long_paths();
    try_children();
    free(self);
    printf("%u checks, %u failed\n", checks, failures);
    return failures != 0;
}
