/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/platform.h"

/* Each test works in a folder of its own, in the build folder. */
static char folder[64], home[4096];

static void enter_folder(void)
{
    cr_assert_not_null(getcwd(home, sizeof home));
    snprintf(folder, sizeof folder, "bufcheck-platform-XXXXXX");
    cr_assert(platform_make_unique_folder(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void remove_all(const char *path)
{
    struct platform_words names;
    if (unlink(path) == 0 || !platform_folder_names(path, &names)) {
        return;
    }
    for (size_t i = 0; i < names.count; i++) {
        char below[2048];
        snprintf(below, sizeof below, "%s/%s", path, names.words[i]);
        remove_all(below);
    }
    platform_words_finish(&names);
    rmdir(path);
}

static void leave_folder(void)
{
    cr_assert_eq(chdir(home), 0);
    remove_all(folder);
}

TestSuite(platform, .init = enter_folder, .fini = leave_folder);

static void write_file(const char *path, const char *text)
{
    FILE *file = platform_fopen(path, "wb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_geq(fputs(text, file), 0);
    cr_assert_eq(fclose(file), 0);
}

/* ---- names ---- */

Test(platform, names_of_paths)
{
    static const struct {
        const char *path, *base, *folder;
        bool absolute, is_path;
    } rows[] = {
        {"name", "name", ".", false, false}, {"name.etl", "name.etl", ".", false, true},
        {"a/b", "b", "a", false, true},      {"a/b/c", "c", "a/b", false, true},
        {"/a", "a", "/", true, true},        {"/a/b", "b", "/a", true, true},
        {"a/", "", "a", false, true},        {"/", "", "/", true, true},
        {"a\\b", "a\\b", ".", false, false}, {".", ".", ".", false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *of = platform_folder_of(rows[i].path);
        cr_expect_str_eq(platform_base_name(rows[i].path), rows[i].base, "%s", rows[i].path);
        cr_expect_str_eq(of, rows[i].folder, "%s", rows[i].path);
        cr_expect_eq(platform_is_absolute(rows[i].path), rows[i].absolute, "%s", rows[i].path);
        cr_expect_eq(platform_is_path(rows[i].path), rows[i].is_path, "%s", rows[i].path);
        free(of);
    }
    cr_expect(platform_same_name("a", "a"));
    cr_expect_not(platform_same_name("a", "A"), "cases differ here");
}

/* A shell has expanded wildcards before. */
Test(platform, a_word_is_itself)
{
    struct platform_words words = {0};
    write_file("x.etl", "");
    cr_assert(platform_expand(&words, "*.etl"));
    cr_assert(platform_expand(&words, "b"));
    cr_assert_eq(words.count, 2);
    cr_assert_str_eq(words.words[0], "*.etl");
    cr_assert_str_eq(words.words[1], "b");
    platform_words_finish(&words);
    cr_assert(words.count == 0 && words.words == NULL);
}

/* ---- folders ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void count_name(void *user, const char *name)
{
    size_t *count = user;
    cr_expect(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
    (*count)++;
}

/* More names than the room that is taken at first, and those that are easily taken for others. */
Test(platform, a_folder_gives_all_its_names)
{
    static const char *const first[] = {"...", ".a", "..b"};
    struct platform_words names;
    char path[32];
    size_t visited = 0;
    cr_assert(platform_folder_names(".", &names) && names.count == 0);
    platform_words_finish(&names);
    for (unsigned i = 0; i < 3; i++) {
        write_file(first[i], "");
    }
    for (unsigned i = 0; i < 130; i++) {
        snprintf(path, sizeof path, "n%03u", i);
        write_file(path, "");
    }
    cr_assert(platform_folder_names(".", &names));
    cr_assert_eq(names.count, 133);
    qsort(names.words, names.count, sizeof *names.words, by_text);
    for (unsigned i = 0; i < 130; i++) {
        snprintf(path, sizeof path, "n%03u", i);
        cr_assert_str_eq(names.words[3 + i], path);
    }
    platform_words_finish(&names);
    cr_assert(platform_list(".", count_name, &visited));
    cr_assert_eq(visited, 133);
    errno = 0;
    cr_assert_not(platform_folder_names("none", &names));
    cr_assert(errno == ENOENT && names.count == 0 && names.words == NULL);
    cr_assert_not(platform_list("none", count_name, &visited));
}

Test(platform, folders_are_made_and_removed)
{
    struct stat info;
    char unique[] = "u-XXXXXX";
    cr_assert(platform_make_folder("f"));
    cr_assert(stat("f", &info) == 0 && (info.st_mode & 0777) == 0700);
    cr_assert_not(platform_make_folder("f"));
    cr_assert(platform_make_unique_folder(unique));
    cr_assert_str_neq(unique, "u-XXXXXX");
    cr_assert_not(platform_make_unique_folder((char[]){"none/u-XXXXXX"}));
    write_file("f/x", "");
    cr_assert_not(platform_remove_folder("f"));
    cr_assert(platform_remove("f/x"));
    cr_assert_not(platform_remove("f/x"));
    cr_assert(platform_remove_folder("f"));
    char *working = platform_working_folder();
    cr_assert_str_eq(platform_base_name(working), folder);
    free(working);
}

/* Longer than the room that is taken at first. */
Test(platform, the_working_folder_may_have_a_long_path)
{
    char name[201];
    memset(name, 'n', 200);
    name[200] = '\0';
    for (unsigned i = 0; i < 4; i++) {
        cr_assert(platform_make_folder(name));
        cr_assert_eq(chdir(name), 0);
    }
    char *working = platform_working_folder();
    cr_assert_not_null(working);
    cr_assert_gt(strlen(working), 804);
    cr_assert_str_eq(platform_base_name(working), name);
    free(working);
}

Test(platform, what_may_be_started)
{
    write_file("script", "#!/bin/sh\n");
    cr_assert_not(platform_can_run("script"));
    cr_assert_eq(chmod("script", 0755), 0);
    cr_assert(platform_can_run("script"));
    cr_assert_not(platform_can_run("."), "a folder");
    cr_assert_not(platform_can_run("none"));
}

/* ---- links ---- */

static void expect_end(const char *path, const char *want)
{
    int descriptor = 7;
    char *end = platform_follow(path, &descriptor);
    cr_assert_not_null(end, "%s", path);
    cr_assert_str_eq(end, want);
    cr_assert_eq(descriptor, -1);
    free(end);
}

/* A link's text counts from the folder that the link is in. */
Test(platform, links_are_followed_to_their_end)
{
    char absolute[4200];
    write_file("file", "");
    cr_assert(platform_make_folder("sub"));
    cr_assert_eq(symlink("../file", "sub/one"), 0);
    cr_assert_eq(symlink("sub/one", "two"), 0);
    cr_assert_eq(symlink("made", "three"), 0);
    expect_end("file", "file");
    expect_end("none", "none");
    expect_end("sub/one", "sub/../file");
    expect_end("two", "sub/../file");
    expect_end("three", "made");
    cr_assert(platform_link("file", "sub/four"));
    snprintf(absolute, sizeof absolute, "%s/%s/file", home, folder);
    expect_end("sub/four", absolute);
    cr_assert_not(platform_link("none", "five"));
    cr_assert(platform_is_link("two"));
    cr_assert_not(platform_is_link("file"));
    cr_assert_not(platform_is_link("none"));
}

/* 39 links may stand one behind another; a circle has no end. */
Test(platform, a_circle_of_links_is_an_error)
{
    int descriptor;
    char name[16], to[16];
    for (unsigned i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "l%u", i);
        snprintf(to, sizeof to, "l%u", i + 1);
        cr_assert_eq(symlink(to, name), 0);
    }
    expect_end("l1", "l40");
    errno = 0;
    cr_assert_null(platform_follow("l0", &descriptor));
    cr_assert_eq(errno, ELOOP);
    cr_assert_eq(symlink("circle", "circle"), 0);
    cr_assert_null(platform_follow("circle", &descriptor));
    cr_assert_eq(errno, ELOOP);
    write_file("file", "");
    errno = 0;
    cr_assert_null(platform_follow("file/none", &descriptor));
    cr_assert_eq(errno, ENOTDIR);
}

static void expect_descriptor(const char *path, int want)
{
    int descriptor = 7;
    char *end = platform_follow(path, &descriptor);
    cr_assert_eq(descriptor, want, "%s", path);
    free(end);
}

Test(platform, names_of_descriptors_are_ends)
{
    expect_descriptor("/dev/fd/3", 3);
    expect_descriptor("/dev/fd/0", 0);
    expect_descriptor("/dev/fd/999999", 999999);
    expect_descriptor("/proc/self/fd/12", 12);
    expect_descriptor("/dev/stdout", 1);
    expect_descriptor("/dev/fd/1000000", -1);
    expect_descriptor("/dev/fd/3x", -1);
    expect_descriptor("/dev/fd/x", -1);
    expect_descriptor("3", -1);
    expect_descriptor("/dev/3", -1);
    cr_assert_eq(symlink("/dev/fd/5", "link"), 0);
    expect_descriptor("link", 5);
}

/* ---- kinds of files ---- */

Test(platform, the_status_of_files)
{
    struct platform_status file, same, other, status;
    write_file("file", "12345");
    write_file("other", "");
    cr_assert_eq(chmod("file", 0640), 0);
    cr_assert_eq(symlink("file", "link"), 0);
    cr_assert(platform_status_of_path("file", &file));
    cr_assert(file.kind == PLATFORM_REGULAR && file.size == 5 && file.mode == 0640);
    int descriptor = platform_open_read("link");
    cr_assert(platform_status_of_descriptor(descriptor, &same));
    cr_assert(platform_same_file(&file, &same) && same.size == 5);
    platform_close(descriptor);
    cr_assert(platform_status_of_path("link", &same) && platform_same_file(&file, &same));
    cr_assert(platform_status_of_path("other", &other) && other.size == 0);
    cr_assert_not(platform_same_file(&file, &other));
    same.volume++;
    cr_assert_not(platform_same_file(&file, &same), "another disk");
    cr_assert(platform_status_of_path(".", &status));
    cr_assert(status.kind == PLATFORM_FOLDER && status.size == 0);
    cr_assert(platform_status_of_path("/dev/null", &status));
    cr_assert(status.kind == PLATFORM_CHARACTER && status.size == 0);
    cr_assert_eq(mkfifo("pipe", 0600), 0);
    cr_assert(platform_status_of_path("pipe", &status) && status.kind == PLATFORM_OTHER);
    cr_assert_not(platform_status_of_path("none", &status));
    cr_assert_not(platform_status_of_descriptor(-1, &status));
}

Test(platform, a_file_takes_the_place_of_another)
{
    struct platform_status status;
    write_file("old", "old");
    write_file("new", "newer");
    cr_assert(platform_replace("new", "old"));
    cr_assert(platform_status_of_path("old", &status) && status.size == 5);
    cr_assert_not(platform_status_of_path("new", &status));
    cr_assert_not(platform_replace("new", "old"));
}

static unsigned mode_of(const char *path)
{
    struct stat info;
    cr_assert_eq(stat(path, &info), 0);
    return info.st_mode & 07777;
}

/* The mask of the process stays what it was. */
Test(platform, a_new_file_has_the_permissions_of_the_old_one)
{
    struct platform_status replaced = {.mode = 04751};
    char path[] = "x-XXXXXX";
    int descriptor = platform_create_unique(path);
    cr_assert_geq(descriptor, 0);
    cr_assert_eq(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
    cr_assert_eq(mode_of(path), 0600);
    platform_set_mode(descriptor, &replaced);
    cr_assert_eq(mode_of(path), 0751);
    umask(027);
    platform_set_mode(descriptor, NULL);
    cr_assert_eq(mode_of(path), 0640);
    cr_assert_eq(umask(022), 027);
    platform_close(descriptor);
    cr_assert_eq(platform_create_unique((char[]){"none/x-XXXXXX"}), -1);
}

/* ---- open files ---- */

Test(platform, files_are_read_and_cut)
{
    char bytes[8] = "";
    write_file("file", "0123456789");
    int descriptor = platform_open_read("file");
    cr_assert_eq(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
    cr_assert_eq(platform_read(descriptor, bytes, 4), 4);
    cr_assert_eq(platform_position(descriptor), 4);
    cr_assert_eq(platform_read_at(descriptor, 7, bytes + 4, 4), 3);
    cr_assert_arr_eq(bytes, "0123789", 7);
    cr_assert_eq(platform_position(descriptor), 4);
    cr_assert_eq(platform_read_at(descriptor, 10, bytes, 4), 0);
    platform_close(descriptor);
    cr_assert_eq(platform_read(descriptor, bytes, 1), -1);
    cr_assert_eq(platform_read_at(descriptor, 0, bytes, 1), -1);
    cr_assert_eq(platform_position(descriptor), -1);
    descriptor = platform_open_write("file");
    cr_assert_eq(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
    FILE *stream = platform_stream(platform_duplicate(descriptor));
    cr_assert_not_null(stream);
    cr_assert_geq(platform_descriptor(stream), 0);
    cr_assert_neq(platform_descriptor(stream), descriptor);
    cr_assert_geq(fputs("ab", stream), 0);
    cr_assert_eq(fclose(stream), 0);
    cr_assert(platform_cut(descriptor, 5));
    platform_close(descriptor);
    cr_assert_not(platform_cut(descriptor, 5));
    descriptor = platform_open_read("file");
    cr_assert_eq(platform_read(descriptor, bytes, 8), 5);
    cr_assert_arr_eq(bytes, "ab234", 5);
    platform_close(descriptor);
    cr_assert_eq(platform_open_read("none"), -1);
    cr_assert_eq(platform_open_write("none"), -1);
}

Test(platform, temporary_files_have_no_name)
{
    struct platform_words names;
    char bytes[8] = "", longer[5000];
    setenv("TMPDIR", ".", 1);
    cr_assert_str_eq(platform_temporary_folder(), ".");
    FILE *file = platform_temporary_file();
    cr_assert_not_null(file);
    cr_assert(platform_folder_names(".", &names) && names.count == 0);
    cr_assert_geq(fputs("kept", file), 0);
    rewind(file);
    cr_assert_eq(fread(bytes, 1, 8, file), 4);
    cr_assert_str_eq(bytes, "kept");
    cr_assert_eq(fcntl(platform_descriptor(file), F_GETFD), FD_CLOEXEC);
    fclose(file);
    setenv("TMPDIR", "", 1);
    cr_assert_str_eq(platform_temporary_folder(), "/tmp");
    unsetenv("TMPDIR");
    cr_assert_str_eq(platform_temporary_folder(), "/tmp");
    setenv("TMPDIR", "none", 1);
    cr_assert_null(platform_temporary_file());
    cr_assert_eq(errno, ENOENT);
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    setenv("TMPDIR", longer, 1);
    cr_assert_null(platform_temporary_file());
    cr_assert_eq(errno, ENAMETOOLONG);
}

/* ---- the program and the machine ---- */

/* Only one closed descriptor is taken by a file that is opened later; all are held. */
Test(platform, standard_descriptors_are_held)
{
    int argc = 0, status = 0;
    char **argv = NULL;
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        close(0);
        close(1);
        close(2);
        bool good = platform_start(&argc, &argv);
        int next = open("/dev/null", O_RDONLY);
        good = good && next > 2 && read(0, &status, 1) < 0 && write(1, "x", 1) < 0 &&
               write(2, "x", 1) < 0;
        _exit(good ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

Test(platform, a_closed_pipe_is_an_error_and_no_signal)
{
    int argc = 0, ends[2];
    char **argv = NULL;
    cr_assert(platform_start(&argc, &argv));
    cr_assert_eq(pipe(ends), 0);
    close(ends[0]);
    cr_assert_eq(write(ends[1], "x", 1), -1);
    cr_assert_eq(errno, EPIPE);
    close(ends[1]);
    cr_assert_eq(raise(SIGXFSZ), 0);
}

Test(platform, what_the_machine_has)
{
    uint64_t random[2] = {0, 0};
    struct timespec now;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    cr_assert_eq(platform_processors(), (unsigned)processors);
    uint64_t pages = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    cr_assert(platform_memory() > 1 << 20 && platform_memory() <= pages);
    cr_assert(platform_random(random, sizeof random));
    cr_assert(random[0] != random[1] && random[0] != 0 && random[1] != 0);
    uint64_t ms = platform_now_ms();
    cr_assert_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    uint64_t later = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    cr_assert(later >= ms && later - ms < 5000);
    void *memory = platform_aligned_alloc(256, 512);
    cr_assert(memory != NULL && (uintptr_t)memory % 256 == 0);
    platform_aligned_free(memory);
    platform_aligned_free(NULL);
    FILE *file = platform_fopen("/dev/null", "r");
    cr_assert_not(platform_is_terminal(file));
    cr_assert_not(platform_has_colors(file));
    fclose(file);
    cr_assert_str_eq(platform_error_text(ENOENT), "No such file or directory");
}

/* ---- interrupts ---- */

static int told;

static void tell(void)
{
    char c = 'h';
    (void)!write(told, &c, 1);
}

/* A child is interrupted: what it wrote, and how it ended. */
static int interrupt(int number, bool ignored, bool blocked, char text[8])
{
    int ends[2], status = 0;
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        told = ends[1];
        signal(number, ignored ? SIG_IGN : SIG_DFL);
        platform_on_interrupt(tell);
        if (blocked) {
            errno = 77;
            platform_block_interrupts();
        }
        raise(number);
        (void)!write(told, blocked && errno != 77 ? "e" : "a", 1);
        if (blocked) {
            platform_allow_interrupts();
            (void)!write(told, "b", 1);
        }
        _exit(5);
    }
    close(ends[1]);
    ssize_t len = read(ends[0], text, 7);
    for (ssize_t more = len; more > 0 && len < 7; len += more) {
        more = read(ends[0], text + len, (size_t)(7 - len));
    }
    text[len] = '\0';
    close(ends[0]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status;
}

Test(platform, an_interrupt_calls_the_handler_and_ends_the_program)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    char text[8];
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int status = interrupt(numbers[i], false, false, text);
        cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == numbers[i], "%d", numbers[i]);
        cr_assert_str_eq(text, "h");
        status = interrupt(numbers[i], true, false, text);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 5, "%d", numbers[i]);
        cr_assert_str_eq(text, "a", "ignored");
        status = interrupt(numbers[i], false, true, text);
        cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == numbers[i], "%d", numbers[i]);
        cr_assert_str_eq(text, "ah", "not before it is allowed");
    }
}
