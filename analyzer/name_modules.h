#ifndef ANALYZER_NAME_MODULES_H
#define ANALYZER_NAME_MODULES_H

/* The modules of a trace, each once. */

#include <stddef.h>

#include "analyzer/module.h"
#include "analyzer/name_texts.h"

struct name_modules;

/* `texts` is borrowed for as long as the modules live. NULL: no memory. */
struct name_modules *name_modules_create(struct name_texts *texts);
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

/* The part of a path behind its last separator; the whole where there is none. A separator at the
 * end belongs to the name. */
const char *bare_name(const char *path);

#endif
