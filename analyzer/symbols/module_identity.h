/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SYMBOLS_MODULE_IDENTITY_H
#define ANALYZER_SYMBOLS_MODULE_IDENTITY_H

/* The build of a module, as far as a trace tells it. */

#include <stdbool.h>
#include <stdint.h>

#include "base/guid.h"

struct module_identity {
    const char *name;   /* bare file name of the image; borrowed */
    uint64_t size;      /* bytes of the image in memory; 0: unknown */
    uint32_t timestamp; /* of the PE header; 0: unknown */
    bool has_pdb;       /* the three below are known */
    struct guid pdb_guid;
    uint32_t pdb_age;
    const char *pdb_name; /* path or bare name, as the linker wrote it; borrowed */
};

#endif
