/* SPDX-License-Identifier: Apache-2.0 */

#include <archive.h>
#include <archive_entry.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/archive_cursor.h"
#include "base/archive_reader.h"

enum { ROOM = 1 << 20 };

struct member {
    const char *name;
    mode_t type; /* AE_IFREG, AE_IFDIR, AE_IFLNK; 0: a hard link */
    const void *bytes;
    size_t len;
};

static uint8_t packed[ROOM];
static struct error_chain errors;

static void init(void)
{
    error_chain_init(&errors);
}

TestSuite(archive_reader, .init = init);

static size_t pack(int format, int filter, const struct member *members, size_t count)
{
    size_t len = 0;
    struct archive *archive = archive_write_new();
    cr_assert_eq(archive_write_set_format(archive, format), ARCHIVE_OK);
    cr_assert_eq(archive_write_add_filter(archive, filter), ARCHIVE_OK);
    cr_assert_eq(archive_write_set_bytes_per_block(archive, 0), ARCHIVE_OK);
    cr_assert_eq(archive_write_open_memory(archive, packed, sizeof packed, &len), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, members[i].name);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_filetype(entry, members[i].type != 0 ? members[i].type : AE_IFREG);
        if (members[i].type == 0) {
            archive_entry_set_hardlink(entry, "b");
        } else if (members[i].type == AE_IFLNK) {
            archive_entry_set_symlink(entry, "b");
        }
        archive_entry_set_size(entry, (la_int64_t)members[i].len);
        cr_assert_eq(archive_write_header(archive, entry), ARCHIVE_OK, "%s",
                     archive_error_string(archive));
        cr_assert_eq(archive_write_data(archive, members[i].bytes, members[i].len),
                     (la_ssize_t)members[i].len);
        archive_entry_free(entry);
    }
    cr_assert_eq(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    return len;
}

/* One compressed file without a name. */
static size_t pack_one(int filter, const void *bytes, size_t len)
{
    struct member member = {.name = "any", .type = AE_IFREG, .bytes = bytes, .len = len};
    return pack(ARCHIVE_FORMAT_RAW, filter, &member, 1);
}

static struct archive_cursor *cursor_on(size_t len, enum archive_kind kind,
                                        const struct archive_limits *limits)
{
    struct byte_source *source;
    cr_assert_eq(byte_source_open_memory(packed, len, &source, NULL), BYTE_SOURCE_OK);
    return archive_cursor_create(source, kind, limits, &errors);
}

/* Bytes that no format makes shorter. */
static uint8_t *noise(size_t len)
{
    uint8_t *bytes = malloc(len);
    uint64_t state = 88172645463325252u;
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < len; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes[i] = (uint8_t)(state >> 32);
    }
    return bytes;
}

static const char *cause(unsigned i)
{
    cr_assert_lt(i, errors.count);
    return errors.causes[i].text;
}

/* ---- members ---- */

static const struct member members[] = {
    {"d/", AE_IFDIR, "", 0}, {"d/a", AE_IFREG, "first", 5}, {"d/s", AE_IFLNK, "", 0},
    {"d/h", 0, "", 0},       {"b", AE_IFREG, "second!", 7},
};

static void expect_members(int format, int filter, enum archive_kind kind, size_t count,
                           const char *want)
{
    char names[64] = "";
    size_t len = 0;
    enum archive_step step;
    struct archive_cursor *cursor =
        cursor_on(pack(format, filter, members, count), kind, &archive_limits_default);
    cr_assert_not_null(cursor);
    while ((step = archive_cursor_next(cursor, &errors)) == ARCHIVE_STEP_MEMBER) {
        uint8_t bytes[16] = {0};
        const char *name = archive_cursor_name(cursor);
        cr_assert_not_null(name);
        cr_assert(archive_cursor_count(cursor, &errors));
        cr_assert_eq(archive_cursor_read(cursor, 0, bytes, sizeof bytes, &errors),
                     strcmp(name, "b") == 0 ? 7 : 5);
        len += (size_t)snprintf(names + len, sizeof names - len, "%s=%s ", name, (char *)bytes);
    }
    cr_assert_str_eq(names, want);
    cr_assert_eq(step, ARCHIVE_STEP_END);
    cr_assert_eq(errors.count, 0);
    archive_cursor_destroy(cursor);
}

static void put(size_t at, uint32_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        packed[at + i] = (uint8_t)(value >> (8 * i));
    }
}

/* A cabinet of one file that is not compressed; libarchive writes none. */
static size_t pack_cabinet(const char *name, const char *text)
{
    size_t name_len = strlen(name) + 1, len = strlen(text);
    size_t files_at = 36 + 8, data_at = files_at + 16 + name_len;
    memset(packed, 0, data_at + 8);
    memcpy(packed, "MSCF", 4);
    put(8, (uint32_t)(data_at + 8 + len), 4);
    put(16, (uint32_t)files_at, 4);
    put(24, 0x0103, 2); /* version */
    put(26, 1, 2);      /* folders */
    put(28, 1, 2);      /* files */
    put(36, (uint32_t)data_at, 4);
    put(40, 1, 2); /* blocks of data */
    put(files_at, (uint32_t)len, 4);
    put(files_at + 10, 0x21, 2); /* the first day that there is */
    put(files_at + 14, 0x20, 2);
    memcpy(packed + files_at + 16, name, name_len);
    put(data_at + 4, (uint32_t)len, 2);
    put(data_at + 6, (uint32_t)len, 2);
    memcpy(packed + data_at + 8, text, len);
    return data_at + 8 + len;
}

Test(archive_reader, cabinets_are_read)
{
    uint8_t bytes[16] = "";
    size_t len = pack_cabinet("d\\a", "first");
    struct archive_cursor *cursor = cursor_on(len, ARCHIVE_KIND_CAB, &archive_limits_default);
    cr_assert_not_null(cursor);
    cr_assert_eq(archive_cursor_next(cursor, &errors), ARCHIVE_STEP_MEMBER, "%s",
                 errors.causes[0].text);
    cr_assert_str_eq(archive_cursor_name(cursor), "d/a");
    cr_assert_eq(archive_cursor_read(cursor, 0, bytes, 16, &errors), 5);
    cr_assert_str_eq((char *)bytes, "first");
    cr_assert_eq(archive_cursor_next(cursor, &errors), ARCHIVE_STEP_END);
    archive_cursor_destroy(cursor);
    /* The bytes of a cabinet are no archive of another kind. */
    for (int kind = ARCHIVE_KIND_ZIP; kind <= ARCHIVE_KIND_ZST; kind++) {
        if (kind == ARCHIVE_KIND_CAB) {
            continue;
        }
        init();
        cursor = cursor_on(len, (enum archive_kind)kind, &archive_limits_default);
        cr_assert(cursor == NULL || archive_cursor_next(cursor, &errors) == ARCHIVE_STEP_ERROR,
                  "%d", kind);
        cr_assert_eq(errors.count, 1, "%d", kind);
        archive_cursor_destroy(cursor);
    }
}

Test(archive_reader, folders_and_links_are_passed_over)
{
    static const char want[] = "d/a=first b=second! ";
    expect_members(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, ARCHIVE_KIND_GZ, 5, want);
    expect_members(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, ARCHIVE_KIND_XZ, 5, want);
    expect_members(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD, ARCHIVE_KIND_ZST, 5, want);
    expect_members(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, ARCHIVE_KIND_ZIP, 3, "d/a=first ");
    expect_members(ARCHIVE_FORMAT_7ZIP, ARCHIVE_FILTER_NONE, ARCHIVE_KIND_7Z, 2, "d/a=first ");
}

Test(archive_reader, one_compressed_file_has_no_name)
{
    static const struct {
        int filter;
        enum archive_kind kind;
    } rows[] = {{ARCHIVE_FILTER_GZIP, ARCHIVE_KIND_GZ},
                {ARCHIVE_FILTER_XZ, ARCHIVE_KIND_XZ},
                {ARCHIVE_FILTER_ZSTD, ARCHIVE_KIND_ZST}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[16];
        size_t len = pack_one(rows[i].filter, "contents", 8);
        struct archive_cursor *cursor = cursor_on(len, rows[i].kind, &archive_limits_default);
        cr_assert_eq(archive_cursor_next(cursor, &errors), ARCHIVE_STEP_MEMBER);
        cr_assert_null(archive_cursor_name(cursor));
        cr_assert_eq(archive_cursor_read(cursor, 0, bytes, 5, &errors), 5);
        cr_assert_eq(archive_cursor_read(cursor, 5, bytes + 5, 11, &errors), 3);
        cr_assert_arr_eq(bytes, "contents", 8);
        cr_assert_eq(archive_cursor_read(cursor, 8, bytes, 11, &errors), 0);
        cr_assert_eq(archive_cursor_next(cursor, &errors), ARCHIVE_STEP_END);
        archive_cursor_destroy(cursor);
    }
    archive_cursor_destroy(NULL);
}

/* libarchive would give any bytes as the contents of one file. */
Test(archive_reader, what_is_not_compressed_is_an_error)
{
    memcpy(packed, "plain bytes", 11);
    for (int kind = ARCHIVE_KIND_GZ; kind <= ARCHIVE_KIND_ZST; kind++) {
        init();
        struct archive_cursor *cursor =
            cursor_on(11, (enum archive_kind)kind, &archive_limits_default);
        cr_assert_eq(archive_cursor_next(cursor, &errors), ARCHIVE_STEP_ERROR);
        cr_assert_str_eq(cause(0), "is not compressed as its name says");
        cr_assert_eq(errors.causes[0].offset, 0);
        archive_cursor_destroy(cursor);
    }
    init();
    cr_assert_null(cursor_on(11, ARCHIVE_KIND_NONE, &archive_limits_default));
    cr_assert_str_eq(cause(0), "the archive, of 11 bytes, is damaged: libarchive was built "
                               "without its format");
}

/* ---- limits ---- */

/* Reads a file of `len` bytes; true if all could be read. */
static bool unpacks(struct archive_cursor *cursor, size_t len)
{
    static uint8_t bytes[1000];
    size_t have = 0;
    cr_assert_not_null(cursor);
    if (archive_cursor_next(cursor, &errors) != ARCHIVE_STEP_MEMBER) {
        archive_cursor_destroy(cursor);
        return false;
    }
    for (;;) {
        int64_t got = archive_cursor_read(cursor, have, bytes, sizeof bytes, &errors);
        if (got <= 0) {
            cr_assert_eq(got == 0, have == len);
            archive_cursor_destroy(cursor);
            return got == 0;
        }
        have += (size_t)got;
    }
}

Test(archive_reader, an_archive_unpacks_to_so_much_and_no_more)
{
    enum { LEN = 5003 };
    static uint8_t bytes[LEN];
    memset(bytes, 'x', LEN); /* libarchive takes zeros for a tar archive without members */
    size_t len = pack_one(ARCHIVE_FILTER_GZIP, bytes, LEN);
    size_t ratio = LEN / len + 1;
    cr_assert(len * ratio > LEN && len * (ratio - 1) < LEN && ratio > 2);
    const struct {
        struct archive_limits limits;
        bool good;
    } rows[] = {
        {{.unpacked_max = LEN, .free_len = LEN, .ratio_max = 1}, true},
        {{.unpacked_max = LEN - 1, .free_len = LEN, .ratio_max = 1}, false},
        {{.unpacked_max = UINT64_MAX, .free_len = LEN, .ratio_max = 1}, true},
        {{.unpacked_max = UINT64_MAX, .free_len = LEN - 1, .ratio_max = 1}, false},
        {{.unpacked_max = UINT64_MAX, .free_len = 0, .ratio_max = ratio}, true},
        {{.unpacked_max = UINT64_MAX, .free_len = 0, .ratio_max = ratio - 1}, false},
        {{.unpacked_max = LEN - 1, .free_len = 0, .ratio_max = ratio}, false},
        {{.unpacked_max = UINT64_MAX, .free_len = 0, .ratio_max = UINT64_MAX}, true},
        {{.unpacked_max = LEN, .free_len = 0, .ratio_max = UINT64_MAX / 2}, true},
        {{.unpacked_max = LEN - 1, .free_len = 0, .ratio_max = UINT64_MAX / 2}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        init();
        struct archive_cursor *cursor = cursor_on(len, ARCHIVE_KIND_GZ, &rows[i].limits);
        cr_assert_eq(unpacks(cursor, LEN), rows[i].good, "row %zu: %s", i, errors.causes[0].text);
        cr_assert_eq(errors.count == 0, rows[i].good, "row %zu: %s", i, errors.causes[0].text);
    }
    char want[200];
    snprintf(want, sizeof want,
             "unpacks to 5003 bytes or more, where 5002 are allowed for an archive of %zu; unpack "
             "it yourself if you trust it",
             len);
    cr_assert_str_eq(cause(0), want);
}

Test(archive_reader, what_was_unpacked_before_a_limit_is_told)
{
    enum { LEN = 300000 };
    const struct archive_limits limits = {.unpacked_max = 200000, .ratio_max = 1};
    uint8_t *bytes = noise(LEN);
    char want[64];
    size_t len = pack_one(ARCHIVE_FILTER_GZIP, bytes, LEN);
    cr_assert_not(unpacks(cursor_on(len, ARCHIVE_KIND_GZ, &limits), LEN));
    cr_assert_eq(errors.count, 2);
    cr_assert_not_null(strstr(cause(0), "where 200000 are allowed"));
    cr_assert(errors.causes[1].offset > 100000 && errors.causes[1].offset <= 200000);
    snprintf(want, sizeof want, "%u bytes could be unpacked", (unsigned)errors.causes[1].offset);
    cr_assert_str_eq(cause(1), want);
    free(bytes);
}

/* The sizes that the archive names count, before anything is unpacked. */
Test(archive_reader, claims_add_up)
{
    struct member two[] = {{"a", AE_IFREG, "0123456789", 10}, {"b", AE_IFREG, "0123456789", 10}};
    size_t len = pack(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, two, 2);
    for (uint64_t most = 19; most <= 20; most++) {
        struct archive_limits limits = {.unpacked_max = most, .free_len = 100, .ratio_max = 1};
        struct archive_cursor *cursor = cursor_on(len, ARCHIVE_KIND_ZIP, &limits);
        cr_assert_eq(archive_cursor_next(cursor, &errors), ARCHIVE_STEP_MEMBER);
        cr_assert(archive_cursor_count(cursor, &errors));
        cr_assert_eq(archive_cursor_next(cursor, &errors), ARCHIVE_STEP_MEMBER);
        cr_assert_eq(archive_cursor_count(cursor, &errors), most == 20);
        archive_cursor_destroy(cursor);
    }
    char want[200];
    snprintf(want, sizeof want,
             "unpacks to 20 bytes or more, where 19 are allowed for an archive of %zu; unpack it "
             "yourself if you trust it",
             len);
    cr_assert_eq(errors.count, 1);
    cr_assert_str_eq(cause(0), want);
}

/* A member that is passed over is unpacked all the same. */
Test(archive_reader, what_is_passed_over_counts)
{
    enum { LEN = 300000 };
    uint8_t *bytes = noise(LEN);
    struct member two[] = {{"a", AE_IFREG, bytes, LEN}, {"b", AE_IFREG, "b", 1}};
    size_t len = pack(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, two, 2);
    for (uint64_t most = 100000; most <= 400000; most += 300000) {
        struct archive_limits limits = {.unpacked_max = most, .free_len = most, .ratio_max = 1};
        struct archive_cursor *cursor = cursor_on(len, ARCHIVE_KIND_GZ, &limits);
        cr_assert_eq(archive_cursor_next(cursor, &errors), ARCHIVE_STEP_MEMBER);
        cr_assert_eq(archive_cursor_next(cursor, &errors),
                     most > LEN ? ARCHIVE_STEP_MEMBER : ARCHIVE_STEP_ERROR);
        archive_cursor_destroy(cursor);
    }
    cr_assert_eq(errors.count, 1);
    cr_assert_not_null(strstr(cause(0), "where 100000 are allowed"));
    free(bytes);
}

/* ---- damage ---- */

Test(archive_reader, a_cut_archive_is_damaged)
{
    enum { LEN = 200000 };
    uint8_t *bytes = noise(LEN);
    size_t len = pack_one(ARCHIVE_FILTER_GZIP, bytes, LEN) - 50000;
    cr_assert_not(unpacks(cursor_on(len, ARCHIVE_KIND_GZ, &archive_limits_default), LEN));
    char want[200];
    snprintf(want, sizeof want, "the archive, of %zu bytes, is damaged: truncated gzip input", len);
    cr_assert_eq(errors.count, 2);
    cr_assert_str_eq(cause(0), want);
    cr_assert_eq(errors.causes[0].offset, len);
    free(bytes);
}

static enum byte_source_status read_start(struct byte_source *source, uint64_t offset, void *dst,
                                          size_t len, struct error_chain *chain)
{
    (void)source;
    if (offset > 65536) {
        error_chain_add(chain, offset, "the disk is gone");
        return BYTE_SOURCE_ERROR;
    }
    memcpy(dst, packed + offset, len);
    return BYTE_SOURCE_OK;
}

static void destroy_nothing(struct byte_source *source)
{
    (void)source;
}

/* The cause is the source's, and the archive is not said to be damaged. */
Test(archive_reader, an_archive_that_can_not_be_read_is_no_damaged_one)
{
    enum { LEN = 200000 };
    static const struct byte_source_ops ops = {.read = read_start, .destroy = destroy_nothing};
    uint8_t *bytes = noise(LEN);
    struct byte_source source = {.ops = &ops, .size = pack_one(ARCHIVE_FILTER_GZIP, bytes, LEN)};
    struct archive_cursor *cursor =
        archive_cursor_create(&source, ARCHIVE_KIND_GZ, &archive_limits_default, &errors);
    cr_assert_not(unpacks(cursor, LEN));
    cr_assert_eq(errors.count, 2);
    cr_assert_str_eq(cause(0), "the disk is gone");
    cr_assert_not_null(strstr(cause(1), "bytes could be unpacked"));
    free(bytes);
}

/* ---- by path ---- */

static void write_file(const char *path, size_t len)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(packed, 1, len, file), len);
    cr_assert_eq(fclose(file), 0);
}

/* `want` is what the member holds. */
static void expect_member(const char *path, const char *member, const char *want)
{
    char bytes[64] = "";
    struct byte_source *source = NULL;
    cr_assert_eq(archive_reader_open(path, member, &archive_limits_default, NULL, &source, &errors),
                 BYTE_SOURCE_OK, "%s!%s", path, member);
    cr_assert_eq(source->size, strlen(want), "%s!%s", path, member);
    cr_assert_eq(byte_source_read(source, 0, bytes, strlen(want), &errors), BYTE_SOURCE_OK);
    cr_assert_str_eq(bytes, want, "%s!%s", path, member);
    byte_source_destroy(source);
}

static void expect_no_member(const char *path, const char *member, const char *why)
{
    struct byte_source *source = (struct byte_source *)packed;
    init();
    cr_assert_eq(archive_reader_open(path, member, &archive_limits_default, NULL, &source, &errors),
                 BYTE_SOURCE_ERROR);
    cr_assert_null(source);
    cr_assert_str_eq(cause(0), why);
    cr_assert_eq(errors.count, 1);
}

static void make_zip(const char *path, const char *a, const char *b)
{
    struct member two[] = {{"a", AE_IFREG, a, strlen(a)}, {"b", AE_IFREG, b, strlen(b)}};
    write_file(path, pack(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, two, 2));
}

Test(archive_reader, members_are_opened_in_any_order)
{
    static const char path[] = "test_archive_order.zip";
    make_zip(path, "first", "second");
    expect_member(path, "a", "first");
    expect_member(path, "b", "second");
    expect_member(path, "a", "first");
    expect_member(path, "a", "first");
    expect_no_member(path, "c", "the archive holds no such file");
    expect_no_member(path, NULL, "holds files with names: give one, ARCHIVE!NAME");
    expect_member(path, "b", "second");
    unlink(path);
}

/* An archive that is still open does not stand for another one, nor for a newer one at its path. */
Test(archive_reader, each_archive_gives_its_own_members)
{
    char path[32], first[16], second[16];
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 12; i++) {
            snprintf(path, sizeof path, "test_archive_%u.zip", i);
            snprintf(first, sizeof first, "%u", 100 + i);
            snprintf(second, sizeof second, "%u", 200 + i);
            if (round == 0) {
                make_zip(path, first, second);
            }
            expect_member(path, round == 0 ? "a" : "b", round == 0 ? first : second);
        }
    }
    make_zip(path, "new", "newer");
    expect_member(path, "a", "new");
    make_zip(path, "other", "another one");
    expect_member(path, "b", "another one");
    for (unsigned i = 0; i < 12; i++) {
        snprintf(path, sizeof path, "test_archive_%u.zip", i);
        unlink(path);
    }
}

/* Each call reads on where the one before ended, so that nothing is unpacked twice: here the
 * archive's bytes are gone from the disk meanwhile, and were read before. */
Test(archive_reader, members_in_order_are_unpacked_once)
{
    static const char path[] = "test_archive_once.tar.gz";
    struct byte_source *source;
    size_t len = pack(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, members, 5);
    write_file(path, len);
    expect_member(path, "d/a", "first");
    FILE *file = fopen(path, "r+b");
    memset(packed, 'x', len);
    cr_assert(file != NULL && fwrite(packed, 1, len, file) == len && fclose(file) == 0);
    expect_member(path, "b", "second!");
    cr_assert_eq(archive_reader_open(path, "b", &archive_limits_default, NULL, &source, &errors),
                 BYTE_SOURCE_ERROR);
    unlink(path);
}

Test(archive_reader, one_file_without_a_name_is_opened_without_one)
{
    static const char path[] = "test_archive_one.gz";
    write_file(path, pack_one(ARCHIVE_FILTER_GZIP, "contents", 8));
    expect_member(path, NULL, "contents");
    expect_member(path, NULL, "contents");
    expect_no_member(path, "a", "the archive holds no such file");
    unlink(path);
}

struct list {
    char names[64];
    unsigned nameless;
};

static void add_name(void *user, const char *name)
{
    struct list *list = user;
    size_t len = strlen(list->names);
    list->nameless += name == NULL;
    snprintf(list->names + len, sizeof list->names - len, "%s ", name != NULL ? name : "-");
}

Test(archive_reader, members_are_listed_in_the_archives_order)
{
    static const char path[] = "test_archive_list.gz";
    struct list list = {.names = ""};
    write_file(path, pack(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, members, 5));
    cr_assert_eq(archive_reader_list(path, &archive_limits_default, add_name, &list, &errors),
                 BYTE_SOURCE_OK);
    cr_assert_str_eq(list.names, "d/a b ");
    write_file(path, pack_one(ARCHIVE_FILTER_GZIP, "contents", 8));
    list = (struct list){.names = ""};
    cr_assert_eq(archive_reader_list(path, &archive_limits_default, add_name, &list, &errors),
                 BYTE_SOURCE_OK);
    cr_assert_str_eq(list.names, "- ");
    cr_assert_eq(list.nameless, 1);
    unlink(path);
    init();
    cr_assert_eq(archive_reader_list(path, &archive_limits_default, add_name, &list, &errors),
                 BYTE_SOURCE_ERROR);
    cr_assert_geq(errors.count, 1);
}

/* Members before the one that breaks the limit have been told of. */
Test(archive_reader, a_list_ends_at_the_limit)
{
    static const char path[] = "test_archive_limit.zip";
    const struct archive_limits few = {.unpacked_max = 11, .free_len = 11, .ratio_max = 1};
    struct list list = {.names = ""};
    make_zip(path, "0123456", "01234");
    cr_assert_eq(archive_reader_list(path, &few, add_name, &list, &errors), BYTE_SOURCE_ERROR);
    cr_assert_str_eq(list.names, "a ");
    cr_assert_not_null(strstr(cause(0), "unpacks to 12 bytes or more, where 11 are allowed"));
    make_zip(path, "0123456", "0123");
    list = (struct list){.names = ""};
    cr_assert_eq(archive_reader_list(path, &few, add_name, &list, &errors), BYTE_SOURCE_OK);
    cr_assert_str_eq(list.names, "a b ");
    unlink(path);
}
