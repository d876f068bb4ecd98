/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_NAME_MODULES_H
#define ANALYZER_NAME_MODULES_H

/* The modules of a trace, each once. */

#include <stddef.h>

#include "analyzer/module.h"
#include "analyzer/name_texts.h"
#include "analyzer/name_volumes.h"

struct name_modules;

/* Texts and volumes are borrowed for as long as the modules live. NULL: no memory. */
struct name_modules *name_modules_create(struct name_texts *texts,
                                         const struct name_volumes *volumes);
void name_modules_destroy(struct name_modules *modules); /* takes NULL */

/* The members of a module that an image tells. Texts are kept ones. */
struct module_facts {
    const char *path; /* as traced, never empty */
    uint64_t size;    /* bytes */
    uint32_t timestamp;
    const char *version;
    const char *pdb_path; /* NULL: no PDB is known */
    bool pdb_is_managed;
    struct guid pdb_guid;
    uint32_t pdb_age;
};

/* The module of which these facts are known. NULL: no memory. */
const struct module *name_modules_get(struct name_modules *modules,
                                      const struct module_facts *facts);

/* The bytes that the modules take, their texts aside. */
size_t name_modules_bytes(const struct name_modules *modules);

/* Gives all modules the paths that follow from the volumes added since. False: no memory. */
bool name_modules_renew_paths(struct name_modules *modules);

#endif
