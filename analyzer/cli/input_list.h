/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_INPUT_LIST_H
#define ANALYZER_CLI_INPUT_LIST_H

/*
 * Inputs as a command reads them: folders and archives become the .etl files in them, and
 * --files-from adds the paths of a list.
 */

#include <stdbool.h>

#include "analyzer/cli/command_line.h"

#define INPUT_LIST_MAX 1000000 /* inputs of a run; a slip such as a whole disk ends there */
#define INPUT_FOLDERS_MAX 64   /* folders within folders */

/* Puts the inputs into options->paths, in the order given; a folder's files in order of name, each
 * folder's and archive's at the place of its name. Folders behind symbolic links within a folder
 * are left out. A subfolder that can't be read stays in the list, so that opening it says why; a
 * damaged archive, too, behind what could be listed of it. False: a message is printed (an empty
 * list, a folder without .etl files, a list that can't be read), exit 2. */
bool input_list_expand(struct options *options);

#endif
