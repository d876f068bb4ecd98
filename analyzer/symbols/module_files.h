/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SYMBOLS_MODULE_FILES_H
#define ANALYZER_SYMBOLS_MODULE_FILES_H

/*
 * The image and the PDB of one build of a module. llvm-symbolizer takes any PDB that lies beside an
 * image and tells of its functions and lines, which are another build's then; so every file is
 * compared with what the trace says of the module, and a file of another build is refused.
 */

#include "analyzer/symbols/module_identity.h"
#include "analyzer/symbols/symbol_path.h"

#define MODULE_FILES_PROBLEM_MAX 600

struct module_files {
    char *image;         /* owned path; NULL: not found */
    char *pdb;           /* owned path; NULL: not found, or the image names none */
    char pdb_name[256];  /* under which llvm-symbolizer looks for the PDB beside the image */
    uint32_t image_size; /* bytes in memory, of the image that was found */
    /* Functions can be told by these files. Not where all that an image has is the names of its
     * exports, of which llvm-symbolizer gives the nearest one; and not where it names a PDB by a
     * path at which another file lies, which llvm-symbolizer would read. */
    bool usable;
    /* A sentence without full stop about a file that was refused or is missing beside another;
     * "" where there is nothing to tell. Holds raw text of the trace and of paths. */
    char problem[MODULE_FILES_PROBLEM_MAX];
};

/* Looks for the files of a module. False: no memory; *files must be given back all the same. */
bool module_files_find(const struct symbol_path *path, const struct module_identity *identity,
                       struct module_files *files);
void module_files_finish(struct module_files *files);

/* The names of a symbol server's folders: GUID and age for a PDB, time stamp and size for an image.
 * The second is for identities with a time stamp and a size. */
#define MODULE_ID_LEN 48
void module_files_pdb_id(const struct guid *guid, uint32_t age, char text[MODULE_ID_LEN]);
void module_files_image_id(uint32_t timestamp, uint64_t size, char text[MODULE_ID_LEN]);

/* The last component of a path of Windows, or of Linux. */
const char *module_files_base_name(const char *path);

#endif
