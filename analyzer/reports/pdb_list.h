/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_PDB_LIST_H
#define ANALYZER_REPORTS_PDB_LIST_H

/* The PDBs that would turn the frames of a report into functions and lines. */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/report.h"

#define PDB_LIST_MAX 16

struct pdb_list {
    const struct module *modules[PDB_LIST_MAX]; /* borrowed from the input; each has a PDB */
    size_t count;
    bool cut; /* there are more */
};

/* Collects the modules that the stacks of the printed findings lie in: the program's own ones
 * first, because their lines are those that somebody can mend. False: there is none, or symbols
 * were asked for. */
bool pdb_list_collect(struct pdb_list *list, const struct report_settings *settings,
                      const struct report_input *input);

#endif
