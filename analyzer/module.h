/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_MODULE_H
#define ANALYZER_MODULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/guid.h"

/*
 * The identity of an image file (.exe, .dll, .sys), as far as the trace tells it. Two images are
 * one module where everything that the trace tells of them is equal. A module lives as long as the
 * `struct names` that gave it, and its texts as long.
 */
struct module {
    unsigned index;   /* counts the modules of one `struct names` from 0 */
    const char *name; /* bare file name, never empty */
    /* The path in drive-letter form where the trace tells the letter, else as the trace has it;
     * NULL where only the name is known. Another text may take its place with each kernel event. */
    const char *path;
    uint64_t size;       /* bytes of the image in memory */
    uint32_t timestamp;  /* the file header's TimeDateStamp; 0: unknown */
    const char *version; /* "10.0.19041.1"; NULL: unknown */

    bool has_pdb;        /* the members that follow are known */
    bool pdb_is_managed; /* the PDB describes managed (IL) code, no machine code */
    struct guid pdb_guid;
    uint32_t pdb_age;
    const char *pdb_path; /* as the linker wrote it, often a bare name */
};

#endif
