/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/byte_source.h"
#include "base/byte_source_spool.h"
#include "base/out.h"
#include "base/platform.h"

static struct error_chain errors;

static void init(void)
{
    error_chain_init(&errors);
}

static void make_file(char path[64], const char *text)
{
    snprintf(path, 64, "bufcheck-source-XXXXXX"); /* a file of the build folder */
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static bool error_says(const char *part)
{
    char text[1024];
    error_chain_format(&errors, text, sizeof text);
    return strstr(text, part) != NULL;
}

TestSuite(byte_source, .init = init);

Test(byte_source, memory_is_read_by_position)
{
    struct byte_source *source;
    char got[3];
    cr_assert_eq(byte_source_open_memory("abcdef", 6, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(source->size, 6);
    cr_assert_eq(byte_source_read(source, 2, got, 3, &errors), BYTE_SOURCE_OK);
    cr_assert_arr_eq(got, "cde", 3);
    byte_source_destroy(source);
}

Test(byte_source, reading_beyond_the_end_is_an_error_with_both_numbers)
{
    struct byte_source *source;
    char got[8];
    cr_assert_eq(byte_source_open_memory("abcdef", 6, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(byte_source_read(source, 4, got, 3, &errors), BYTE_SOURCE_ERROR);
    cr_assert(error_says("wanted 3 bytes"));
    cr_assert(error_says("has 6"));
    cr_assert_eq(errors.causes[0].offset, 4);
    cr_assert_eq(byte_source_read(source, UINT64_MAX, got, 2, NULL), BYTE_SOURCE_ERROR);
    cr_assert_eq(byte_source_read(source, 6, got, 0, NULL), BYTE_SOURCE_OK);
    byte_source_destroy(source);
}

Test(byte_source, file_is_read_by_position)
{
    char path[64], got[4];
    struct byte_source *source;
    make_file(path, "0123456789");
    cr_assert_eq(byte_source_open_file(path, NULL, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(source->size, 10);
    cr_assert_eq(byte_source_read(source, 6, got, 4, &errors), BYTE_SOURCE_OK);
    cr_assert_arr_eq(got, "6789", 4);
    cr_assert_eq(byte_source_read(source, 0, got, 4, &errors), BYTE_SOURCE_OK);
    cr_assert_arr_eq(got, "0123", 4);
    byte_source_destroy(source);
    unlink(path);
}

Test(byte_source, file_that_shrinks_is_an_error_and_no_signal)
{
    char path[64], got[8];
    struct byte_source *source;
    make_file(path, "0123456789");
    cr_assert_eq(byte_source_open_file(path, NULL, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(truncate(path, 5), 0);
    cr_assert_eq(byte_source_read(source, 2, got, 8, &errors), BYTE_SOURCE_ERROR);
    cr_assert(error_says("wanted 8 bytes, got 3"));
    cr_assert(error_says("shorter"));
    byte_source_destroy(source);
    unlink(path);
}

Test(byte_source, absent_file_and_folder_are_errors)
{
    struct byte_source *source;
    cr_assert_eq(byte_source_open_file("/nonexistent/x.etl", NULL, &source, &errors),
                 BYTE_SOURCE_ERROR);
    cr_assert_null(source);
    cr_assert(error_says("can't open"));
    error_chain_init(&errors);
    cr_assert_eq(byte_source_open_file("/tmp", NULL, &source, &errors), BYTE_SOURCE_ERROR);
    cr_assert(error_says("directory"));
}

Test(byte_source, temporary_file_is_read_back_and_has_no_name)
{
    char folder[] = "bufcheck-folder-XXXXXX", got[4];
    struct byte_source *source;
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(setenv("TMPDIR", folder, 1), 0);
    FILE *file = platform_temporary_file();
    cr_assert_not_null(file);
    cr_assert_eq(rmdir(folder), 0, "nothing is in it");
    cr_assert_eq(fwrite("0123456789", 1, 10, file), 10);
    cr_assert_eq(byte_source_open_temporary(file, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(source->size, 10);
    cr_assert_eq(byte_source_read(source, 6, got, 4, &errors), BYTE_SOURCE_OK);
    cr_assert_arr_eq(got, "6789", 4);
    byte_source_destroy(source);
    cr_assert_null(platform_temporary_file(), "the folder is gone");
}

Test(byte_source, empty_file_has_size_zero)
{
    char path[64];
    struct byte_source *source;
    make_file(path, "");
    cr_assert_eq(byte_source_open_file(path, NULL, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(source->size, 0);
    byte_source_destroy(source);
    unlink(path);
}

Test(byte_source, standard_input_that_is_a_pipe_is_spooled)
{
    int ends[2];
    struct byte_source *source;
    char got[3];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "through a pipe", 14), 14);
    close(ends[1]);
    cr_assert_eq(dup2(ends[0], 0), 0);
    cr_assert_eq(byte_source_open_file("-", NULL, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(source->size, 14);
    cr_assert_eq(byte_source_read(source, 10, got, 3, &errors), BYTE_SOURCE_OK);
    cr_assert_arr_eq(got, "pip", 3);
    cr_assert_eq(byte_source_read(source, 0, got, 3, &errors), BYTE_SOURCE_OK);
    cr_assert_arr_eq(got, "thr", 3);
    byte_source_destroy(source);
}

static size_t checked_len;

static bool check_nothing_fits(const uint8_t *bytes, size_t len, struct error_chain *chain)
{
    checked_len = len;
    error_chain_add(chain, 0, "begins with %c", bytes[0]);
    return false;
}

Test(byte_source, the_first_bytes_of_a_pipe_are_looked_at_before_the_others_are_read)
{
    int ends[2];
    struct byte_source *source;
    char bytes[BYTE_SOURCE_START_LEN + 100];
    memset(bytes, 'x', sizeof bytes);
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], bytes, sizeof bytes), sizeof bytes);
    cr_assert_eq(dup2(ends[0], 0), 0);
    /* The other end stays open: reading on would wait for ever. */
    cr_assert_eq(byte_source_open_file("-", check_nothing_fits, &source, &errors),
                 BYTE_SOURCE_ERROR);
    cr_assert_eq(checked_len, BYTE_SOURCE_START_LEN);
    cr_assert_str_eq(errors.causes[0].text, "begins with x");
    cr_assert_null(source);
    close(ends[1]);
}

Test(byte_source, a_pipe_is_kept_in_memory_where_no_temporary_file_can_be_made)
{
    int ends[2];
    struct byte_source *source;
    char got[3];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "through a pipe", 14), 14);
    close(ends[1]);
    cr_assert_eq(dup2(ends[0], 0), 0);
    cr_assert_eq(setenv("TMPDIR", "/nonexistent", 1), 0);
    cr_assert_eq(byte_source_open_file("-", NULL, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(source->size, 14);
    cr_assert_eq(byte_source_read(source, 10, got, 3, &errors), BYTE_SOURCE_OK);
    cr_assert_arr_eq(got, "pip", 3);
    byte_source_destroy(source);
}

Test(byte_source, standard_input_that_seeks_is_read_from_where_it_stands)
{
    char path[64], got[2];
    struct byte_source *source;
    make_file(path, "0123456789");
    int fd = open(path, O_RDONLY);
    cr_assert_eq(dup2(fd, 0), 0);
    cr_assert_eq(lseek(0, 4, SEEK_SET), 4);
    cr_assert_eq(byte_source_open_file("-", NULL, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(source->size, 6);
    cr_assert_eq(byte_source_read(source, 0, got, 2, &errors), BYTE_SOURCE_OK);
    cr_assert_arr_eq(got, "45", 2);
    byte_source_destroy(source);
    unlink(path);
}

/* Lengths around that of the pieces in which a copy is made. */
Test(byte_source, a_copy_has_every_byte)
{
    static char text[40000];
    const size_t lens[] = {0, 1, 16383, 16384, 16385, sizeof text};

    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)('a' + i % 23);
    }
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        struct byte_source *source;
        struct out out;
        char got[sizeof text];
        FILE *file = tmpfile();

        cr_assert_not_null(file);
        cr_assert_eq(byte_source_open_memory(text, lens[i], &source, &errors), BYTE_SOURCE_OK);
        out_init_file(&out, file);
        cr_assert(byte_source_copy(source, &out, &errors));
        cr_assert_eq(out_finish(&out), OUT_OK);
        rewind(file);
        cr_assert_eq(fread(got, 1, sizeof got, file), lens[i], "of %zu bytes", lens[i]);
        cr_assert_eq(memcmp(got, text, lens[i]), 0, "of %zu bytes", lens[i]);
        byte_source_destroy(source);
        fclose(file);
    }
}

Test(byte_source, a_copy_of_a_file_that_has_shrunk_fails)
{
    char path[64];
    struct byte_source *source;
    struct out out;
    FILE *file = tmpfile();

    make_file(path, "0123456789");
    cr_assert_not_null(file);
    cr_assert_eq(byte_source_open_file(path, NULL, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(truncate(path, 4), 0);
    out_init_file(&out, file);
    cr_assert_not(byte_source_copy(source, &out, &errors));
    cr_assert_gt(errors.count, 0);
    out_finish(&out);
    byte_source_destroy(source);
    fclose(file);
    unlink(path);
}

Test(byte_source, destroy_takes_null)
{
    byte_source_destroy(NULL);
}

/* ---- copies of inputs that can't seek ---- */

struct giver {
    uint64_t len;      /* bytes that the input has */
    uint64_t fails_at; /* the offset from which on it can't be read */
    size_t part;       /* bytes of a call at most */
    unsigned calls;
};

static uint8_t byte_at(uint64_t offset)
{
    return (uint8_t)(offset * 31 + offset / 256 * 7 + offset / 65536);
}

static int64_t give(void *user, uint64_t offset, uint8_t *bytes, size_t len,
                    struct error_chain *chain)
{
    struct giver *giver = user;
    giver->calls++;
    if (offset >= giver->fails_at) {
        error_chain_add(chain, offset, "no more");
        return -1;
    }
    uint64_t left = giver->len - offset;
    size_t part = len < giver->part ? len : giver->part;
    part = part < left ? part : (size_t)left;
    for (size_t i = 0; i < part; i++) {
        bytes[i] = byte_at(offset + i);
    }
    return (int64_t)part;
}

static bool check_all(const uint8_t *bytes, size_t len, struct error_chain *chain)
{
    (void)bytes;
    (void)chain;
    checked_len = len;
    return true;
}

static void expect_copy(uint64_t len, size_t part)
{
    struct giver giver = {.len = len, .fails_at = UINT64_MAX, .part = part};
    struct byte_source *source;
    cr_assert_eq(byte_source_open_spool(give, &giver, check_all, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(source->size, len);
    cr_assert_eq(checked_len, len < BYTE_SOURCE_START_LEN ? len : BYTE_SOURCE_START_LEN);
    uint8_t *got = malloc(len + 1);
    cr_assert_eq(byte_source_read(source, 0, got, len, &errors), BYTE_SOURCE_OK);
    for (uint64_t i = 0; i < len; i++) {
        if (got[i] != byte_at(i)) {
            cr_assert(false, "byte %u of %u", (unsigned)i, (unsigned)len);
        }
    }
    cr_assert_eq(byte_source_read(source, len, got, 1, NULL), BYTE_SOURCE_ERROR);
    byte_source_destroy(source);
    free(got);
}

/* Lengths around those of the pieces, in a file and in memory. */
Test(byte_source, an_input_of_any_length_is_copied)
{
    static const uint64_t lens[] = {0,      1,      4095,    4096,    4097,    266239,
                                    266240, 266241, 1048575, 1048576, 1048577, 2200000};
    for (unsigned memory = 0; memory < 2; memory++) {
        setenv("TMPDIR", memory ? "/nonexistent" : ".", 1);
        for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
            expect_copy(lens[i], SIZE_MAX);
        }
        expect_copy(300000, 999);
    }
}

/* An input that fails gives no source, and one cause. */
Test(byte_source, an_input_that_fails_is_no_copy)
{
    static const uint64_t places[] = {0, 100, 4096, 300000};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct giver giver = {.len = 1 << 20, .fails_at = places[i], .part = 1000};
        struct byte_source *source = (struct byte_source *)&giver;
        error_chain_init(&errors);
        cr_assert_eq(byte_source_open_spool(give, &giver, NULL, &source, &errors),
                     BYTE_SOURCE_ERROR);
        cr_assert_null(source);
        cr_assert_eq(errors.count, 1);
        cr_assert_str_eq(errors.causes[0].text, "no more");
        cr_assert_geq(errors.causes[0].offset, places[i]);
        cr_assert_lt(errors.causes[0].offset, places[i] + 1000);
    }
}

Test(byte_source, a_disk_that_is_full_is_told)
{
    struct byte_source *source;
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL) {
        cr_skip_test("no /dev/full here");
    }
    cr_assert_geq(fputs("x", full), 0);
    cr_assert_eq(byte_source_open_temporary(full, &source, &errors), BYTE_SOURCE_ERROR);
    cr_assert_null(source);
    cr_assert_str_eq(errors.causes[0].text,
                     "can't write the temporary copy: No space left on device");
}

/* A shell may hand over a file that stands behind its end. */
Test(byte_source, standard_input_behind_its_end_is_empty)
{
    char path[64];
    struct byte_source *source;
    make_file(path, "0123456789");
    int fd = open(path, O_RDONLY);
    cr_assert_eq(dup2(fd, 0), 0);
    for (off_t at = 9; at <= 11; at++) {
        cr_assert_eq(lseek(0, at, SEEK_SET), at);
        cr_assert_eq(byte_source_open_file("-", NULL, &source, &errors), BYTE_SOURCE_OK);
        cr_assert_eq(source->size, at == 9 ? 1 : 0);
        byte_source_destroy(source);
        cr_assert_eq(lseek(0, 0, SEEK_CUR), at, "standard input stays open");
    }
    close(0);
    cr_assert_eq(byte_source_open_file("-", NULL, &source, &errors), BYTE_SOURCE_ERROR);
    cr_assert_str_eq(errors.causes[0].text, "can't stat: Bad file descriptor");
    unlink(path);
}

Test(byte_source, what_can_not_be_opened_is_told)
{
    struct byte_source *source;
    cr_assert_eq(byte_source_open_file("/nonexistent", NULL, &source, &errors), BYTE_SOURCE_ERROR);
    cr_assert_str_eq(errors.causes[0].text, "can't open: No such file or directory");
    cr_assert_eq(byte_source_open_file(".", NULL, &source, &errors), BYTE_SOURCE_ERROR);
    cr_assert_str_eq(errors.causes[1].text, "is a directory");
    cr_assert_eq(errors.count, 2);
    /* A device has no length: it is read to its end. */
    cr_assert_eq(byte_source_open_file("/dev/null", NULL, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(source->size, 0);
    byte_source_destroy(source);
}
