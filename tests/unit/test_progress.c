/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/progress.h"
#include "base/platform.h"
#include "tests/unit/test_folder.h"

static void expect_line(struct progress_figures figures, const char *expected)
{
    struct out out;
    size_t len;
    out_init_memory(&out, 4096);
    progress_print_figures(&out, &figures);
    char *line = out_take(&out, &len);
    char *text = strndup(line, len);
    cr_expect(eq(str, text, (char *)expected));
    free(line);
    free(text);
}

#define GB UINT64_C(1000000000)

Test(progress, one_file_shows_bytes)
{
    expect_line((struct progress_figures){.files = 1, .bytes = 3400000, .elapsed_ms = 400},
                "  0 %  0.0 of 3.4 MB");
    expect_line(
        (struct progress_figures){.files = 1, .bytes_done = 512, .bytes = 999, .elapsed_ms = 400},
        " 51 %  512 of 999 bytes");
}

Test(progress, several_files_show_files_rate_and_time_left)
{
    expect_line((struct progress_figures){.files_done = 3,
                                          .files = 12,
                                          .bytes_done = 12 * GB / 10,
                                          .bytes = 34 * GB / 10,
                                          .elapsed_ms = 4800},
                " 35 %  3 of 12 files  1.2 of 3.4 GB  250 MB/s  9 s left");
    expect_line(
        (struct progress_figures){
            .files_done = 1, .files = 2, .bytes_done = GB, .bytes = 200 * GB, .elapsed_ms = 10000},
        "  0 %  1 of 2 files  1.0 of 200 GB  100 MB/s  33 min left");
    expect_line(
        (struct progress_figures){
            .files = 2, .bytes_done = GB, .bytes = 2000 * GB, .elapsed_ms = 10000},
        "  0 %  0 of 2 files  1.0 of 2000 GB  100 MB/s  6 h left");
}

Test(progress, a_size_that_is_not_known_gives_no_percentage)
{
    expect_line((struct progress_figures){.files = 1, .bytes_done = 5000000, .elapsed_ms = 2000},
                "  5.0 MB  2.5 MB/s");
}

Test(progress, at_the_end_nothing_is_left)
{
    expect_line(
        (struct progress_figures){
            .files_done = 2, .files = 2, .bytes_done = GB, .bytes = GB, .elapsed_ms = 2000},
        "100 %  2 of 2 files  1.0 of 1.0 GB  500 MB/s");
}

/* A file whose size is not known, after less than a second: no percentage and no rate. */
static void expect_amount(uint64_t bytes, const char *expected)
{
    expect_line((struct progress_figures){.files = 1, .bytes_done = bytes, .elapsed_ms = 999},
                expected);
}

Test(progress, amounts_have_three_digits)
{
    expect_amount(0, "  0 bytes");
    expect_amount(1, "  1 bytes");
    expect_amount(999, "  999 bytes");
    expect_amount(1000, "  1.0 KB");
    expect_amount(1099, "  1.0 KB");
    expect_amount(99999, "  99.9 KB");
    expect_amount(100000, "  100 KB");
    expect_amount(999999, "  999 KB");
    expect_amount(1000000, "  1.0 MB");
    expect_amount(GB - 1, "  999 MB");
    expect_amount(GB, "  1.0 GB");
    expect_amount(12345 * GB, "  12345 GB");
}

/* A file of so many bytes, of which the first was read in the first second. */
static void expect_left(uint64_t bytes, const char *expected)
{
    expect_line(
        (struct progress_figures){.files = 1, .bytes_done = 1, .bytes = bytes, .elapsed_ms = 1000},
        expected);
}

Test(progress, time_left_is_in_seconds_then_minutes_then_hours)
{
    expect_left(2, " 50 %  1 of 2 bytes  1 bytes/s  2 s left");
    expect_left(99, "  1 %  1 of 99 bytes  1 bytes/s  99 s left");
    expect_left(100, "  1 %  1 of 100 bytes  1 bytes/s  2 min left");
    expect_left(149, "  0 %  1 of 149 bytes  1 bytes/s  2 min left");
    expect_left(150, "  0 %  1 of 150 bytes  1 bytes/s  3 min left");
    expect_left(5939, "  0 %  0.0 of 5.9 KB  1 bytes/s  99 min left");
    expect_left(5940, "  0 %  0.0 of 5.9 KB  1 bytes/s  2 h left");
    expect_left(8999, "  0 %  0.0 of 8.9 KB  1 bytes/s  2 h left");
    expect_left(9000, "  0 %  0.0 of 9.0 KB  1 bytes/s  3 h left");
}

Test(progress, rate_needs_a_second_and_a_byte)
{
    struct progress_figures figures = {.files = 1, .bytes = 10, .elapsed_ms = 1000};
    expect_line(figures, "  0 %  0 of 10 bytes");
    figures.bytes_done = 1;
    expect_line(figures, " 10 %  1 of 10 bytes  1 bytes/s  10 s left");
    figures.elapsed_ms = 999;
    expect_line(figures, " 10 %  1 of 10 bytes");
    figures.elapsed_ms = 1001; /* less than a byte a second says nothing of the rest */
    expect_line(figures, " 10 %  1 of 10 bytes  0 bytes/s");
}

/* A file may have grown since its size was asked for. */
Test(progress, more_than_all_is_all)
{
    expect_line(
        (struct progress_figures){.files = 1, .bytes_done = 20, .bytes = 10, .elapsed_ms = 2000},
        "100 %  20 of 10 bytes  10 bytes/s");
}

/* ---- the line ---- */

/* Compares all that standard error got by now. */
static void expect_printed(const char *expected)
{
    char text[1000];
    FILE *file = cr_get_redirected_stderr();
    size_t len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    cr_assert(eq(str, text, (char *)expected));
}

static void show_name(const char *path)
{
    struct progress progress = {.on = true, .figures = {.files = 1, .bytes = 4}};
    progress_file(&progress, path);
    progress.file_size = 4;
    progress.begun_ms = platform_now_ms();
    progress_show(&progress, 1, 2);
    cr_assert(progress.shown);
    progress.due_ms = UINT64_MAX;
    progress_show(&progress, 2, 2); /* too early */
    progress_clear(&progress);
    progress_clear(&progress); /* there is nothing to wipe */
    cr_assert(not(progress.shown));
    fflush(stderr);
    close(STDERR_FILENO);
}

#define SHOWN(name) "\r 50 %  2 of 4 bytes  " name "\033[K\r\033[K"

Test(progress, line_ends_with_the_name, .init = cr_redirect_stderr)
{
    show_name("none/a.etl");
    expect_printed(SHOWN("a.etl"));
}

Test(progress, standard_input_has_a_name, .init = cr_redirect_stderr)
{
    show_name("-");
    expect_printed(SHOWN("standard input"));
}

Test(progress, name_of_24_columns_is_whole, .init = cr_redirect_stderr)
{
    show_name("abcdefghijklmnopqrst.etl");
    expect_printed(SHOWN("abcdefghijklmnopqrst.etl"));
}

Test(progress, longer_name_is_cut, .init = cr_redirect_stderr)
{
    show_name("abcdefghijklmnopqrstu.etl");
    expect_printed(SHOWN("abcdef"));
}

/* Sums over files, of which one has 5 bytes and the other's size becomes known by reading. */
static struct progress sums_of(const char *five, bool merged)
{
    struct progress progress = {
        .on = true, .merged = merged, .due_ms = UINT64_MAX, .figures = {.files = 2, .bytes = 5}};
    progress_file(&progress, five);
    cr_assert(eq(u64, progress.file_size, 5));
    progress_show(&progress, 1, 2);
    cr_assert(eq(u64, progress.figures.bytes, 5));
    progress_file_done(&progress, five);
    cr_assert(eq(sz, progress.figures.files_done, 1));
    cr_assert(eq(u64, progress.figures.bytes_done, 5));
    progress_file(&progress, "no such file");
    progress_show(&progress, 1, 7);
    progress_show(&progress, 2, 7);
    return progress;
}

Test(progress, sizes_are_summed)
{
    char folder[256], path[320];
    test_folder_make(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/five", folder);
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL);
    fputs("12345", file);
    fclose(file);
    struct progress progress = sums_of(path, false);
    cr_expect(eq(u64, progress.figures.bytes, 12));
    cr_expect(eq(u64, progress.file_size, 7));
    progress = sums_of(path, true); /* one timeline: the file stands for all of them */
    cr_expect(eq(u64, progress.figures.bytes, 5));
    cr_expect(eq(u64, progress.file_size, 5));
    test_folder_remove(folder);
}

Test(progress, switched_off_does_nothing, .init = cr_redirect_stderr)
{
    struct progress progress = {.name = "x"};
    progress_file(&progress, "a.etl");
    progress_show(&progress, 1, 2);
    progress_file_done(&progress, "a.etl");
    progress_clear(&progress);
    cr_expect(eq(str, (char *)progress.name, "x"));
    cr_expect(eq(sz, progress.figures.files_done, 0));
    fflush(stderr);
    close(STDERR_FILENO);
    expect_printed("");
}

Test(progress, colors_are_as_asked_for)
{
    cr_expect(terminal_color(WHEN_ALWAYS));
    cr_expect(not(terminal_color(WHEN_NEVER)));
}
