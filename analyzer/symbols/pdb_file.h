/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SYMBOLS_PDB_FILE_H
#define ANALYZER_SYMBOLS_PDB_FILE_H

/* Reads from a PDB file what identifies the build that it belongs to. */

#include <stdbool.h>
#include <stdint.h>

#include "base/byte_source.h"
#include "base/error_chain.h"
#include "base/guid.h"

struct pdb_file {
    struct guid guid;
    uint32_t age; /* of the DBI stream, which is what images name; else of the PDB stream */
};

/* Fills *pdb. False: a cause with its offset was appended to `errors`, and *pdb is zeros. */
bool pdb_file_read(struct byte_source *source, struct pdb_file *pdb, struct error_chain *errors);

#endif
