/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/progress.h"

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
