/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/symbols/pdb_file.h"
#include "analyzer/symbols/pe_image.h"
#include "tests/unit/symbol_bytes.h"

/* ---- readers ---- */

static uint8_t pe[PE_BYTES_LEN], pdb_bytes[PDB_BYTES_LEN];
static struct error_chain errors;

static bool read_pe(size_t len, struct pe_image *image)
{
    struct byte_source *source;
    error_chain_init(&errors);
    byte_source_open_memory(pe, len, &source, &errors);
    bool read = pe_image_read(source, image, &errors);
    byte_source_destroy(source);
    return read;
}

static bool read_pdb(size_t len, struct pdb_file *pdb)
{
    struct byte_source *source;
    error_chain_init(&errors);
    byte_source_open_memory(pdb_bytes, len, &source, &errors);
    bool read = pdb_file_read(source, pdb, &errors);
    byte_source_destroy(source);
    return read;
}

static void make_files(void)
{
    make_pe(pe);
    make_pdb(pdb_bytes);
}

TestSuite(pe_image, .init = make_files);
TestSuite(pdb_file, .init = make_files);

Test(pe_image, tells_size_time_stamp_and_pdb)
{
    struct pe_image image;
    cr_assert(read_pe(sizeof pe, &image));
    cr_assert_eq(image.size, 0x5000);
    cr_assert_eq(image.timestamp, 0x12345678);
    cr_assert(image.has_pdb);
    cr_assert_eq(image.pdb_age, 3);
    cr_assert_eq(image.pdb_guid.bytes[15], 0xAF);
    cr_assert_str_eq(image.pdb_name, "C:\\b\\app.pdb");
}

Test(pe_image, without_a_debug_directory_has_no_pdb)
{
    struct pe_image image;
    put_u32(pe + 0x98 + 112 + 52, 0);
    cr_assert(read_pe(sizeof pe, &image));
    cr_assert_not(image.has_pdb);
    cr_assert_eq(image.size, 0x5000);
}

Test(pe_image, of_any_shorter_length_is_read_or_refused)
{
    struct pe_image image;
    for (size_t len = 0; len < sizeof pe; len++) {
        bool read = read_pe(len, &image);
        cr_assert(read || errors.count == 1, "%zu: %u causes", len, errors.count);
        cr_assert(read || image.size == 0);
    }
}

Test(pe_image, with_a_debug_directory_in_no_section_is_refused)
{
    struct pe_image image;
    put_u32(pe + 0x98 + 112 + 48, 0x9000);
    cr_assert_not(read_pe(sizeof pe, &image));
    cr_assert(strstr(errors.causes[0].text, "0x9000") != NULL);
}

Test(pe_image, with_its_header_behind_the_end_is_refused)
{
    struct pe_image image;
    put_u32(pe + 0x3C, UINT32_MAX);
    cr_assert_not(read_pe(sizeof pe, &image));
    cr_assert_eq(errors.causes[0].offset, UINT32_MAX);
}

Test(pdb_file, has_the_guid_of_one_stream_and_the_age_of_another)
{
    struct pdb_file pdb;
    cr_assert(read_pdb(sizeof pdb_bytes, &pdb));
    cr_assert_eq(pdb.age, 3);
    cr_assert_eq(pdb.guid.bytes[0], 0xA0);
}

Test(pdb_file, without_a_dbi_stream_has_the_age_beside_its_guid)
{
    struct pdb_file pdb;
    put_u32(pdb_bytes + 4 * 512, 3);
    memmove(pdb_bytes + 4 * 512 + 16, pdb_bytes + 4 * 512 + 20, 4);
    cr_assert(read_pdb(sizeof pdb_bytes, &pdb));
    cr_assert_eq(pdb.age, 9);
}

Test(pdb_file, of_any_shorter_length_is_refused)
{
    struct pdb_file pdb;
    for (size_t len = 0; len < 6 * 512 + 12; len++) {
        cr_assert_not(read_pdb(len, &pdb), "%zu", len);
        cr_assert(errors.count > 0);
    }
}

Test(pdb_file, with_absurd_blocks_is_refused)
{
    struct pdb_file pdb;
    put_u32(pdb_bytes + 52, 0x7FFFFFFF);
    cr_assert_not(read_pdb(sizeof pdb_bytes, &pdb));
    make_pdb(pdb_bytes);
    put_u32(pdb_bytes + 32, 0);
    cr_assert_not(read_pdb(sizeof pdb_bytes, &pdb));
    make_pdb(pdb_bytes);
    put_u32(pdb_bytes + 44, 3);
    cr_assert_not(read_pdb(sizeof pdb_bytes, &pdb));
}

/* ---- no images, no PDBs, and limits ---- */

static void expect_no_pe(const char *cause)
{
    struct pe_image image = {.size = 1};
    cr_assert_not(read_pe(sizeof pe, &image), "%s", cause);
    cr_assert_not_null(strstr(errors.causes[0].text, cause), "%s: %s", cause,
                       errors.causes[0].text);
    cr_assert_eq(image.size, 0);
}

static bool has_pdb(void)
{
    struct pe_image image;
    cr_assert(read_pe(sizeof pe, &image), "%s", errors.count > 0 ? errors.causes[0].text : "");
    return image.has_pdb;
}

Test(pe_image, names_what_is_no_image)
{
    pe[1] = 'X';
    expect_no_pe("without \"MZ\"");
    make_pe(pe);
    pe[0x81] = 'X';
    expect_no_pe("without \"PE\"");
    make_pe(pe);
    put_u16(pe + 0x98, 0x107);
    expect_no_pe("magic 0x107 and 240 bytes");
    make_pe(pe);
    put_u16(pe + 0x94, 111);
    expect_no_pe("magic 0x20b and 111 bytes");
    make_pe(pe);
    put_u16(pe + 0x94, 1);
    expect_no_pe("magic 0x0 and 1 bytes");
}

Test(pe_image, of_32_bits_has_its_directories_elsewhere)
{
    struct pe_image image;
    put_u16(pe + 0x98, 0x10B);
    memmove(pe + 0x98 + 92, pe + 0x98 + 108, 4 + 64);
    cr_assert(read_pe(sizeof pe, &image));
    cr_assert_eq(image.size, 0x5000);
    cr_assert(image.has_pdb);
    put_u16(pe + 0x94, 95);
    expect_no_pe("magic 0x10b and 95 bytes");
}

Test(pe_image, directories_end_where_the_header_says)
{
    put_u32(pe + 0x98 + 108, 7);
    cr_assert(has_pdb());
    put_u32(pe + 0x98 + 108, 6);
    cr_assert_not(has_pdb());
    make_pe(pe);
    memmove(pe + 0x98 + 168, pe + 0x98 + 240, 40); /* sections follow the header */
    put_u16(pe + 0x94, 168);
    cr_assert(has_pdb());
    make_pe(pe);
    put_u16(pe + 0x94, 167);
    cr_assert_not(has_pdb(), "the entry of the debug directory is cut");
}

Test(pe_image, an_address_is_of_the_section_that_holds_it)
{
    put_u32(pe + 0x98 + 240 + 12, 0x2010);
    put_u32(pe + 0x98 + 240 + 20, 0x410);
    put_u32(pe + 0x98 + 240 + 16, 1);
    cr_assert(has_pdb(), "the section begins there");
    put_u32(pe + 0x98 + 240 + 12, 0x2011);
    expect_no_pe("0x2010");
    put_u32(pe + 0x98 + 240 + 12, 0x200f);
    expect_no_pe("0x2010");
    put_u32(pe + 0x98 + 240 + 16, 2);
    put_u32(pe + 0x98 + 240 + 20, 0x40f);
    cr_assert(has_pdb(), "the section's last byte");
}

Test(pe_image, codeview_of_another_kind_is_passed_over)
{
    memcpy(pe + 0x500, "NB10", 4);
    cr_assert_not(has_pdb());
    make_pe(pe);
    put_u32(pe + 0x410 + 28 + 16, 23);
    cr_assert_not(has_pdb(), "too short for a GUID");
    put_u32(pe + 0x410 + 28 + 16, 24);
    cr_assert(has_pdb());
    make_pe(pe);
    put_u32(pe + 0x410 + 28 + 12, 3);
    cr_assert_not(has_pdb(), "no CodeView");
}

Test(pe_image, tells_whether_it_has_a_table_of_symbols)
{
    struct pe_image image;
    cr_assert(read_pe(sizeof pe, &image));
    cr_assert_not(image.has_symbols);
    put_u32(pe + 0x80 + 12, 1);
    cr_assert(read_pe(sizeof pe, &image));
    cr_assert_not(image.has_symbols, "a place without symbols");
    put_u32(pe + 0x80 + 16, 1);
    cr_assert(read_pe(sizeof pe, &image));
    cr_assert(image.has_symbols);
}

static void expect_no_pdb(const char *cause)
{
    struct pdb_file pdb = {.age = 1};
    cr_assert_not(read_pdb(sizeof pdb_bytes, &pdb), "%s", cause);
    cr_assert_not_null(strstr(errors.causes[0].text, cause), "%s: %s", cause,
                       errors.causes[0].text);
    cr_assert_eq(pdb.age, 0);
}

static uint32_t age_of(void)
{
    struct pdb_file pdb;
    cr_assert(read_pdb(sizeof pdb_bytes, &pdb), "%s",
              errors.count > 0 ? errors.causes[0].text : "");
    return pdb.age;
}

Test(pdb_file, names_what_is_no_pdb)
{
    pdb_bytes[0] = 'm';
    expect_no_pdb("signature");
    make_pdb(pdb_bytes);
    put_u32(pdb_bytes + 32, 511);
    expect_no_pdb("blocks of 511 bytes; 512 to 65536 are possible");
    put_u32(pdb_bytes + 32, 65537);
    expect_no_pdb("blocks of 65537 bytes");
    put_u32(pdb_bytes + 32, 65536);
    expect_no_pdb("bytes of a PDB file are wanted here");
    make_pdb(pdb_bytes);
    put_u32(pdb_bytes + 40, 3);
    expect_no_pdb("block 3 of a PDB file that has 3");
    make_pdb(pdb_bytes);
    put_u32(pdb_bytes + 44, 4 * 7 - 1);
    expect_no_pdb("the stream directory ends at 27 bytes; byte 24 of it is wanted");
}

Test(pdb_file, without_the_stream_of_its_guid_is_refused)
{
    put_u32(pdb_bytes + 4 * 512, 1);
    expect_no_pdb("without the stream of its GUID");
    make_pdb(pdb_bytes);
    put_u32(pdb_bytes + 4 * 512 + 8, 27);
    expect_no_pdb("without the stream of its GUID");
}

Test(pdb_file, a_dbi_stream_that_is_too_short_counts_as_none)
{
    put_u32(pdb_bytes + 4 * 512 + 16, 12);
    cr_assert_eq(age_of(), 3);
    put_u32(pdb_bytes + 4 * 512 + 16, 11);
    cr_assert_eq(age_of(), 9);
}

/* A stream's blocks stand behind those of the streams before it, the last of which may be full. */
Test(pdb_file, finds_a_stream_behind_longer_ones)
{
    static const struct {
        uint32_t size, blocks;
    } before[] = {{0, 0}, {UINT32_MAX, 0}, {1, 1}, {512, 1}, {513, 2}, {1024, 2}, {1025, 3}};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        make_pdb(pdb_bytes);
        put_u32(pdb_bytes + 44, 4 * (1 + 4 + before[i].blocks + 2));
        put_u32(pdb_bytes + 4 * 512 + 4, before[i].size);
        uint8_t *blocks = pdb_bytes + 4 * 512 + 20;
        memset(blocks, 0, 4 * before[i].blocks);
        put_u32(blocks + 4 * before[i].blocks, 5);
        put_u32(blocks + 4 * before[i].blocks + 4, 6);
        cr_assert_eq(age_of(), 3, "%u bytes", before[i].size);
    }
}
