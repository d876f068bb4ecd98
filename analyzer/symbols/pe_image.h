/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SYMBOLS_PE_IMAGE_H
#define ANALYZER_SYMBOLS_PE_IMAGE_H

/* Reads from a PE file (.exe, .dll, .sys) what identifies its build. */

#include <stdbool.h>
#include <stdint.h>

#include "base/byte_source.h"
#include "base/error_chain.h"
#include "base/guid.h"

#define PE_PDB_NAME_MAX 1024 /* bytes with the NUL; a longer name is cut */

struct pe_image {
    uint32_t size;      /* bytes of the image in memory */
    uint32_t timestamp; /* TimeDateStamp, or what a reproducible build puts in its place */
    bool has_symbols;   /* a table of symbols, as mingw writes beside DWARF and strip takes away */
    bool has_pdb;       /* the debug directory has a CodeView entry: the three below */
    struct guid pdb_guid;
    uint32_t pdb_age;
    char pdb_name[PE_PDB_NAME_MAX]; /* bytes of the file up to a NUL: usually an absolute path */
};

/* Fills *image. False: a cause with its offset was appended to `errors`, and *image is zeros. */
bool pe_image_read(struct byte_source *source, struct pe_image *image, struct error_chain *errors);

#endif
