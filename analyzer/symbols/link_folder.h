/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SYMBOLS_LINK_FOLDER_H
#define ANALYZER_SYMBOLS_LINK_FOLDER_H

/*
 * A folder of our own, in $TMPDIR, with links to images and their PDBs side by side: the only way
 * in which llvm-symbolizer finds a PDB. One subfolder a module.
 */

#include <stdbool.h>
#include <stddef.h>

#define LINK_FOLDER_PATH_MAX 4096

struct link_folder {
    char path[LINK_FOLDER_PATH_MAX]; /* "": not made */
    size_t count;                    /* subfolders */
};

/* False: it can't be made, and errno says why. */
bool link_folder_init(struct link_folder *folder);

/* Links to an image and, if not NULL, to its PDB under the name `pdb_name`, a bare file name. Puts
 * the path of the image's link into `link`: it has no quotes, spaces at its end or control
 * characters. False: errno says why. */
bool link_folder_add(struct link_folder *folder, const char *image, const char *pdb,
                     const char *pdb_name, char link[LINK_FOLDER_PATH_MAX]);

/* Removes all of it. */
void link_folder_finish(struct link_folder *folder);

#endif
