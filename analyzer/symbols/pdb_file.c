/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/symbols/pdb_file.h"

#include <inttypes.h>
#include <string.h>

#include "base/load.h"

/* The container of PDB files, MSF 7.0 (LLVM, "The MSF File Format"): streams in blocks, and a
 * directory, in blocks as well, that tells the size and the blocks of each stream. */
#define MAGIC                                                                                      \
    "Microsoft C/C++ MSF 7.00\r\n\x1a"                                                             \
    "DS\0\0\0"
#define MAGIC_LEN 32
#define SUPERBLOCK_LEN 56
#define BLOCK_MIN 512
#define BLOCK_MAX 65536 /* linkers write 4,096 and, for large files, 8,192 to 32,768 */
#define STREAM_PDB 1
#define STREAM_DBI 3
#define PDB_HEAD_LEN 28
#define DBI_HEAD_LEN 12
#define NO_STREAM UINT32_MAX

struct msf {
    struct byte_source *source;
    struct error_chain *errors;
    uint32_t block_size, block_count, directory_len, map_block;
};

static bool read_at(struct msf *msf, uint64_t offset, uint8_t *bytes, size_t len)
{
    uint64_t size = msf->source->size;
    if (offset > size || len > size - offset) {
        error_chain_add(msf->errors, offset,
                        "%zu bytes of a PDB file are wanted here, but the file has %" PRIu64, len,
                        size);
        return false;
    }
    return byte_source_read(msf->source, offset, bytes, len, msf->errors) == BYTE_SOURCE_OK;
}

static bool read_superblock(struct msf *msf)
{
    uint8_t bytes[SUPERBLOCK_LEN];
    if (!read_at(msf, 0, bytes, sizeof bytes)) {
        return false;
    }
    if (memcmp(bytes, MAGIC, MAGIC_LEN) != 0) {
        error_chain_add(msf->errors, 0, "no PDB file: it begins without the signature of MSF 7.00");
        return false;
    }
    msf->block_size = load_u32(bytes + 32);
    msf->block_count = load_u32(bytes + 40);
    msf->directory_len = load_u32(bytes + 44);
    msf->map_block = load_u32(bytes + 52);
    if (msf->block_size < BLOCK_MIN || msf->block_size > BLOCK_MAX) {
        error_chain_add(msf->errors, 32, "blocks of %" PRIu32 " bytes; %d to %d are possible",
                        msf->block_size, BLOCK_MIN, BLOCK_MAX);
        return false;
    }
    return true;
}

static bool block_offset(struct msf *msf, uint32_t block, uint64_t *offset)
{
    if (block >= msf->block_count) {
        error_chain_add(msf->errors, ERROR_NO_OFFSET,
                        "block %" PRIu32 " of a PDB file that has %" PRIu32, block,
                        msf->block_count);
        return false;
    }
    *offset = (uint64_t)block * msf->block_size;
    return true;
}

/* The directory's number at `index`, counted in numbers of four bytes. */
static bool directory_number(struct msf *msf, uint64_t index, uint32_t *number)
{
    uint64_t at = index * 4, map_offset, offset;
    uint8_t bytes[4];
    if (msf->directory_len < 4 || at > msf->directory_len - 4) {
        error_chain_add(msf->errors, ERROR_NO_OFFSET,
                        "the stream directory ends at %" PRIu32 " bytes; byte %" PRIu64
                        " of it is wanted",
                        msf->directory_len, at);
        return false;
    }
    if (!block_offset(msf, msf->map_block, &map_offset) ||
        !read_at(msf, map_offset + at / msf->block_size * 4, bytes, sizeof bytes) ||
        !block_offset(msf, load_u32(bytes), &offset) ||
        !read_at(msf, offset + at % msf->block_size, bytes, sizeof bytes)) {
        return false;
    }
    *number = load_u32(bytes);
    return true;
}

/* The first bytes of a stream, which lie in its first block. *there is false, and nothing was
 * read, where the file has no such stream or a shorter one. */
static bool read_stream_head(struct msf *msf, uint32_t stream, uint8_t *bytes, size_t len,
                             bool *there)
{
    uint32_t count, size = 0, block;
    uint64_t blocks_before = 0, offset;
    *there = false;
    if (!directory_number(msf, 0, &count)) {
        return false;
    }
    if (stream >= count) {
        return true;
    }
    for (uint32_t i = 0; i <= stream; i++) {
        blocks_before += size == 0 ? 0 : ((uint64_t)size + msf->block_size - 1) / msf->block_size;
        if (!directory_number(msf, 1 + (uint64_t)i, &size)) {
            return false;
        }
        size = size == NO_STREAM ? 0 : size;
    }
    if (size < len) {
        return true;
    }
    *there = directory_number(msf, 1 + (uint64_t)count + blocks_before, &block) &&
             block_offset(msf, block, &offset) && read_at(msf, offset, bytes, len);
    return *there;
}

static bool read_identity(struct msf *msf, struct pdb_file *pdb)
{
    uint8_t head[PDB_HEAD_LEN], dbi[DBI_HEAD_LEN];
    bool there;
    if (!read_stream_head(msf, STREAM_PDB, head, sizeof head, &there)) {
        return false;
    }
    if (!there) {
        error_chain_add(msf->errors, ERROR_NO_OFFSET, "a PDB file without the stream of its GUID");
        return false;
    }
    memcpy(pdb->guid.bytes, head + 12, sizeof pdb->guid.bytes);
    pdb->age = load_u32(head + 8);
    if (!read_stream_head(msf, STREAM_DBI, dbi, sizeof dbi, &there)) {
        return false;
    }
    if (there) {
        pdb->age = load_u32(dbi + 8);
    }
    return true;
}

bool pdb_file_read(struct byte_source *source, struct pdb_file *pdb, struct error_chain *errors)
{
    struct msf msf = {.source = source, .errors = errors};
    memset(pdb, 0, sizeof *pdb);
    if (read_superblock(&msf) && read_identity(&msf, pdb)) {
        return true;
    }
    memset(pdb, 0, sizeof *pdb);
    return false;
}
