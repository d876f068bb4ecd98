/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/symbols/pe_image.h"

#include <inttypes.h>
#include <string.h>

#include "base/byte_reader.h"
#include "base/least.h"

/* Offsets and sizes of the PE format (Microsoft, "PE Format"). */
#define DOS_HEADER_LEN 64
#define DOS_PE_OFFSET 0x3C
#define FILE_HEADER_LEN 24 /* the signature and the COFF header behind it */
#define OPTIONAL_MAGIC_32 0x10B
#define OPTIONAL_MAGIC_64 0x20B
#define OPTIONAL_MAX_LEN 1024 /* 240 in every known file */
#define OPTIONAL_SIZE_OF_IMAGE 56
#define DIRECTORIES_OFFSET_32 96
#define DIRECTORIES_OFFSET_64 112
#define DIRECTORY_LEN 8
#define DIRECTORY_DEBUG 6
#define SECTION_LEN 40
#define DEBUG_ENTRY_LEN 28
#define DEBUG_ENTRIES_MAX 64 /* linkers write up to about 6 */
#define DEBUG_TYPE_CODEVIEW 2
#define RSDS_HEAD_LEN 24

struct pe_reader {
    struct byte_source *source;
    struct error_chain *errors;
    uint64_t sections_offset;
    uint32_t section_count;
    uint32_t debug_rva, debug_len;
};

static bool read_at(struct pe_reader *reader, uint64_t offset, uint8_t *bytes, size_t len)
{
    uint64_t size = reader->source->size;
    if (offset > size || len > size - offset) {
        error_chain_add(reader->errors, offset,
                        "%zu bytes of a PE file are wanted here, but the file has %" PRIu64, len,
                        size);
        return false;
    }
    return byte_source_read(reader->source, offset, bytes, len, reader->errors) == BYTE_SOURCE_OK;
}

static bool read_optional(struct pe_reader *reader, uint64_t offset, size_t len,
                          struct pe_image *image)
{
    uint8_t bytes[OPTIONAL_MAX_LEN];
    len = len > sizeof bytes ? sizeof bytes : len;
    if (!read_at(reader, offset, bytes, len)) {
        return false;
    }
    uint16_t magic = len >= 2 ? load_u16(bytes) : 0;
    size_t directories = magic == OPTIONAL_MAGIC_64 ? DIRECTORIES_OFFSET_64 : DIRECTORIES_OFFSET_32;
    if ((magic != OPTIONAL_MAGIC_32 && magic != OPTIONAL_MAGIC_64) || len < directories) {
        error_chain_add(reader->errors, offset,
                        "an optional header of magic 0x%x and %zu bytes is no PE image's", magic,
                        len);
        return false;
    }
    image->size = load_u32(bytes + OPTIONAL_SIZE_OF_IMAGE);
    uint32_t count = load_u32(bytes + directories - 4);
    size_t debug = directories + (size_t)DIRECTORY_DEBUG * DIRECTORY_LEN;
    if (count > DIRECTORY_DEBUG && len >= debug + DIRECTORY_LEN) {
        reader->debug_rva = load_u32(bytes + debug);
        reader->debug_len = load_u32(bytes + debug + 4);
    }
    return true;
}

static bool read_headers(struct pe_reader *reader, struct pe_image *image)
{
    uint8_t dos[DOS_HEADER_LEN], head[FILE_HEADER_LEN];
    if (!read_at(reader, 0, dos, sizeof dos)) {
        return false;
    }
    if (memcmp(dos, "MZ", 2) != 0) {
        error_chain_add(reader->errors, 0, "no PE image: it begins without \"MZ\"");
        return false;
    }
    uint64_t offset = load_u32(dos + DOS_PE_OFFSET);
    if (!read_at(reader, offset, head, sizeof head)) {
        return false;
    }
    if (memcmp(head, "PE\0\0", 4) != 0) {
        error_chain_add(reader->errors, offset, "no PE image: its header begins without \"PE\"");
        return false;
    }
    image->timestamp = load_u32(head + 8);
    image->has_symbols = load_u32(head + 12) != 0 && load_u32(head + 16) != 0;
    reader->section_count = load_u16(head + 6);
    size_t optional_len = load_u16(head + 20);
    reader->sections_offset = offset + sizeof head + optional_len;
    return read_optional(reader, offset + sizeof head, optional_len, image);
}

/* The place in the file of an address of the image. False: no section holds it. */
static bool offset_of_rva(struct pe_reader *reader, uint32_t rva, uint64_t *offset)
{
    for (uint32_t i = 0; i < reader->section_count; i++) {
        uint8_t section[SECTION_LEN];
        if (!read_at(reader, reader->sections_offset + (uint64_t)i * sizeof section, section,
                     sizeof section)) {
            return false;
        }
        uint32_t start = load_u32(section + 12), len = load_u32(section + 16);
        if (rva >= start && rva - start < len) {
            *offset = (uint64_t)load_u32(section + 20) + (rva - start);
            return true;
        }
    }
    error_chain_add(
        reader->errors, ERROR_NO_OFFSET,
        "no section of the PE image holds the address 0x%" PRIx32 " of its debug directory", rva);
    return false;
}

/* A CodeView entry of another kind than RSDS names no GUID, and is passed over. */
static bool read_codeview(struct pe_reader *reader, uint64_t offset, uint32_t len,
                          struct pe_image *image)
{
    uint8_t head[RSDS_HEAD_LEN];
    if (len < sizeof head) {
        return true;
    }
    if (!read_at(reader, offset, head, sizeof head)) {
        return false;
    }
    if (memcmp(head, "RSDS", 4) != 0) {
        return true;
    }
    size_t name_len = len - sizeof head;
    name_len = name_len < PE_PDB_NAME_MAX ? name_len : PE_PDB_NAME_MAX - 1;
    if (!read_at(reader, offset + sizeof head, (uint8_t *)image->pdb_name, name_len)) {
        return false;
    }
    image->has_pdb = true;
    memcpy(image->pdb_guid.bytes, head + 4, sizeof image->pdb_guid.bytes);
    image->pdb_age = load_u32(head + 20);
    return true;
}

static bool read_debug_directory(struct pe_reader *reader, struct pe_image *image)
{
    uint64_t offset;
    size_t count = least_size(reader->debug_len / DEBUG_ENTRY_LEN, DEBUG_ENTRIES_MAX);
    if (count == 0 || reader->debug_rva == 0) {
        return true;
    }
    if (!offset_of_rva(reader, reader->debug_rva, &offset)) {
        return false;
    }
    for (size_t i = 0; i < count && !image->has_pdb; i++) {
        uint8_t entry[DEBUG_ENTRY_LEN];
        if (!read_at(reader, offset + i * sizeof entry, entry, sizeof entry)) {
            return false;
        }
        if (load_u32(entry + 12) == DEBUG_TYPE_CODEVIEW &&
            !read_codeview(reader, load_u32(entry + 24), load_u32(entry + 16), image)) {
            return false;
        }
    }
    return true;
}

bool pe_image_read(struct byte_source *source, struct pe_image *image, struct error_chain *errors)
{
    struct pe_reader reader = {.source = source, .errors = errors};
    memset(image, 0, sizeof *image);
    if (read_headers(&reader, image) && read_debug_directory(&reader, image)) {
        return true;
    }
    memset(image, 0, sizeof *image);
    return false;
}
